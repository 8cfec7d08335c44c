import { catalogue } from "../../i18n";
import { fr } from "./messageWords.fr";

/** What can be done with a message. */
export const messageWords = catalogue(fr, () => import("./messageWords.en"));
