import { catalogue } from "../../i18n";
import { fr } from "./words.fr";

/** Verifications that moderators decide on. */
export const moderationWords = catalogue(fr, () => import("./words.en"));
