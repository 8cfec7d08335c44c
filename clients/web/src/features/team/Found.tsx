/** Founding a practice: its name, and where it is. */

import { useState } from "preact/hooks";
import { words } from "../../i18n";
import { go } from "../../runtime/routes";
import { newId } from "../../runtime/runtime";
import { toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { Field, Wrong } from "../../ui/Field";
import { explain } from "../../ui/problem";
import { CREATE_ORGANISATION_LENGTHS } from "../../wire/constants";
import { isBlank } from "../../wire/text";
import { found } from "./state";
import { teamWords } from "./words";

const EMPTY = { name: "", address: "", postal_code: "", city: "", phone: "" };

export function Found({ onClose }: { onClose: () => void }) {
  const w = teamWords.value.found;
  // Made once: sent again after a cut, it founds one practice.
  const [ids] = useState(() => ({ organisation: newId(), site: newId() }));
  const [form, setForm] = useState(EMPTY);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const set = (name: keyof typeof EMPTY) => (event: { currentTarget: HTMLInputElement }) =>
    setForm({ ...form, [name]: event.currentTarget.value });
  const submit = async () => {
    setTried(true);
    if (isBlank(form.name) || busy) return;
    setBusy(true);
    const { phone, ...place } = form;
    const outcome = await found({
      id: ids.organisation,
      kind: "practice",
      name: form.name,
      phone,
      site: { id: ids.site, ...place },
    });
    setBusy(false);
    if (!outcome.ok) return setWrong(explain(outcome.problem));
    onClose();
    toast(w.created(outcome.value.name));
    go({ name: "team", organisation: outcome.value.id, tab: "settings" });
  };
  return (
    <Dialog
      title={w.title}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <button type="button" class="btn line" onClick={onClose}>
            {words.value.cancel}
          </button>
          <button type="submit" class="btn main" disabled={busy}>
            {w.create}
          </button>
        </>
      }
    >
      <p class="soft t14">{w.text}</p>
      <Field label={w.name} error={tried && isBlank(form.name) ? w.nameMissing : undefined}>
        {parts => (
          <input
            {...parts}
            autofocus
            value={form.name}
            maxLength={CREATE_ORGANISATION_LENGTHS.name}
            onInput={set("name")}
            autocomplete="organization"
          />
        )}
      </Field>
      <Field label={w.address} optional>
        {parts => <input {...parts} value={form.address} onInput={set("address")} autocomplete="street-address" />}
      </Field>
      <div class="tm-two">
        <Field label={w.postalCode} optional>
          {parts => (
            <input
              {...parts}
              value={form.postal_code}
              onInput={set("postal_code")}
              inputMode="numeric"
              autocomplete="postal-code"
            />
          )}
        </Field>
        <Field label={w.city} optional>
          {parts => <input {...parts} value={form.city} onInput={set("city")} autocomplete="address-level2" />}
        </Field>
      </div>
      <Field label={w.phone} optional>
        {parts => <input {...parts} type="tel" value={form.phone} onInput={set("phone")} autocomplete="tel" />}
      </Field>
      {wrong && <Wrong text={wrong} />}
    </Dialog>
  );
}
