/** Preparing an account for a member of staff: who they are, and what they will be able to do. */

import { useState } from "preact/hooks";
import { email as checkedEmail } from "../../fields/fields";
import { words } from "../../i18n";
import { call, me, newId } from "../../runtime/runtime";
import { toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { Field, Wrong } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import { MEMBER_FUNCTIONS, type MemberFunction } from "../../wire/constants";
import { isBlank } from "../../wire/text";
import type { OrganisationProfile, ResourceRight } from "../../wire/types";
import { Levels } from "./Levels";
import { NewProfiles } from "./NewProfiles";
import { useOthers } from "./others";
import { Check } from "./Profiles";
import * as rules from "./rights";
import { memberRights, reloadMembers } from "./state";
import { teamWords } from "./words";

interface CreateDialogProps {
  organisation: OrganisationProfile;
  onClose: () => void;
}

const EMPTY = { first_name: "", last_name: "", email: "", rpps: "" };

export function CreateDialog({ organisation, onClose }: CreateDialogProps) {
  const w = teamWords.value.create;
  const m = teamWords.value.member;
  // Made once: sent again after a cut, it prepares one account.
  const [id] = useState(newId);
  const [form, setForm] = useState(EMPTY);
  const [job, setJob] = useState<MemberFunction>("secretary");
  const [administrator, setAdministrator] = useState(false);
  const [levels, setLevels] = useState<Readonly<Record<string, rules.Level>>>({});
  const [voices, setVoices] = useState<Readonly<Record<string, rules.ProfileLevel>>>({});
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const mine = memberRights(organisation.id, me.value?.id ?? "").value.value;
  const resources = (mine?.resources ?? []).map(right => ({ right, able: rules.givableToNew(right, organisation) }));
  const decides = organisation.abilities?.includes("manage_owners") ?? false;
  const set = (name: keyof typeof EMPTY) => (event: { currentTarget: HTMLInputElement }) =>
    setForm({ ...form, [name]: event.currentTarget.value });
  const submit = async () => {
    if (busy) return;
    const address = checkedEmail(form.email);
    if (isBlank(form.first_name) || isBlank(form.last_name) || !("value" in address)) return setWrong(w.missing);
    setBusy(true);
    const { rpps, ...person } = form;
    const outcome = await call("member.create", {
      id,
      organisation: organisation.id,
      ...person,
      function: job,
      administrator,
      ...(isBlank(rpps) ? {} : { rpps }),
      agendas: Object.entries(levels)
        .filter(([, level]) => level !== "none")
        .map(([agenda, level]) => ({ agenda, level })),
      profiles: Object.entries(voices)
        .filter(([, level]) => level !== "none")
        .map(([person, level]) => ({ person, level })),
    });
    setBusy(false);
    if (!outcome.ok) return setWrong(explain(outcome.problem));
    onClose();
    reloadMembers();
    toast(w.sent(form.first_name));
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
            {w.send}
          </button>
        </>
      }
    >
      <p class="soft t14">{w.text}</p>
      <div class="tm-two even">
        <Field label={w.firstName}>
          {parts => <input {...parts} autofocus value={form.first_name} onInput={set("first_name")} />}
        </Field>
        <Field label={w.lastName}>
          {parts => <input {...parts} value={form.last_name} onInput={set("last_name")} />}
        </Field>
      </div>
      <Field label={w.email}>
        {parts => <input {...parts} inputMode="email" value={form.email} onInput={set("email")} />}
      </Field>
      <Field label={m.function}>
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
      <Field label={w.rpps} optional hint={w.rppsHint}>
        {parts => <input {...parts} inputMode="numeric" value={form.rpps} onInput={set("rpps")} />}
      </Field>
      <p class="note t13">
        <Icon name="shield" size="s" />
        <span>{job === "practitioner" || !isBlank(form.rpps) ? w.practitioner : w.vouch}</span>
      </p>
      <div class="tm-checks flat">
        <Check
          words={decides ? m.administrator : [m.administrator[0], m.ownersDecide]}
          checked={administrator}
          disabled={!decides}
          onChange={setAdministrator}
        />
      </div>
      <NewRights organisation={organisation.id} resources={resources} levels={levels} onLevels={setLevels} />
      <NewProfiles
        profiles={rules.profilesToGive(mine, me.value)}
        organisation={organisation.id}
        who={form.first_name}
        levels={voices}
        onLevels={setVoices}
      />
    </Dialog>
  );
}

interface NewRightsProps {
  organisation: string;
  resources: { right: ResourceRight; able: readonly rules.Level[] }[];
  levels: Readonly<Record<string, rules.Level>>;
  onLevels: (levels: Readonly<Record<string, rules.Level>>) => void;
}

/** The levels that the account comes with: taken from a member, the same for all, or one by one. All of it is shown. */
function NewRights({ organisation, resources, levels, onLevels }: NewRightsProps) {
  const w = teamWords.value.create;
  const m = teamWords.value.member;
  const others = useOthers(organisation, undefined);
  const [from, setFrom] = useState("");
  const take = async (person: string) => {
    setFrom(person);
    if (!person) return;
    const outcome = await call("member.rights", { organisation, person });
    if (!outcome.ok) return toast(explain(outcome.problem));
    const theirs = new Map(outcome.value.resources.map(one => [one.resource, one.level]));
    onLevels(
      Object.fromEntries(
        resources.map(({ right, able }) => [right.resource, rules.atMost(theirs.get(right.resource) ?? "none", able)]),
      ),
    );
  };
  if (!resources.length) return null;
  return (
    <fieldset class="stack gap-l">
      <legend class="lbl">{w.rights}</legend>
      <Field label={w.from}>
        {parts => (
          <>
            <select {...parts} value={from} onChange={event => void take(event.currentTarget.value)}>
              <option value="">{w.byHand}</option>
              {others.map(one => (
                <option key={one.person} value={one.person}>
                  {w.like(one.name)}
                </option>
              ))}
            </select>
            <Icon name="down" size="s" />
          </>
        )}
      </Field>
      {resources.length > 1 && (
        <Field label={w.one} optional>
          {parts => (
            <>
              <select
                {...parts}
                value=""
                onChange={event => {
                  const level = event.currentTarget.value as rules.Level;
                  onLevels(
                    Object.fromEntries(resources.map(({ right, able }) => [right.resource, rules.atMost(level, able)])),
                  );
                }}
              >
                <option value="" disabled />
                {rules.LEVELS.map(level => (
                  <option key={level} value={level}>
                    {m.levels[level]}
                  </option>
                ))}
              </select>
              <Icon name="down" size="s" />
            </>
          )}
        </Field>
      )}
      {resources.map(({ right, able }) => (
        <div class="stack" key={right.resource}>
          <div class="tm-what">
            <b>
              <bdi>{right.name}</bdi>
            </b>
            <span class="t13 soft">{right.site_name}</span>
          </div>
          <Levels
            label={m.rightsOn(right.name)}
            levels={rules.levelsOf(right.kind)}
            names={m.levels}
            value={levels[right.resource] ?? "none"}
            able={able}
            onChoose={level => onLevels({ ...levels, [right.resource]: level })}
            rising
          />
        </div>
      ))}
    </fieldset>
  );
}
