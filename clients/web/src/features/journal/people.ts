/** Everybody whom the audit of an organisation may be about, by name. */

import { useEffect, useState } from "preact/hooks";
import { call } from "../../runtime/runtime";

/** Of members, at most. */
const PAGES = 6;

export function useEverybody(organisation: string): { id: string; name: string }[] {
  const [people, setPeople] = useState<{ id: string; name: string }[]>([]);
  useEffect(() => {
    let isHere = true;
    const load = async (): Promise<void> => {
      const found: { id: string; name: string }[] = [];
      for (let cursor: string | undefined, page = 0; page < PAGES; page += 1) {
        const from = cursor === undefined ? {} : { cursor };
        const outcome = await call("organisation.members", { organisation, only: "members", ...from });
        if (!outcome.ok || !isHere) return;
        for (const { person, name } of outcome.value.members) if (person) found.push({ id: person, name });
        setPeople([...found]);
        cursor = outcome.value.cursor;
        if (cursor === undefined) return;
      }
    };
    void load();
    return () => {
      isHere = false;
    };
  }, [organisation]);
  return people;
}
