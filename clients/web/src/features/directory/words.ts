import { catalogue } from "../../i18n";
import { fr } from "./words.fr";

/** The directory. */
export const directoryWords = catalogue(fr, () => import("./words.en"));
