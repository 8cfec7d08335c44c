/** What became of the invitations of an organisation, and what can be done about each. */

import "./invitations.css";
import { useState } from "preact/hooks";
import { dayAndMonth, dayOf, words } from "../../i18n";
import { minute } from "../../runtime/clock";
import { href } from "../../runtime/routes";
import type { Outcome } from "../../runtime/runtime";
import { toast } from "../../ui/announcer";
import { Empty, Failed, Skeleton } from "../../ui/Empty";
import { FilterChips } from "../../ui/FilterChips";
import { FurtherIcon } from "../../ui/FurtherIcon";
import { Icon } from "../../ui/Icon";
import type { IconName } from "../../ui/icons";
import { Avatar } from "../../ui/members";
import { explain } from "../../ui/problem";
import type { InvitationView, Invitations as List } from "../../wire/types";
import { TeamFrame } from "../team";
import { organisation as organisationOf } from "../team/state";
import { Correct } from "./Correct";
import { InviteDialog } from "./InviteDialog";
import { Links } from "./Links";
import { standing } from "./standing";
import { admit, invitations, moreInvitations, type Only, reloadInvitations, remind, revoke } from "./state";
import { invitationWords } from "./words";

const ONLY: Only[] = ["all", "to_remind", "under_way", "verified"];
/** That one request reminds of, at most. */
const AT_ONCE = 100;

export default function Invitations({ organisation }: { organisation: string }) {
  const w = invitationWords.value;
  const [only, setOnly] = useState<Only>("all");
  const [inviting, setInviting] = useState<"mail" | "link" | null>(null);
  const { state, value, problem } = invitations(organisation, only).value;
  const mayInvite = organisationOf(organisation).value.value?.abilities?.includes("invite") ?? false;
  return (
    <TeamFrame
      id={organisation}
      tab="invitations"
      actions={
        mayInvite && (
          <>
            <a class="btn line only-desk" href={href({ name: "team", organisation, tab: "import" })}>
              <FurtherIcon name="up" size="s" />
              {w.import}
            </a>
            <button type="button" class="btn main" onClick={() => setInviting("mail")}>
              <Icon name="plus" size="s" />
              {w.invite}
            </button>
          </>
        )
      }
    >
      <div class="cols iv-cols">
        <div class="stack gap-l">
          {value && <Funnel list={value} />}
          <section class="card tm-card" aria-label={w.invite}>
            <div class="tm-tools">
              <FilterChips
                value={only}
                onChoose={setOnly}
                options={ONLY.map(each => [
                  each,
                  each === "to_remind" && value?.to_remind ? (
                    <>
                      {w.only[each]} <span class="count">{value.to_remind}</span>
                    </>
                  ) : (
                    w.only[each]
                  ),
                ])}
              />
              <span class="grow" />
              {mayInvite && only === "to_remind" && <RemindAll list={value} />}
            </div>
            {problem && <Failed problem={problem} onRetry={reloadInvitations} />}
            {!value && state === "loading" && <Skeleton rows={5} />}
            {value && value.invitations.length === 0 && (
              <Empty icon="mail" title={w.empty}>
                {w.emptyHow}
              </Empty>
            )}
            {value && value.invitations.length > 0 && <Table items={value.invitations} acts={mayInvite} />}
            {value?.cursor && (
              <p class="center">
                <button type="button" class="btn bare" onClick={() => void moreInvitations(organisation, only)}>
                  {w.more}
                </button>
              </p>
            )}
          </section>
        </div>
        <aside class="side">
          <Links links={value?.links ?? []} {...(mayInvite ? { onNew: () => setInviting("link") } : {})} />
          {mayInvite && (
            <a class="btn line wide only-phone" href={href({ name: "team", organisation, tab: "import" })}>
              <FurtherIcon name="up" size="s" />
              {w.import}
            </a>
          )}
          <p class="note t13">
            <Icon name="info" size="s" />
            <span>{w.note}</span>
          </p>
        </aside>
      </div>
      {inviting && <InviteDialog organisation={organisation} how={inviting} onClose={() => setInviting(null)} />}
    </TeamFrame>
  );
}

function Funnel({ list }: { list: List }) {
  const w = invitationWords.value;
  return (
    <ol class="card iv-funnel">
      {(["invited", "opened", "joined", "verified"] as const).map(step => (
        <li key={step} class={step === "verified" ? "last" : ""}>
          <b class="num">{list[step]}</b>
          <span>{w.counts[step]}</span>
          <progress max={Math.max(1, list.invited)} value={list[step]} aria-hidden="true" />
        </li>
      ))}
    </ol>
  );
}

function RemindAll({ list }: { list: List | undefined }) {
  const w = invitationWords.value;
  const some = (list?.invitations ?? []).filter(one => one.may_remind).slice(0, AT_ONCE);
  if (!some.length) return null;
  return (
    <button type="button" class="btn line small" onClick={() => void remindOf(some.map(one => one.id))}>
      <Icon name="mail" size="s" />
      {w.remindAll(some.length)}
    </button>
  );
}

async function remindOf(some: string[]): Promise<void> {
  const w = invitationWords.peek();
  const outcome = await remind(some);
  if (!outcome.ok) return toast(explain(outcome.problem));
  const { reminded, left_out } = outcome.value;
  toast(
    [reminded && w.reminded(reminded), left_out.length && w.notReminded(left_out.length)].filter(Boolean).join(" "),
  );
}

function Table({ items, acts }: { items: readonly InvitationView[]; acts: boolean }) {
  const w = invitationWords.value;
  return (
    <table class="tm-tbl iv-tbl">
      <thead>
        <tr>
          <th scope="col">{w.person}</th>
          {(["invited", "opened", "joined", "verified"] as const).map(step => (
            <th scope="col" class="iv-dot" key={step}>
              {w.steps[step]}
            </th>
          ))}
          <th scope="col">{w.where}</th>
          <th scope="col">
            <span class="sr">{w.action}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map(one => (
          <Row key={one.id} one={one} acts={acts} />
        ))}
      </tbody>
    </table>
  );
}

function nameOf(one: InvitationView): string {
  return [one.first_name, one.last_name].filter(Boolean).join(" ") || one.arrivals?.[0]?.name || one.email || "";
}

function Row({ one, acts }: { one: InvitationView; acts: boolean }) {
  const w = invitationWords.value;
  const [correcting, setCorrecting] = useState(false);
  const arrival = one.arrivals?.[0];
  const days: [keyof typeof w.steps, string | undefined][] = [
    ["invited", one.invited_at],
    ["opened", one.opened_at],
    ["joined", arrival && arrival.state !== "declined" ? arrival.at : undefined],
    ["verified", arrival?.verified_at],
  ];
  const [look, icon, said] = standing(one, minute.value);
  const name = nameOf(one);
  return (
    <tr>
      <td>
        <div class="person">
          <Avatar id={one.id} name={name} size="s" />
          <div class="grow">
            <div class="n1">
              <bdi>{name}</bdi>
            </div>
            <div class="sub">
              {[words.value.functions[one.function], one.email !== name ? one.email : undefined]
                .filter(Boolean)
                .join(", ")}
            </div>
          </div>
        </div>
      </td>
      {days.map(([step, at]) => (
        <td key={step} class={`iv-dot ${at ? "ok" : ""}`}>
          <span role="img" aria-label={at ? w.step(w.steps[step], dayAndMonth(dayOf(at))) : w.stepNone(w.steps[step])}>
            {at && <Icon name="check" size="xs" />}
          </span>
          {at && (
            <time dateTime={at} aria-hidden="true">
              {dayAndMonth(dayOf(at))}
            </time>
          )}
        </td>
      ))}
      <td class="tm-second">
        <State look={look} icon={icon} said={said} />
        {correcting && <Correct one={one} onClose={() => setCorrecting(false)} />}
      </td>
      <td class="iv-act">{acts && <Acts one={one} name={name} onCorrect={() => setCorrecting(true)} />}</td>
    </tr>
  );
}

function State({ look, icon, said }: { look: string; icon: IconName; said: string }) {
  return (
    <span class={`tag ${look}`}>
      <Icon name={icon} size="xs" />
      {said}
    </span>
  );
}

function Acts({ one, name, onCorrect }: { one: InvitationView; name: string; onCorrect: () => void }) {
  const w = invitationWords.value;
  const arrival = one.arrivals?.[0];
  const done = async (asking: Promise<Outcome<unknown>>, said: string) => {
    const outcome = await asking;
    toast(outcome.ok ? said : explain(outcome.problem));
  };
  const button = (label: string, act: () => void) => (
    <button type="button" class="btn line small" aria-label={w.of(label, name)} onClick={act}>
      {label}
    </button>
  );
  if (arrival?.state === "waiting")
    return (
      <>
        {button(w.admit, () => void done(admit(one.id, arrival.person, true), w.admitted(name)))}
        {button(w.dismiss, () => void done(admit(one.id, arrival.person, false), w.dismissed))}
      </>
    );
  const isOpen = (one.state === "open" || one.state === "expired") && !arrival;
  if (!isOpen) return null;
  return (
    <>
      {one.failure ? button(w.correct, onCorrect) : one.may_remind && button(w.remind, () => void remindOf([one.id]))}
      {button(w.revoke, () => void done(revoke(one.id), w.revoked))}
    </>
  );
}
