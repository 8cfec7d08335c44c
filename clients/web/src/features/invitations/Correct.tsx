/** Another address for an invitation that did not arrive, typed where it stands. */

import { useState } from "preact/hooks";
import { email as checkedEmail } from "../../fields/fields";
import { words } from "../../i18n";
import { toast } from "../../ui/announcer";
import { Field } from "../../ui/Field";
import { explain } from "../../ui/problem";
import type { InvitationView } from "../../wire/types";
import { correct } from "./state";
import { invitationWords } from "./words";

export function Correct({ one, onClose }: { one: InvitationView; onClose: () => void }) {
  const w = invitationWords.value;
  const [email, setEmail] = useState(one.email ?? "");
  const [wrong, setWrong] = useState<string>();
  const submit = async (event: Event) => {
    event.preventDefault();
    const address = checkedEmail(email);
    if (!("value" in address) || !address.value) return setWrong(w.wrongAddress);
    const outcome = await correct(one.id, address.value);
    if (!outcome.ok) return setWrong(explain(outcome.problem));
    onClose();
    toast(w.resent);
  };
  return (
    <form class="iv-correct" noValidate onSubmit={event => void submit(event)}>
      <Field label={w.newAddress} error={wrong}>
        {parts => (
          <input
            {...parts}
            autofocus
            inputMode="email"
            value={email}
            onInput={event => setEmail(event.currentTarget.value)}
          />
        )}
      </Field>
      <div class="row wrap">
        <button type="button" class="btn line small" onClick={onClose}>
          {words.value.cancel}
        </button>
        <button type="submit" class="btn main small">
          {w.resend}
        </button>
      </div>
    </form>
  );
}
