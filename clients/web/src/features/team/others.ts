/** The other members of an organisation, to choose one of them. */

import { useEffect, useState } from "preact/hooks";
import { call } from "../../runtime/runtime";
import type { OrganisationMember } from "../../wire/types";

/** Of members that are offered, at most. */
const PAGES = 6;

/** Everybody else in the organisation, page by page; of very many the first are enough to choose from. */
export function useOthers(organisation: string, person: string | undefined): OrganisationMember[] {
  const [others, setOthers] = useState<OrganisationMember[]>([]);
  useEffect(() => {
    let isHere = true;
    const load = async (): Promise<void> => {
      const found: OrganisationMember[] = [];
      for (let cursor: string | undefined, page = 0; page < PAGES; page += 1) {
        const from = cursor === undefined ? {} : { cursor };
        const outcome = await call("organisation.members", { organisation, only: "members", ...from });
        if (!outcome.ok || !isHere) break;
        found.push(...outcome.value.members.filter(one => one.person && one.person !== person));
        setOthers([...found]);
        cursor = outcome.value.cursor;
        if (cursor === undefined) break;
      }
    };
    void load();
    return () => {
      isHere = false;
    };
  }, [organisation, person]);
  return others;
}
