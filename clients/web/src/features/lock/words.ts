import { catalogue } from "../../i18n";
import { fr } from "./words.fr";

/** The locked device. */
export const lockWords = catalogue(fr, () => import("./words.en"));
