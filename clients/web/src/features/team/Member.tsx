/** One member: what they may do with each agenda and whose messages they see, changed together and saved at once. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { words } from "../../i18n";
import { href } from "../../runtime/routes";
import { me } from "../../runtime/runtime";
import { toast } from "../../ui/announcer";
import { Empty, Failed, Skeleton } from "../../ui/Empty";
import { FurtherIcon } from "../../ui/FurtherIcon";
import { Icon } from "../../ui/Icon";
import { Badge } from "../../ui/members";
import { explain } from "../../ui/problem";
import type { MemberRights, OrganisationProfile } from "../../wire/types";
import { AccountCard } from "./AccountCard";
import { AgendaRights } from "./AgendaRights";
import { CloneDialog } from "./CloneDialog";
import { TeamFrame } from "./Frame";
import { Limits, Profiles } from "./Profiles";
import { functionOf, monthOf } from "./people";
import * as rules from "./rights";
import { memberRights, reloadRights, setRights } from "./state";
import { teamWords } from "./words";

/** How often what somebody else may have changed is asked for while the page is seen, in milliseconds. */
const ASK_EVERY = 20_000;

export function Member({ organisation, person }: { organisation: OrganisationProfile; person: string }) {
  const w = teamWords.value;
  const { value: rights, problem } = memberRights(organisation.id, person).value;
  const back = href({ name: "team", organisation: organisation.id, tab: "members" });
  useFreshness(organisation.id, person);
  if (rights) return <Whole organisation={organisation} person={person} rights={rights} back={back} />;
  return (
    <TeamFrame id={organisation.id} tab="members" back={back}>
      {!problem && <Skeleton rows={6} />}
      {problem && problem.reason !== "forbidden" && problem.reason !== "not_found" && (
        <Failed problem={problem} onRetry={() => void reloadRights(organisation.id, person)} />
      )}
      {problem && (problem.reason === "forbidden" || problem.reason === "not_found") && (
        <Empty icon="lock" title={explain(problem)}>
          <a class="btn line" href={back}>
            {w.backToTeam}
          </a>
        </Empty>
      )}
    </TeamFrame>
  );
}

/** The person's own devices are told of a change; those who look at somebody else's rights ask. */
function useFreshness(organisation: string, person: string): void {
  useEffect(() => {
    const ask = () => void (document.visibilityState === "visible" && reloadRights(organisation, person));
    const timer = setInterval(ask, ASK_EVERY);
    document.addEventListener("visibilitychange", ask);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", ask);
    };
  }, [organisation, person]);
}

interface WholeProps {
  organisation: OrganisationProfile;
  person: string;
  rights: MemberRights;
  back: string;
}

function Whole({ organisation, person, rights, back }: WholeProps) {
  const w = teamWords.value.member;
  const { member } = rights;
  const [chosen, setChosen] = useState<rules.Edits>(rules.NO_EDITS);
  const [cloning, setCloning] = useState(false);
  const [busy, setBusy] = useState(false);
  const edits = useMemo(() => rules.rebase(chosen, rights), [chosen, rights]);
  const count = rules.countOf(rights, edits);
  useLeaving(count > 0);
  useEffect(() => {
    // What is saved is no change of somebody else's.
    if (!busy && JSON.stringify(edits) !== JSON.stringify(chosen)) {
      setChosen(edits);
      toast(w.changedMeanwhile);
    }
  }, [rights]);
  const isMe = person === me.value?.id;
  const mayChange =
    rights.resources.some(one => one.givable?.length) || rights.profiles.some(one => one.givable?.length);
  const save = async () => {
    setBusy(true);
    const asks = rights.profiles.some(one => edits.profiles[one.person] !== undefined && asksConsent(one.person));
    const outcome = await setRights(rules.asked(organisation.id, rights, edits));
    setBusy(false);
    if (!outcome.ok) return toast(explain(outcome.problem));
    setChosen(rules.NO_EDITS);
    toast(asks ? w.savedAsked : w.saved);
  };
  const asksConsent = (of: string) => of !== organisation.id && of !== me.value?.id && edits.profiles[of] !== "none";
  return (
    <TeamFrame
      id={organisation.id}
      tab="members"
      back={back}
      title={
        <>
          <bdi>{member.name}</bdi>
          {"\u00a0"}
          <Badge badge={member.badge} />
        </>
      }
      sub={
        <div class="t13 soft">
          {functionOf(member)}
          {member.joined_at && `, ${w.since(monthOf(member.joined_at))}`}
        </div>
      }
      actions={
        mayChange && (
          <button type="button" class="btn line only-desk" onClick={() => setCloning(true)}>
            <FurtherIcon name="copy" size="s" />
            {w.clone}
          </button>
        )
      }
      foot={
        count > 0 && (
          <SaveBar rights={rights} edits={edits} busy={busy} onSave={save} onCancel={() => setChosen(rules.NO_EDITS)} />
        )
      }
    >
      <div class="cols">
        <div class="stack gap-l">
          <AgendaRights
            organisation={organisation}
            rights={rights}
            edits={edits}
            onEdits={setChosen}
            {...(mayChange ? { onClone: () => setCloning(true) } : {})}
          />
        </div>
        <aside class="side">
          <Profiles organisation={organisation.id} rights={rights} edits={edits} onEdits={setChosen} />
          {(rights.may_limit || Object.values(rights.limits).some(Boolean)) && (
            <Limits rights={rights} edits={edits} onEdits={setChosen} />
          )}
          <AccountCard organisation={organisation} member={member} />
          {mayChange && !isMe && (
            <p class="note t13">
              <Icon name="eye" size="s" />
              <span>{w.live(member.first_name || member.name)}</span>
            </p>
          )}
          {isMe && !mayChange && (
            <p class="note t13">
              <Icon name="info" size="s" />
              <span>{w.readOnly}</span>
            </p>
          )}
        </aside>
      </div>
      {cloning && (
        <CloneDialog
          organisation={organisation.id}
          rights={rights}
          onTake={taken => {
            setChosen({ ...edits, levels: taken.levels });
            setCloning(false);
          }}
          onClose={() => setCloning(false)}
        />
      )}
    </TeamFrame>
  );
}

/** The browser asks before a page with unsaved changes is closed. */
function useLeaving(isChanged: boolean): void {
  useEffect(() => {
    if (!isChanged) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [isChanged]);
}

interface SaveBarProps {
  rights: MemberRights;
  edits: rules.Edits;
  busy: boolean;
  onSave: () => void;
  onCancel: () => void;
}

/** How much changes, and what: said before it is saved. */
function SaveBar({ rights, edits, busy, onSave, onCancel }: SaveBarProps) {
  const w = teamWords.value.member;
  const name = (level: string): string =>
    w.levels[level as keyof typeof w.levels] ?? w.profileLevels[level as keyof typeof w.profileLevels];
  const told = rules
    .changes(rights, edits)
    .map(({ name: of, before, after }) => w.becomes(of, name(before), name(after)));
  const limits = Object.keys(edits.limits).map(limit => `${w.limit[limit]?.[0]}.`);
  return (
    <div class="tm-save">
      <p class="grow" aria-live="polite">
        <b>{w.changes(rules.countOf(rights, edits))}</b> <span class="soft">{[...told, ...limits].join(" ")}</span>
      </p>
      <button type="button" class="btn line" disabled={busy} onClick={onCancel}>
        {words.value.cancel}
      </button>
      <button type="button" class="btn main" disabled={busy} onClick={onSave}>
        {teamWords.value.save}
      </button>
    </div>
  );
}
