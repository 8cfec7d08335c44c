import { catalogue } from "../../i18n";
import { fr } from "./documents.fr";

/** The two texts that everybody agrees to. */
export const documentWords = catalogue(fr, () => import("./documents.en"));
