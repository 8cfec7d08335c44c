import { catalogue } from "../../i18n";
import { fr } from "./shortcutWords.fr";

/** The keyboard’s shortcuts. */
export const shortcutWords = catalogue(fr, () => import("./shortcutWords.en"));
