/** What belongs to somebody and has a screen of its own. On a phone the tabs have no room for the team. */

import "./elsewhere.css";
import { href } from "../../runtime/routes";
import { Icon } from "../../ui/Icon";
import { shellWords } from "../shell/words";
import { settingsWords } from "./settingsWords";

export function Elsewhere() {
  const w = settingsWords.value;
  return (
    <nav class="card elsewhere" aria-label={w.elsewhere}>
      <a class="elsewhere-phone" href={href({ name: "team", organisation: null, tab: "members" })}>
        <Icon name="users" />
        <span class="grow">{shellWords.value.nav.sections.team}</span>
        <Icon name="right" size="s" />
      </a>
      <a href={href({ name: "contacts" })}>
        <Icon name="chat" />
        <span class="grow">{w.contacts}</span>
        <Icon name="right" size="s" />
      </a>
    </nav>
  );
}
