import { catalogue } from "../../i18n";
import { fr } from "./settingsWords.fr";

/** The page of one’s own account. */
export const settingsWords = catalogue(fr, () => import("./settingsWords.en"));
