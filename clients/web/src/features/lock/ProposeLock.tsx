/** One calm line on a phone without a code, which proposes one. Put away, it does not come back for a month. */

import { useState } from "preact/hooks";
import { isPhone, lockConfig } from "../../runtime/lock";
import { href } from "../../runtime/routes";
import { Icon } from "../../ui/Icon";
import { lockWords } from "./words";

const KEY = "relais.lock_proposed";
const QUIET = 30 * 86_400_000;

function isDue(): boolean {
  try {
    return isPhone() && isSecureContext && Date.now() - Number(localStorage.getItem(KEY)) > QUIET;
  } catch {
    return false; // without storage nothing is kept here, and nothing remembers the answer
  }
}

export default function ProposeLock() {
  const w = lockWords.value.propose;
  const [due, setDue] = useState(isDue);
  if (!due || lockConfig.value) return null;
  const putAway = () => {
    localStorage.setItem(KEY, String(Date.now()));
    setDue(false);
  };
  return (
    <section class="note accent lock-propose" aria-label={w.title}>
      <Icon name="lock" size="s" />
      <p class="grow">
        {w.text} <a href={href({ name: "security" })}>{w.choose}</a>
      </p>
      <button type="button" class="icon-btn" aria-label={w.later} onClick={putAway}>
        <Icon name="x" size="s" />
      </button>
    </section>
  );
}
