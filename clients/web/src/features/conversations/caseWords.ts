import { catalogue } from "../../i18n";
import { fr } from "./caseWords.fr";

/** Cases: opening one, where it stands, its end. */
export const caseWords = catalogue(fr, () => import("./caseWords.en"));
