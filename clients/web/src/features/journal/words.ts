import { catalogue } from "../../i18n";
import { fr } from "./words.fr";

/** The audit. */
export const journalWords = catalogue(fr, () => import("./words.en"));
