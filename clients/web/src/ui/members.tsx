/** How members and colleagues are shown: avatar, badge, occupation, name. */

import type { ComponentChildren } from "preact";
import { words } from "../i18n";
import type { MemberView } from "../wire/types";
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

/** Beside a name: the identity and the right to practise have been verified. */
export function Badge({ shown }: { shown: boolean }) {
  if (!shown) return null;
  return (
    <svg class="vb" viewBox="0 0 16 16" role="img" aria-label={words.value.verified}>
      <path
        d="M8 .6l1.9 1.4 2.3-.1.7 2.2 1.9 1.3-.7 2.2.7 2.2-1.9 1.3-.7 2.2-2.3-.1L8 15l-1.9-1.8-2.3.1-.7-2.2-1.9-1.3.7-2.2-.7-2.2 1.9-1.3.7-2.2 2.3.1z"
        fill="currentColor"
      />
      <path class="in" d="M5.2 8l2 2 3.7-3.9" />
    </svg>
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
  verified,
  sub,
  children,
}: {
  id: string;
  name: string;
  verified: boolean;
  sub: string;
  children?: ComponentChildren;
}) {
  return (
    <div class="person">
      <Avatar id={id} name={name} size="s" />
      <div class="grow">
        <div class="n1">
          <bdi class="whole">{name}</bdi>
          <Badge shown={verified} />
        </div>
        <div class="sub whole">{sub}</div>
      </div>
      {children}
    </div>
  );
}

export const names = (members: MemberView[]): string[] => members.map(member => member.name);
