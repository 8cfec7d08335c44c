/** Referrals made and received: where each one is, and what comes next. */

import "../../ui/columns.css";
import "./referral.css";
import { useState } from "preact/hooks";
import { dayAndClock, dayOf, since, words } from "../../i18n";
import { age } from "../../i18n/time";
import { minute } from "../../runtime/clock";
import { href } from "../../runtime/routes";
import { Empty, Failed, Skeleton } from "../../ui/Empty";
import { FilterChips } from "../../ui/FilterChips";
import { Icon } from "../../ui/Icon";
import type { IconName } from "../../ui/icons";
import { arrows } from "../../ui/keyboard";
import { Avatar } from "../../ui/members";
import { patientName, patientShortName } from "../../ui/patient";
import { phone } from "../../ui/screen";
import type { ReferralView } from "../../wire/types";
import { session } from "../account/state";
import { cardWords } from "./cardWords";
import { moreReferrals, referrals, reloadReferrals } from "./referralLists";
import { referralWords } from "./words";

type Side = "made" | "received";
type State = ReferralView["state"];

const LOOKS: Record<State, [string, IconName]> = {
  draft: ["", "pen"],
  sent: ["clock", "send"],
  proposed: ["rdv", "calok"],
  booked: ["rdv", "calok"],
  seen: ["accent", "eye"],
  answered: ["done", "file"],
  closed: ["done", "check"],
  declined: ["urgent", "x"],
  cancelled: ["", "x"],
  no_show: ["urgent", "alert"],
};
const CLOSED: State[] = ["closed", "declined", "cancelled"];

export default function Referrals({ side }: { side: Side }) {
  const w = referralWords.value.referrals;
  const [filter, setFilter] = useState<"all" | "open" | "closed">("all");
  const { state, items, more, problem } = referrals(side).value;
  const shown = items.filter(item => filter === "all" || CLOSED.includes(item.state) === (filter === "closed"));
  return (
    <section class="page">
      <header class="bar back">
        <a class="icon-btn" href={href({ name: "referral", step: "search" })} aria-label={words.value.back}>
          <Icon name="left" size="l" />
        </a>
        <h1 class="grow cut">{w.title}</h1>
      </header>
      <div class="scroll">
        <div class="card follow">
          <div class="row wrap">
            <nav class="seg" aria-label={w.title}>
              {(["made", "received"] as const).map(each => (
                <a
                  key={each}
                  href={href({ name: "referrals", side: each })}
                  aria-current={side === each ? "page" : undefined}
                >
                  {w.sides[each]}
                </a>
              ))}
            </nav>
            <FilterChips
              value={filter}
              onChoose={setFilter}
              options={(["all", "open", "closed"] as const).map(each => [each, w.filters[each]])}
            />
          </div>
          {state === "loading" && items.length === 0 && <Skeleton rows={5} />}
          {state === "failed" && problem && <Failed problem={problem} onRetry={() => reloadReferrals(side)} />}
          {state === "ready" && shown.length === 0 && (
            <Empty icon="refer" title={w.empty}>
              {side === "made" ? w.emptyMade : w.emptyReceived}
              {side === "made" && filter === "all" && (
                <a class="btn main" href={href({ name: "referral", step: "search" })}>
                  {w.begin}
                </a>
              )}
            </Empty>
          )}
          {shown.length > 0 && <Table side={side} items={shown} />}
          {more && (
            <p class="center">
              <button type="button" class="btn bare" onClick={() => moreReferrals(side)}>
                {w.more}
              </button>
            </p>
          )}
        </div>
      </div>
    </section>
  );
}

function Table({ side, items }: { side: Side; items: ReferralView[] }) {
  const w = referralWords.value.referrals;
  return (
    <table class="tbl" onKeyDown={arrows("tbody a")}>
      <thead>
        <tr>
          <th scope="col">{side === "made" ? w.patientAndAddressee : w.patientAndReferrer}</th>
          <th scope="col">{w.state}</th>
          <th scope="col">{w.next}</th>
          <th scope="col">{w.age}</th>
          <th scope="col">
            <span class="sr">{w.openRow}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map(item => (
          <Line key={item.id} side={side} item={item} />
        ))}
      </tbody>
    </table>
  );
}

function Line({ side, item }: { side: Side; item: ReferralView }) {
  const w = referralWords.value.referrals;
  const { patient } = item;
  const [look, icon] = LOOKS[item.state];
  const named = phone.value ? patientShortName : patientName;
  const name = patient ? named(patient) : words.value.patient.erased;
  const here = session.value;
  const forMe = here.state === "signed-in" && here.me?.id === item.practitioner;
  const received = forMe ? item.referrer_name : w.fromTo(item.referrer_name, item.practitioner_name);
  const other = side === "made" ? item.practitioner_name : received;
  return (
    <tr>
      <td>
        <div class="person">
          <Avatar
            id={patient?.id ?? item.id}
            name={patient ? `${patient.first_names} ${patient.family_name}` : ""}
            size="s"
          />
          <div class="grow">
            <div class="n1">
              <span>
                <bdi>{name}</bdi>
                {patient && `, ${words.value.years(age(patient.birth_date, dayOf(minute.value)))}`}
              </span>
            </div>
            <div class="sub">
              <bdi>{other}</bdi>
            </div>
          </div>
        </div>
      </td>
      <td>
        <span class={`tag ${look}`}>
          <Icon name={icon} size="xs" />
          {cardWords.value.states[item.state]}
        </span>
      </td>
      <td class="soft next">{next(item, side)}</td>
      <td class="hidep muted">
        <time dateTime={item.created_at}>{since(item.created_at, minute.value)}</time>
      </td>
      <td>
        <a class="icon-btn" href={href({ name: "one-referral", id: item.id })} aria-label={`${w.openRow}, ${name}`}>
          <Icon name="right" size="s" />
        </a>
      </td>
    </tr>
  );
}

function next(item: ReferralView, side: Side): string {
  const w = referralWords.value.referrals.nexts;
  switch (item.state) {
    case "booked":
      return item.appointment ? w.visit(dayAndClock(item.appointment.start, item.time_zone)) : w.wait;
    case "seen":
      return w.letter;
    case "answered":
      return side === "made" ? w.read : w.nothing;
    case "no_show":
      return side === "made" ? w.call : w.nothing;
    case "declined":
    case "cancelled":
      return side === "made" ? w.rebook : w.nothing;
    case "closed":
      return w.nothing;
    default:
      return w.wait;
  }
}
