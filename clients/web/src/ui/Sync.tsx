import { words } from "../i18n";
import { connection } from "../store";
import { Icon } from "./Icon";
import type { IconName } from "./icons";

const LOOKS: Record<string, [string, IconName]> = {
  "up-to-date": ["", "check"],
  "catching-up": ["wait", "refresh"],
  connecting: ["wait", "refresh"],
  offline: ["off", "wifioff"],
};

/** Whether what is on the screen is what the server has. */
export function Sync() {
  const { state } = connection.value;
  const [look, icon] = LOOKS[state] ?? ["", "check"];
  return (
    <span class={`sync ${look}`} role="status" data-state={state}>
      <Icon name={icon} size="xs" />
      {words.value.sync[state]}
    </span>
  );
}
