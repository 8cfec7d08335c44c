/** The audit of an organisation: searched by person, patient, act and time, in pages, and copied as a file. */

import "./journal.css";
import { useEffect, useState } from "preact/hooks";
import { clock, dayAndClock, dayOf, dayTitle } from "../../i18n";
import { addDays } from "../../i18n/time";
import { minute } from "../../runtime/clock";
import { toast } from "../../ui/announcer";
import { Empty, Failed, Skeleton } from "../../ui/Empty";
import { Field, Wrong } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import type { IconName } from "../../ui/icons";
import { Avatar } from "../../ui/members";
import { explain } from "../../ui/problem";
import { asTable, saved } from "../../ui/saving";
import type { AuditEntryView, ExportAudit } from "../../wire/types";
import { organisation as organisationOf, TeamFrame } from "../team";
import { useEverybody } from "./people";
import { copied, entries, type Question, search, searchOn } from "./state";
import { journalWords } from "./words";

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** What is shown first, in days. */
const RECENT = 7;

interface Form {
  about: string;
  person: string;
  act: string;
  from: string;
  until: string;
}

function questionOf(organisation: string, form: Form): Question {
  return {
    organisation,
    ...(form.person ? { person: form.person } : {}),
    ...(form.about.trim() ? { patient: form.about.trim().toLowerCase() } : {}),
    ...(form.act ? { act: `${form.act}.` } : {}),
    // Whole days of the reader.
    after: new Date(`${form.from}T00:00:00`).toISOString(),
    before: new Date(`${addDays(form.until, 1)}T00:00:00`).toISOString(),
  };
}

export default function Journal({ organisation }: { organisation: string }) {
  const w = journalWords.value;
  const today = dayOf(minute.value);
  const [form, setForm] = useState<Form>({
    about: "",
    person: "",
    act: "",
    from: addDays(today, -RECENT),
    until: today,
  });
  const [wrong, setWrong] = useState<string>();
  const { state, entries: shown, more, problem } = entries.value;
  const abilities = organisationOf(organisation).value.value?.abilities ?? [];
  const isWithheld = problem?.reason === "withheld";
  useEffect(() => void search(questionOf(organisation, form)), [organisation]);
  const submit = (event: Event) => {
    event.preventDefault();
    const isWrong = form.about.trim() !== "" && !ID.test(form.about.trim());
    setWrong(isWrong ? w.wrongId : undefined);
    if (!isWrong) void search(questionOf(organisation, form));
  };
  return (
    <TeamFrame
      id={organisation}
      tab="journal"
      actions={abilities.includes("export_audit") && <Copy question={questionOf(organisation, form)} />}
    >
      <div class="jr">
        <SearchForm organisation={organisation} form={form} wrong={wrong} onForm={setForm} onSubmit={submit} />
        <section class="card tm-card" aria-label={w.search} aria-busy={state === "loading"}>
          <p class="jr-count" role="status">
            <b>{state === "ready" && w.lines(shown.length)}</b> <span class="t13 muted">{w.nothingMore}</span>
          </p>
          {isWithheld && (
            <Empty icon="lock" title={w.withheld}>
              {abilities.includes("export_audit") ? w.withheldCopy : w.withheldHow}
            </Empty>
          )}
          {problem && !isWithheld && (
            <Failed problem={problem} onRetry={() => void search(questionOf(organisation, form))} />
          )}
          {state === "loading" && shown.length === 0 && <Skeleton rows={6} />}
          {state === "ready" && shown.length === 0 && (
            <Empty icon="file" title={w.none}>
              {w.noneHow}
            </Empty>
          )}
          {shown.length > 0 && <Lines shown={shown} />}
          {more && (
            <p class="center">
              <button type="button" class="btn bare" disabled={state === "loading"} onClick={() => void searchOn()}>
                {w.more}
              </button>
            </p>
          )}
        </section>
        <p class="hint jr-chain">
          <Icon name="shield" size="s" />
          <span>
            <b>{w.intact}.</b> <Checked />
          </span>
        </p>
      </div>
    </TeamFrame>
  );
}

/** When the chain was last looked at as a whole, and what was found. */
function Checked() {
  const w = journalWords.value;
  const { state, checked } = entries.value;
  if (state !== "ready") return null;
  if (checked === null) return w.neverChecked;
  const when = dayAndClock(checked.at);
  return (
    <span class={checked.sound ? "" : "bad"}>{checked.sound ? w.sound(when, checked.links) : w.broken(when)}</span>
  );
}

interface SearchFormProps {
  organisation: string;
  form: Form;
  wrong: string | undefined;
  onForm: (form: Form) => void;
  onSubmit: (event: Event) => void;
}

function SearchForm({ organisation, form, wrong, onForm, onSubmit }: SearchFormProps) {
  const w = journalWords.value;
  const people = useEverybody(organisation);
  const groups = Object.entries(w.groups);
  return (
    <form class="card jr-form" noValidate onSubmit={onSubmit}>
      <Field label={w.about} optional>
        {parts => (
          <input
            {...parts}
            data-search
            placeholder={w.aboutHint}
            value={form.about}
            onInput={event => onForm({ ...form, about: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={w.who}>
        {parts => (
          <>
            <select
              {...parts}
              value={form.person}
              onChange={event => onForm({ ...form, person: event.currentTarget.value })}
            >
              <option value="">{w.everybody}</option>
              {people.map(one => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </select>
            <Icon name="down" size="s" />
          </>
        )}
      </Field>
      <Field label={w.act}>
        {parts => (
          <>
            <select {...parts} value={form.act} onChange={event => onForm({ ...form, act: event.currentTarget.value })}>
              <option value="">{w.all}</option>
              {groups.map(([code, name]) => (
                <option key={code} value={code}>
                  {name}
                </option>
              ))}
            </select>
            <Icon name="down" size="s" />
          </>
        )}
      </Field>
      {(["from", "until"] as const).map(end => (
        <Field key={end} label={w.ends[end]}>
          {parts => (
            <input
              {...parts}
              type="date"
              required
              value={form[end]}
              onInput={event => event.currentTarget.value && onForm({ ...form, [end]: event.currentTarget.value })}
            />
          )}
        </Field>
      ))}
      <button type="submit" class="btn main">
        {w.search}
      </button>
      {wrong && <Wrong text={wrong} />}
    </form>
  );
}

const ICONS: Record<string, IconName> = {
  patient: "eye",
  appointment: "calok",
  referral: "refer",
  agenda: "cal",
  slot: "cal",
  rights: "key",
  audit: "dl",
  invitation: "mail",
  message: "chat",
  conversation: "chat",
};

function Lines({ shown }: { shown: readonly AuditEntryView[] }) {
  const w = journalWords.value;
  const days = [...new Set(shown.map(entry => dayOf(entry.at)))];
  return (
    <table class="tm-tbl jr-tbl">
      <thead>
        <tr>
          <th scope="col">{w.time}</th>
          <th scope="col">{w.who}</th>
          <th scope="col">{w.act}</th>
          <th scope="col">{w.what}</th>
          <th scope="col">{w.device}</th>
        </tr>
      </thead>
      {days.map(day => (
        <tbody key={day}>
          <tr class="jr-day">
            <th scope="rowgroup" colSpan={5}>
              {dayTitle(day)}
            </th>
          </tr>
          {shown
            .filter(entry => dayOf(entry.at) === day)
            .map((entry, at) => (
              <Line key={`${entry.at}${at}`} entry={entry} />
            ))}
        </tbody>
      ))}
    </table>
  );
}

function Line({ entry }: { entry: AuditEntryView }) {
  const w = journalWords.value;
  const { names, patients } = entries.value;
  const name = entry.person ? (names[entry.person] ?? entry.person) : w.machine;
  const group = entry.act.split(".")[0] ?? "";
  const act = w.acts[entry.act] ?? `${w.groups[group as keyof typeof w.groups] ?? ""} ${entry.act}`.trim();
  const what = [...new Set([entry.subject, ...(entry.about ?? [])])].filter(id => id && id !== entry.person);
  const details = Object.entries(entry.details ?? {}).map(([key, value]) => `${key} ${value}`);
  return (
    <tr class={entry.refused ? "bad" : ""}>
      <td class="jr-time">
        <time dateTime={entry.at}>{`${clock(entry.at)}:${entry.at.slice(17, 19)}`}</time>
      </td>
      <td>
        <div class="person">
          <Avatar id={entry.person ?? ""} name={name} size="s" {...(entry.person ? {} : { icon: "key" as const })} />
          <div class="grow">
            <div class="n1">
              <bdi>{name}</bdi>
            </div>
            <div class="sub">
              {entry.on_behalf_of ? w.forName(names[entry.on_behalf_of] ?? entry.on_behalf_of) : w.own}
            </div>
          </div>
        </div>
      </td>
      <td class="jr-act">
        <Icon name={entry.refused ? "lock" : (ICONS[group] ?? "file")} size="s" />
        <span>{entry.refused ? `${w.refused} · ${act}` : act}</span>
      </td>
      <td class="jr-what">
        {what.map(id => (
          <bdi key={id}>{names[id] ?? (patients[id] ? w.patient(patients[id]) : id)}</bdi>
        ))}
        {details.length > 0 && <span class="muted">{details.join(", ")}</span>}
      </td>
      <td class="muted tm-hidep">{entry.device ? entry.device.slice(0, 8) : ""}</td>
    </tr>
  );
}

function Copy({ question }: { question: Question }) {
  const w = journalWords.value;
  const [busy, setBusy] = useState(false);
  const copy = async (format: ExportAudit["format"]) => {
    setBusy(true);
    const outcome = await copied(question, format);
    setBusy(false);
    if (!outcome.ok) return toast(explain(outcome.problem));
    if (format === "csv") saved("journal.csv", asTable(outcome.value.text), "text/csv");
    else saved(`journal.${format}`, outcome.value.text, "application/json");
    toast(w.exported(outcome.value.entries));
  };
  return (
    <div class="tm-pick">
      <select
        aria-label={w.export}
        disabled={busy}
        value=""
        onChange={event => void copy(event.currentTarget.value as ExportAudit["format"])}
      >
        <option value="" disabled>
          {busy ? w.exporting : w.export}
        </option>
        {(["csv", "json"] as const).map(format => (
          <option key={format} value={format}>
            {w.exportAs[format]}
          </option>
        ))}
      </select>
      <Icon name="down" size="s" />
    </div>
  );
}
