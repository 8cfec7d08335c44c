import { clock, words } from "../i18n";
import { Icon } from "./Icon";
import type { IconName } from "./icons";

type State = "up-to-date" | "sending" | "catching-up" | "connecting" | "offline" | "away";

const LOOKS: Record<State, [string, IconName]> = {
  "up-to-date": ["", "check"],
  sending: ["wait", "refresh"],
  "catching-up": ["wait", "refresh"],
  connecting: ["wait", "refresh"],
  offline: ["off", "wifioff"],
  away: ["off", "alert"],
};

/** Whether what is on the screen is what the server has, and the server what was written here. */
export function Sync({ state }: { state: State }) {
  const [look, icon] = LOOKS[state];
  return (
    <span class={`sync ${look}`} role="status" data-state={state}>
      <Icon name={icon} size="xs" />
      {words.value.sync[state]}
    </span>
  );
}

/** How old what is on the screen is; nothing while it is up to date. `since` in milliseconds. */
export function ShownAsOf({ since, state }: { since: number | null; state: State }) {
  if (since === null) return null;
  const isOnItsWay = state !== "offline" && state !== "away";
  return <p class="as-of">{words.value.sync.asOf(clock(since), isOnItsWay)}</p>;
}
