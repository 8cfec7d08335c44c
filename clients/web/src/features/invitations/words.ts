import { catalogue } from "../../i18n";
import { fr } from "./words.fr";

/** Invitations. */
export const invitationWords = catalogue(fr, () => import("./words.en"));
