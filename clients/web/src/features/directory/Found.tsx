/** Services and other organisations on Relais whose name was searched. */

import { Icon } from "../../ui/Icon";
import { phoneText } from "../../ui/phone";
import type { OrganisationHit } from "../../wire/types";
import { directoryWords } from "./words";

export function Found({ organisations }: { organisations: readonly OrganisationHit[] }) {
  const w = directoryWords.value;
  if (!organisations.length) return null;
  return (
    <section class="card found-orgs" aria-label={w.organisations}>
      <h2>{w.organisations}</h2>
      <ul>
        {organisations.map(one => (
          <li key={one.id}>
            <Icon name="users" size="s" />
            <span class="grow">
              <b>
                <bdi>{one.name}</bdi>
              </b>
              <span class="t13 soft">
                {[
                  w.kinds[one.kind],
                  one.parent_name,
                  one.address,
                  [one.postal_code, one.city].filter(Boolean).join(" "),
                ]
                  .filter(Boolean)
                  .join(", ")}
              </span>
            </span>
            {one.phone && (
              <a class="btn line small" href={`tel:${one.phone}`}>
                <Icon name="phone" size="s" />
                {phoneText(one.phone)}
              </a>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
