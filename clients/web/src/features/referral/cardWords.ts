import { catalogue } from "../../i18n";
import { fr } from "./cardWords.fr";

/** A referral in a thread. */
export const cardWords = catalogue(fr, () => import("./cardWords.en"));
