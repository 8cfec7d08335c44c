/** For whom a person acts, in English: the keys of the French. */

import { isolated } from "../../i18n/format";
import type { fr } from "./words.fr";

export const en: typeof fr = {
  organisation: "Organisation for which you act",
  actingFor: name => `You now act for ${isolated(name)}.`,
};
