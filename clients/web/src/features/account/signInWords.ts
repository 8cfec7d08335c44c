import { catalogue } from "../../i18n";
import { fr } from "./signInWords.fr";

/** Signing in. */
export const signInWords = catalogue(fr, () => import("./signInWords.en"));
