import { catalogue } from "../../i18n";
import { fr } from "./words.fr";

/** The list of conversations and a thread. */
export const conversationWords = catalogue(fr, () => import("./words.en"));
