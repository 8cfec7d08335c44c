/** The head of everything that concerns one organisation: which one it is, what can be done, and its parts. */

import "../../ui/columns.css";
import "./team.css";
import type { ComponentChildren } from "preact";
import { words } from "../../i18n";
import { go, href, type TeamTab } from "../../runtime/routes";
import { Icon } from "../../ui/Icon";
import { organisationName } from "../../ui/organisations";
import type { OrganisationProfile } from "../../wire/types";
import { isModerator, type Mine, organisation, organisations } from "./state";
import { teamWords } from "./words";

/** What one must be able to do to be shown a part; the card and the members are for every member. */
const NEEDS: Partial<Record<TeamTab, NonNullable<OrganisationProfile["abilities"]>>> = {
  invitations: ["see_invitations"],
  journal: ["audit", "export_audit"],
};
const PARTS = ["members", "invitations", "settings", "journal"] as const;

interface TeamFrameProps {
  /** Null while one belongs to none. */
  id: string | null;
  tab: TeamTab;
  /** A page of its own below a part: its title, and where it goes back to. */
  title?: ComponentChildren;
  sub?: ComponentChildren;
  back?: string;
  actions?: ComponentChildren;
  children: ComponentChildren;
  foot?: ComponentChildren;
}

export function TeamFrame({ id, tab, title, sub, back, actions, children, foot }: TeamFrameProps) {
  const w = teamWords.value;
  const abilities = id === null ? [] : (organisation(id).value.value?.abilities ?? []);
  const parts = PARTS.filter(part => {
    const need = NEEDS[part];
    return need === undefined || need.some(one => abilities.includes(one));
  });
  return (
    <section class="page tm">
      <div class="tm-head">
        <header class={`bar ${back ? "back" : ""}`}>
          {back ? (
            <a class="icon-btn" href={back} aria-label={words.value.back}>
              <Icon name="left" size="l" />
            </a>
          ) : (
            <a class="icon-btn only-phone" href={href({ name: "me" })} aria-label={words.value.back}>
              <Icon name="left" size="l" />
            </a>
          )}
          <div class="grow">
            <h1>{title ?? w.title}</h1>
            {sub ?? <Chooser id={id} tab={tab} />}
          </div>
          {actions}
        </header>
        {id !== null && (
          <nav class="tm-nav" aria-label={w.title}>
            {parts.map(part => (
              <a
                key={part}
                href={href({ name: "team", organisation: id, tab: part })}
                aria-current={part === tab ? "page" : undefined}
              >
                {w.tabs[part]}
              </a>
            ))}
            {isModerator.value && <a href={href({ name: "moderation", id: null })}>{w.tabs.moderation}</a>}
          </nav>
        )}
      </div>
      <div class="scroll">{children}</div>
      {foot}
    </section>
  );
}

/** The organisation on the screen: chosen where one belongs to several. */
function Chooser({ id, tab }: { id: string | null; tab: TeamTab }) {
  const w = teamWords.value;
  const mine = organisations.value;
  const here = id === null ? undefined : (organisation(id).value.value ?? mine.find(one => one.id === id));
  const all: readonly Mine[] = here && !mine.some(one => one.id === here.id) ? [...mine, here] : mine;
  if (!here) return null;
  if (all.length < 2)
    return (
      <div class="t13 soft">
        <bdi>{here.name}</bdi>
      </div>
    );
  return (
    <div class="t13 soft org choose">
      <select
        aria-label={w.organisation}
        value={here.id}
        onChange={event => go({ name: "team", organisation: event.currentTarget.value, tab })}
      >
        {all.map(one => (
          <option key={one.id} value={one.id}>
            {organisationName(one, all)}
          </option>
        ))}
      </select>
      <Icon name="down" size="xs" />
    </div>
  );
}
