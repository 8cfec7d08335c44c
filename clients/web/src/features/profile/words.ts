import { catalogue } from "../../i18n";
import { fr } from "./words.fr";

/** One's own profile. */
export const profileWords = catalogue(fr, () => import("./words.en"));
