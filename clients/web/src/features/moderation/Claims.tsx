/** Organisations in which nobody is left who can act: a moderator appoints somebody, or founds one that a practitioner may not. */

import "../team/team.css";
import "./moderation.css";
import { useEffect, useState } from "preact/hooks";
import { dayAndClock, words } from "../../i18n";
import { href } from "../../runtime/routes";
import { Empty, Failed, Skeleton } from "../../ui/Empty";
import { Icon } from "../../ui/Icon";
import type { ClaimView } from "../../wire/types";
import { Appoint, type Appointed } from "./Appoint";
import { claims, showClaims } from "./claims";
import { FoundByModerator } from "./FoundByModerator";
import { Parts } from "./Parts";
import { moderationWords } from "./words";

export default function Claims() {
  const w = moderationWords.value.claims;
  const { state, items, problem } = claims.value;
  const [appointing, setAppointing] = useState<Appointed | null>(null);
  const [founding, setFounding] = useState(false);
  useEffect(() => void showClaims(), []);
  return (
    <section class="page tm">
      <div class="tm-head">
        <header class="bar">
          <a
            class="icon-btn"
            href={href({ name: "team", organisation: null, tab: "members" })}
            aria-label={words.value.back}
          >
            <Icon name="left" size="l" />
          </a>
          <h1 class="grow">{moderationWords.value.title}</h1>
          <button type="button" class="btn line" onClick={() => setFounding(true)}>
            <Icon name="plus" size="s" />
            {w.found}
          </button>
        </header>
        <Parts current="claims" />
      </div>
      <div class="scroll">
        <div class="narrow">
          <p class="t14 soft">{w.lead}</p>
          {problem?.reason === "not_found" ? (
            <Empty icon="lock" title={moderationWords.value.notForYou} />
          ) : (
            problem && <Failed problem={problem} onRetry={() => void showClaims()} />
          )}
          {state === "loading" && items.length === 0 && <Skeleton rows={3} />}
          {state === "ready" && items.length === 0 && <Empty icon="shield" title={w.none} />}
          <ul class="md-claims">
            {items.map(claim => (
              <Claim key={claim.organisation} claim={claim} onAppoint={setAppointing} />
            ))}
          </ul>
        </div>
      </div>
      {appointing && <Appoint organisation={appointing} onClose={() => setAppointing(null)} />}
      {founding && (
        <FoundByModerator
          onClose={() => setFounding(false)}
          onFounded={made => {
            setFounding(false);
            setAppointing(made);
          }}
        />
      )}
    </section>
  );
}

function Claim({ claim, onAppoint }: { claim: ClaimView; onAppoint: (of: Appointed) => void }) {
  const w = moderationWords.value.claims;
  const { organisation: id, name, since, members = 0, people = [] } = claim;
  return (
    <li class="card tm-blk">
      <h2>
        <bdi>{name}</bdi>
      </h2>
      <div class="tm-in stack">
        <p class="t14 soft">{w.asked(dayAndClock(since), members)}</p>
        <button type="button" class="btn main" onClick={() => onAppoint({ id, name, people })}>
          <Icon name="key" size="s" />
          {w.appoint}
        </button>
      </div>
    </li>
  );
}
