/** Who asks to be allowed to write: one line above the conversations, while somebody waits for an answer. */

import { href } from "../../runtime/routes";
import { Icon } from "../../ui/Icon";
import { contacts } from "../contacts/state";
import { memberWords } from "./memberWords";

export default function Waiting() {
  const asked = contacts.value.value?.requests ?? [];
  if (asked.length === 0) return null;
  return (
    <a class="conv waiting" href={href({ name: "contacts" })}>
      <Icon name="hand" />
      <span class="grow">{memberWords.value.asked(asked.length)}</span>
      <Icon name="right" size="s" />
    </a>
  );
}
