/** Inviting one person by mail, or making a link for several. */

import { useState } from "preact/hooks";
import { email as checkedEmail } from "../../fields/fields";
import { dayOf, words } from "../../i18n";
import { addDays } from "../../i18n/time";
import { newId } from "../../runtime/runtime";
import { toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { Choice, Field, Wrong } from "../../ui/Field";
import { FurtherIcon } from "../../ui/FurtherIcon";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import { MEMBER_FUNCTIONS, type MemberFunction } from "../../wire/constants";
import { copyLink } from "./Links";
import { create } from "./state";
import { invitationWords } from "./words";

interface InviteDialogProps {
  organisation: string;
  how: "mail" | "link";
  onClose: () => void;
}

/** In days. */
const LASTS = 14;
const LONGEST = 90;
const MOST_USES = 500;

export function InviteDialog({ organisation, how: first, onClose }: InviteDialogProps) {
  const w = invitationWords.value.create;
  // One id for each way: sent again after a cut, each has one effect.
  const [ids] = useState(() => ({ mail: newId(), link: newId() }));
  const today = dayOf(Date.now());
  const [how, setHow] = useState(first);
  const [form, setForm] = useState({
    email: "",
    first_name: "",
    last_name: "",
    note: "",
    uses: "20",
    until: addDays(today, LASTS),
  });
  const [job, setJob] = useState<MemberFunction>("practitioner");
  const [staff, setStaff] = useState<"no" | "yes">("no");
  const [confirmed, setConfirmed] = useState(true);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const set = (name: keyof typeof form) => (event: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
    setForm({ ...form, [name]: event.currentTarget.value });
  const submit = async () => {
    if (busy) return;
    const address = checkedEmail(form.email);
    const uses = Number(form.uses);
    if (how === "mail" && (!("value" in address) || !address.value))
      return setWrong(invitationWords.value.wrongAddress);
    if (how === "link" && !(Number.isInteger(uses) && uses >= 1 && uses <= MOST_USES)) return setWrong(w.wrongUses);
    if (form.until < today || form.until > addDays(today, LONGEST)) return setWrong(w.wrongDay);
    setBusy(true);
    setWrong(undefined);
    const { first_name, last_name, note } = form;
    const expires_at = new Date(`${form.until}T20:00:00`).toISOString();
    const shared = { id: ids[how], organisation, function: job, expires_at };
    const outcome = await create(
      how === "mail"
        ? { ...shared, email: "value" in address ? address.value : "", first_name, last_name, note }
        : { ...shared, uses, staff_too: staff === "yes", confirmed_each: confirmed },
    );
    setBusy(false);
    if (!outcome.ok) return setWrong(explain(outcome.problem));
    onClose();
    if (how === "link" && outcome.value.url) void copyLink(outcome.value.url);
    else toast(w.sent);
  };
  return (
    <Dialog
      title={w.title}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          {wrong && <Wrong text={wrong} />}
          <button type="button" class="btn line" onClick={onClose}>
            {words.value.cancel}
          </button>
          <button type="submit" class="btn main" disabled={busy}>
            {how === "link" && <FurtherIcon name="copy" size="s" />}
            {how === "mail" ? w.send : w.makeLink}
          </button>
        </>
      }
    >
      <Choice
        legend={w.how}
        name="invite-how"
        options={[
          ["mail", w.byMail],
          ["link", w.byLink],
        ]}
        value={how}
        onChoose={setHow}
      />
      {how === "mail" && (
        <>
          <Field label={w.email}>
            {parts => <input {...parts} autofocus inputMode="email" value={form.email} onInput={set("email")} />}
          </Field>
          <div class="tm-two even">
            <Field label={w.firstName} optional>
              {parts => <input {...parts} value={form.first_name} onInput={set("first_name")} />}
            </Field>
            <Field label={w.lastName} optional>
              {parts => <input {...parts} value={form.last_name} onInput={set("last_name")} />}
            </Field>
          </div>
        </>
      )}
      <Field label={w.function}>
        {parts => (
          <>
            <select {...parts} value={job} onChange={event => setJob(event.currentTarget.value as MemberFunction)}>
              {MEMBER_FUNCTIONS.map(each => (
                <option key={each} value={each}>
                  {words.value.functions[each]}
                </option>
              ))}
            </select>
            <Icon name="down" size="s" />
          </>
        )}
      </Field>
      <div class="tm-two even">
        {how === "link" && (
          <Field label={w.uses}>
            {parts => (
              <input {...parts} type="number" min={1} max={MOST_USES} value={form.uses} onInput={set("uses")} />
            )}
          </Field>
        )}
        <Field label={w.expires}>
          {parts => (
            <input
              {...parts}
              type="date"
              min={today}
              max={addDays(today, LONGEST)}
              value={form.until}
              onInput={set("until")}
            />
          )}
        </Field>
      </div>
      {how === "mail" && (
        <Field label={w.welcome} optional>
          {parts => <textarea {...parts} maxLength={1000} value={form.note} onInput={set("note")} />}
        </Field>
      )}
      {how === "link" && (
        <>
          <Choice
            legend={w.who}
            name="invite-who"
            options={[
              ["no", w.professionals],
              ["yes", w.staffToo],
            ]}
            value={staff}
            onChoose={setStaff}
          />
          <p class="hint">{w.whoHint}</p>
          <label class="tm-check">
            <input
              type="checkbox"
              class="tm-box"
              checked={confirmed}
              onChange={event => setConfirmed(event.currentTarget.checked)}
            />
            <span class="tm-what">
              <b>{w.confirmEach[0]}</b>
              <span class="t13 soft">{w.confirmEach[1]}</span>
            </span>
          </label>
        </>
      )}
    </Dialog>
  );
}
