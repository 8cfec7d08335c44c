import { catalogue } from "../../i18n";
import { fr } from "./words.fr";

/** For whom a person acts. */
export const accountWords = catalogue(fr, () => import("./words.en"));
