/** One colleague found: who, where, why, and what can be done with them now. */

import { Icon } from "../../ui/Icon";
import { onKeys } from "../../ui/keyboard";
import { Avatar, Badge, BadgeLine } from "../../ui/members";
import type { Hit } from "../../wire/types";
import { Write } from "./Write";
import { directoryWords } from "./words";

export function Result({ hit, onBook }: { hit: Hit; onBook: (hit: Hit) => void }) {
  const w = directoryWords.value;
  const { practitioner } = hit;
  const why = hit.why.map(code => w.why[code]).filter((text): text is string => Boolean(text));
  return (
    <article
      class="card res"
      tabIndex={-1}
      aria-label={practitioner.name}
      onKeyDown={onKeys(
        event => event.key === "Enter" && event.target === event.currentTarget && hit.bookable && onBook(hit),
      )}
    >
      <Avatar id={practitioner.id} name={practitioner.name} size="l" />
      <div class="grow">
        <h3>
          <bdi>{practitioner.name}</bdi>
          <Badge badge={hit.badge} shown={hit.verified_user ?? false} />
        </h3>
        <div class="t14 soft">{practitioner.speciality || practitioner.profession}</div>
        <BadgeLine badge={hit.badge} />
        <ul class="places">
          {hit.places.map((place, at) => (
            <li key={at}>
              <Icon name="pin" size="xs" />
              <span>
                {[place.name, place.address, `${place.postal_code} ${place.city}`]
                  .filter(part => part?.trim())
                  .join(", ")}
                {place.distance_km !== undefined && `, ${w.distance(place.distance_km)}`}
              </span>
            </li>
          ))}
        </ul>
        <div class="tags">
          {hit.bookable && (
            <span class="tag rdv">
              <Icon name="calok" size="xs" />
              {w.online}
            </span>
          )}
          {why.map(text => (
            <span class="tag" key={text} title={`${w.whyLabel} ${text}`}>
              {text}
            </span>
          ))}
        </div>
      </div>
      <div class="nx">
        {hit.bookable ? (
          <button type="button" class="btn main wide" onClick={() => onBook(hit)}>
            {w.book}
          </button>
        ) : (
          <span>{hit.person ? w.notBookable : w.notOnRelais}</span>
        )}
        {hit.person && <Write person={hit.person} name={practitioner.name} />}
      </div>
    </article>
  );
}
