import { catalogue } from "../../i18n";
import { fr } from "./words.fr";

/** What the screens of an organisation say. */
export const teamWords = catalogue(fr, () => import("./words.en"));
