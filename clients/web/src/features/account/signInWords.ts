import { catalogue } from "../../i18n";
import { fr } from "./signInWords.fr";

/** Signing in, and waiting to be verified. */
export const signInWords = catalogue(fr, () => import("./signInWords.en"));
