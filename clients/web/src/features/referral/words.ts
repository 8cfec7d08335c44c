import { catalogue } from "../../i18n";
import { fr } from "./words.fr";

/** Referring a patient, and what became of it. */
export const referralWords = catalogue(fr, () => import("./words.en"));
