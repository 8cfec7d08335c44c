/** For whom a person acts, in French. */

import { isolated } from "../../i18n/format";

export const fr = {
  organisation: "Établissement pour lequel vous agissez",
  actingFor: (name: string) => `Vous agissez maintenant pour ${isolated(name)}.`,
};
