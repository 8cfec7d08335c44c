/** Adding a place where patients are received, or a service of an establishment. */

import { useState } from "preact/hooks";
import { words } from "../../i18n";
import { newId } from "../../runtime/runtime";
import { toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { Field, Wrong } from "../../ui/Field";
import { explain } from "../../ui/problem";
import { isBlank } from "../../wire/text";
import type { OrganisationProfile } from "../../wire/types";
import { changeOrganisation } from "./state";
import { teamWords } from "./words";

interface AddPartProps {
  what: "site" | "service";
  organisation: OrganisationProfile;
  onClose: () => void;
}

const EMPTY = { name: "", address: "", postal_code: "", city: "" };

export function AddPart({ what, organisation, onClose }: AddPartProps) {
  const w = teamWords.value.card;
  const f = teamWords.value.found;
  const [id] = useState(newId);
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
    const outcome =
      what === "site"
        ? await changeOrganisation("site.create", { id, organisation: organisation.id, ...form })
        : await changeOrganisation("service.create", { id, organisation: organisation.id, name: form.name });
    setBusy(false);
    if (!outcome.ok) return setWrong(explain(outcome.problem));
    onClose();
    toast(teamWords.value.saved);
  };
  return (
    <Dialog
      title={what === "site" ? w.addSite : w.addService}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <button type="button" class="btn line" onClick={onClose}>
            {words.value.cancel}
          </button>
          <button type="submit" class="btn main" disabled={busy}>
            {teamWords.value.save}
          </button>
        </>
      }
    >
      <Field
        label={what === "site" ? w.siteName : w.serviceName}
        error={tried && isBlank(form.name) ? w.missing : undefined}
      >
        {parts => <input {...parts} autofocus value={form.name} onInput={set("name")} />}
      </Field>
      {what === "site" && (
        <>
          <Field label={f.address} optional>
            {parts => <input {...parts} value={form.address} onInput={set("address")} />}
          </Field>
          <div class="tm-two">
            <Field label={f.postalCode} optional>
              {parts => <input {...parts} value={form.postal_code} inputMode="numeric" onInput={set("postal_code")} />}
            </Field>
            <Field label={f.city} optional>
              {parts => <input {...parts} value={form.city} onInput={set("city")} />}
            </Field>
          </div>
        </>
      )}
      {wrong && <Wrong text={wrong} />}
    </Dialog>
  );
}
