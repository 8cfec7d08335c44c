import type { ComponentChildren } from "preact";
import { Icon } from "./Icon";
import type { IconName } from "./icons";

/** Nothing here, why, and what can be done. */
export function Empty({ icon, title, children }: { icon: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <span class="ic">
        <Icon name={icon} size="l" />
      </span>
      <b>{title}</b>
      {children}
    </div>
  );
}

/** The shape of a list that is on its way. */
export function Skeleton({ rows }: { rows: number }) {
  return (
    <div aria-hidden="true">
      {Array.from({ length: rows }, (_, row) => (
        <div class="skel" key={row}>
          <i class="round" />
          <div class="stack">
            <i />
            <i class="short" />
          </div>
        </div>
      ))}
    </div>
  );
}
