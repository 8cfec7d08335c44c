import { catalogue } from "../../i18n";
import { fr } from "./words.fr";

/** What the frame of the application says. */
export const shellWords = catalogue(fr, () => import("./words.en"));
