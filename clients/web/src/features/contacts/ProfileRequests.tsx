/** Colleagues who are to read or answer one's messages, and wait for one's consent. */

import { useState } from "preact/hooks";
import { dayOf, shortDay } from "../../i18n";
import { toast } from "../../ui/announcer";
import { Failed } from "../../ui/Empty";
import { Icon } from "../../ui/Icon";
import { Avatar } from "../../ui/members";
import { explain } from "../../ui/problem";
import type { ProfileRequestView } from "../../wire/types";
import { answerProfile, organisationName, profileRequests, reloadProfileRequests } from "./profileRequests";
import { contactWords } from "./words";

/** Nothing at all while nobody waits. */
export function ProfileRequests() {
  const w = contactWords.value.profile;
  const { value, problem } = profileRequests.value;
  if (problem && !value) return <Failed problem={problem} onRetry={() => void reloadProfileRequests()} />;
  if (!value?.requests.length) return null;
  return (
    <section class="card tm-blk" aria-label={w.title}>
      <h2>
        {w.title}
        <span class="count">{value.requests.length}</span>
      </h2>
      <div class="tm-in">
        <ul class="tm-asked">
          {value.requests.map(one => (
            <Asked key={one.id} one={one} />
          ))}
        </ul>
        <p class="hint">{w.note}</p>
      </div>
    </section>
  );
}

function Asked({ one }: { one: ProfileRequestView }) {
  const w = contactWords.value.profile;
  const [busy, setBusy] = useState(false);
  const answer = async (agree: boolean) => {
    setBusy(true);
    const outcome = await answerProfile(one.id, agree);
    setBusy(false);
    toast(outcome.ok ? (agree ? w.agreed(one.person_name) : w.refused(one.person_name)) : explain(outcome.problem));
  };
  const where = organisationName(one.organisation);
  return (
    <li>
      <div class="person">
        <Avatar id={one.person} name={one.person_name} size="s" />
        <div class="grow">
          <div class="n1">
            <bdi class="whole">{one.person_name}</bdi>
          </div>
          <div class="sub whole">{w.levels[one.level]}</div>
        </div>
        <time class="t13 muted" dateTime={one.asked_at}>
          {shortDay(dayOf(one.asked_at))}
        </time>
      </div>
      <p class="t14 soft">{w.askedBy(one.asked_by_name, where)}</p>
      <div class="row wrap">
        <button type="button" class="btn main small" disabled={busy} onClick={() => void answer(true)}>
          <Icon name="check" size="s" />
          {w.agree}
        </button>
        <button type="button" class="btn line small" disabled={busy} onClick={() => void answer(false)}>
          {w.refuse}
        </button>
      </div>
    </li>
  );
}
