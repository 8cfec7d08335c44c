/** For which organisation one acts: chosen where there are several, said where there is one. */

import { useState } from "preact/hooks";
import { call } from "../../runtime/runtime";
import { toast } from "../../ui/announcer";
import { Icon } from "../../ui/Icon";
import { organisationName } from "../../ui/organisations";
import { explain } from "../../ui/problem";
import { askAgain, session } from "./state";
import { accountWords } from "./words";

export function Organisation() {
  const w = accountWords.value;
  const now = session.value;
  const me = now.state === "signed-in" ? now.me : null;
  const [busy, setBusy] = useState(false);
  const all = me?.organisations ?? [];
  const acting = all.find(one => one.id === me?.acting_for) ?? all[0];
  if (!acting) return null;
  if (all.length === 1) return <div class="t13 soft org">{organisationName(acting, all)}</div>;
  const choose = async (organisation: string) => {
    setBusy(true);
    const outcome = await call("session.act_for", { organisation });
    setBusy(false);
    if (!outcome.ok) return toast(explain(outcome.problem));
    // Everything that depends on it comes anew with the greeting.
    askAgain();
    toast(w.actingFor(all.find(one => one.id === organisation)?.name ?? ""));
  };
  return (
    <div class="t13 soft org choose">
      <select
        aria-label={w.organisation}
        value={acting.id}
        disabled={busy}
        onChange={event => void choose(event.currentTarget.value)}
      >
        {all.map(one => (
          <option key={one.id} value={one.id}>
            {organisationName(one, all)}
          </option>
        ))}
      </select>
      <Icon name="down" size="xs" />
    </div>
  );
}
