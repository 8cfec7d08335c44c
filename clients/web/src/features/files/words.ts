import { catalogue } from "../../i18n";
import { fr } from "./words.fr";

/** Files in messages. */
export const fileWords = catalogue(fr, () => import("./words.en"));
