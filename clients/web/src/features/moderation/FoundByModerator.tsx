/** Founding what no practitioner founds: an establishment or a CPTS. Somebody is appointed next. */

import { useState } from "preact/hooks";
import { words } from "../../i18n";
import { newId } from "../../runtime/runtime";
import { Dialog } from "../../ui/Dialog";
import { Choice, Field, Wrong } from "../../ui/Field";
import { explain } from "../../ui/problem";
import { CREATE_ORGANISATION_LENGTHS } from "../../wire/constants";
import { isBlank } from "../../wire/text";
import type { Appointed } from "./Appoint";
import { foundByModerator } from "./claims";
import { moderationWords } from "./words";

const EMPTY = { name: "", finess: "", address: "", postal_code: "", city: "" };
type Text = keyof typeof EMPTY;
const FINESS = /^[0-9][0-9A-Z][0-9]{7}$/i;

interface FoundProps {
  onClose: () => void;
  onFounded: (made: Appointed) => void;
}

export function FoundByModerator({ onClose, onFounded }: FoundProps) {
  const w = moderationWords.value.founding;
  // Made once: sent again after a cut, it founds one.
  const [ids] = useState(() => ({ organisation: newId(), site: newId() }));
  const [kind, setKind] = useState<"establishment" | "cpts">("establishment");
  const [form, setForm] = useState(EMPTY);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const finess = form.finess.replace(/\s/g, "");
  const isWrong = { name: isBlank(form.name), finess: finess !== "" && !FINESS.test(finess) };
  const submit = async () => {
    setTried(true);
    if (busy || isWrong.name || isWrong.finess) return;
    setBusy(true);
    const { address, postal_code, city, name } = form;
    const isSomewhere = Boolean(address.trim() || postal_code.trim() || city.trim());
    const outcome = await foundByModerator({
      id: ids.organisation,
      kind,
      name,
      ...(finess ? { finess } : {}),
      ...(isSomewhere ? { site: { id: ids.site, name, address, postal_code, city } } : {}),
    });
    setBusy(false);
    if (!outcome.ok) {
      const { reason, path } = outcome.problem;
      return setWrong(reason === "invalid" && path?.endsWith("finess") ? w.wrongFiness : explain(outcome.problem));
    }
    onFounded({ id: outcome.value.id, name: outcome.value.name, people: [] });
  };
  const input = (name: Text, label: string, error?: string, optional = true) => (
    <Field label={label} optional={optional} error={tried ? error : undefined}>
      {parts => (
        <input
          {...parts}
          value={form[name]}
          maxLength={CREATE_ORGANISATION_LENGTHS.name}
          onInput={event => setForm({ ...form, [name]: event.currentTarget.value })}
        />
      )}
    </Field>
  );
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
          <button type="submit" class="btn main" aria-disabled={busy}>
            {w.submit}
          </button>
        </>
      }
    >
      <Choice
        legend={w.kind}
        name="founded-kind"
        options={(["establishment", "cpts"] as const).map(each => [each, w.kinds[each]])}
        value={kind}
        onChoose={setKind}
      />
      {input("name", w.name, isWrong.name ? w.nameMissing : undefined, false)}
      {input("finess", w.finess, isWrong.finess ? w.wrongFiness : undefined)}
      {input("address", w.address)}
      <div class="tm-two">
        {input("postal_code", w.postalCode)}
        {input("city", w.city)}
      </div>
      {wrong && <Wrong text={wrong} />}
    </Dialog>
  );
}
