/** How members and colleagues are shown: avatar, badge, occupation, name. */

import type { ComponentChildren } from "preact";
import { dayOf, numericDay, words } from "../i18n";
import type { BadgeView, MemberView } from "../wire/types";
import { firstLetter } from "./graphemes";
import { Icon } from "./Icon";
import type { IconName } from "./icons";

/** One of six tints, always the same for the same id. */
function tint(id: string): number {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.charCodeAt(0)) >>> 0;
  return (sum % 6) + 1;
}

const TITLES = /^(dr|pr|mme|m|mlle)\.?$/i;

function initials(name: string): string {
  const parts = name.split(/[\s'’-]+/u).filter(part => part && !TITLES.test(part));
  const chosen = parts.length > 1 ? [parts[0], parts[parts.length - 1]] : parts;
  return chosen
    .map(part => firstLetter(part ?? ""))
    .join("")
    .toLocaleUpperCase();
}

interface AvatarProps {
  id: string;
  name: string;
  size?: "s" | "l" | "";
  group?: boolean;
  icon?: IconName;
}

export function Avatar({ id, name, size = "", group, icon }: AvatarProps) {
  return (
    <span class={`av av${tint(id)} ${size} ${group ? "sq" : ""}`} aria-hidden="true">
      {icon ? <Icon name={icon} /> : initials(name)}
    </span>
  );
}

/** How and when an identity was verified: "Identité vérifiée par e-CPS le 03/03/2025". */
export function badgeText(badge: BadgeView): string {
  const w = words.value.badge;
  const day = numericDay(dayOf(badge.at));
  const said = badge.method === "vouched" ? w.vouched(day, badge.by ?? "") : w[badge.method](day);
  return badge.confirm_by ? w.confirmBy(said, numericDay(dayOf(badge.confirm_by))) : said;
}

interface BadgeProps {
  badge: BadgeView | undefined;
  /** For whoever is shown by less than a view of theirs. */
  shown?: boolean;
}

/** Beside a name: the identity has been verified. How and when is its name, and shown where the pointer rests. */
export function Badge({ badge, shown = badge !== undefined }: BadgeProps) {
  if (!shown) return null;
  const text = badge ? badgeText(badge) : words.value.verified;
  return (
    <svg class={`vb ${badge?.confirm_by ? "doubt" : ""}`} viewBox="0 0 16 16" role="img" aria-label={text}>
      <title>{text}</title>
      <path
        d="M8 .6l1.9 1.4 2.3-.1.7 2.2 1.9 1.3-.7 2.2.7 2.2-1.9 1.3-.7 2.2-2.3-.1L8 15l-1.9-1.8-2.3.1-.7-2.2-1.9-1.3.7-2.2-.7-2.2 1.9-1.3.7-2.2 2.3.1z"
        fill="currentColor"
      />
      <path class="in" d="M5.2 8l2 2 3.7-3.9" />
    </svg>
  );
}

/** The badge in words, where there is room for them: a finger has nowhere to rest. */
export function BadgeLine({ badge, class: look = "t13 soft" }: { badge: BadgeView | undefined; class?: string }) {
  if (!badge) return null;
  const isInDoubt = badge.confirm_by !== undefined;
  return (
    <span class={`badge-line ${isInDoubt ? "doubt" : ""} ${look}`}>
      <Icon name={isInDoubt ? "clock" : badge.method === "vouched" ? "users" : "shield"} size="xs" />
      <span>{badgeText(badge)}</span>
    </span>
  );
}

/** What a member does, in words: speciality, profession, else their function. */
export function occupation(who: {
  speciality?: string | undefined;
  profession?: string | undefined;
  function?: string;
}): string {
  return who.speciality || who.profession || words.value.functions[who.function ?? ""] || "";
}

export function MemberLine({
  id,
  name,
  badge,
  verified = badge !== undefined,
  sub,
  children,
}: {
  id: string;
  name: string;
  badge?: BadgeView | undefined;
  verified?: boolean;
  sub: string;
  children?: ComponentChildren;
}) {
  return (
    <div class="person">
      <Avatar id={id} name={name} size="s" />
      <div class="grow">
        <div class="n1">
          <bdi class="whole">{name}</bdi>
          <Badge badge={badge} shown={verified} />
        </div>
        <div class="sub whole">{sub}</div>
      </div>
      {children}
    </div>
  );
}

export const names = (members: MemberView[]): string[] => members.map(member => member.name);
