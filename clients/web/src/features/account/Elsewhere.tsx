/** What belongs to somebody and has a screen of its own: on a phone the tabs have no room for it. */

import "./elsewhere.css";
import { href } from "../../runtime/routes";
import { Icon } from "../../ui/Icon";
import { shellWords } from "../shell/words";

export function Elsewhere() {
  return (
    <nav class="card elsewhere" aria-label={shellWords.value.nav.sections.team}>
      <a href={href({ name: "team", organisation: null, tab: "members" })}>
        <Icon name="users" />
        <span class="grow">{shellWords.value.nav.sections.team}</span>
        <Icon name="right" size="s" />
      </a>
    </nav>
  );
}
