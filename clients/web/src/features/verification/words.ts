import { catalogue } from "../../i18n";
import { fr } from "./words.fr";

/** One's own verification. */
export const verificationWords = catalogue(fr, () => import("./words.en"));
