import { catalogue } from "../../i18n";
import { fr } from "./words.fr";

/** What stands beside the screens outside the application. */
export const entranceWords = catalogue(fr, () => import("./words.en"));
