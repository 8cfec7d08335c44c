import { catalogue } from "../../i18n";
import { fr } from "./words.fr";

/** The agenda. */
export const agendaWords = catalogue(fr, () => import("./words.en"));
