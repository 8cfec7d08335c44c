import { catalogue } from "../../i18n";
import { fr } from "./words.fr";

/** Who may write to one. */
export const contactWords = catalogue(fr, () => import("./words.en"));
