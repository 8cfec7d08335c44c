import { catalogue } from "../../i18n";
import { fr } from "./words.fr";

/** Making an account. */
export const signUpWords = catalogue(fr, () => import("./words.en"));
