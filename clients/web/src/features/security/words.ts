import { catalogue } from "../../i18n";
import { fr } from "./words.fr";

/** Second factor, devices and password. */
export const securityWords = catalogue(fr, () => import("./words.en"));
