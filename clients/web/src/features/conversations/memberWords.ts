import { catalogue } from "../../i18n";
import { fr } from "./memberWords.fr";

/** Participants, and a new conversation. */
export const memberWords = catalogue(fr, () => import("./memberWords.en"));
