import type { ComponentChildren } from "preact";
import type { Problem } from "../engine/problem";
import { words } from "../i18n";
import { Icon } from "./Icon";
import type { IconName } from "./icons";
import { explain } from "./problem";

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

/** What could not be loaded, why, and once more. */
export function Failed({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  return (
    <div class="note urgent" role="alert">
      <Icon name="alert" size="s" />
      <span class="grow">{explain(problem)}</span>
      <button type="button" class="btn line small" onClick={onRetry}>
        {words.value.retry}
      </button>
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
