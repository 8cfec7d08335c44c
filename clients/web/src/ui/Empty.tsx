import type { ComponentChildren } from "preact";
import type { Problem } from "../engine/problem";
import { words } from "../i18n";
import { Icon } from "./Icon";
import type { IconName } from "./icons";
import { explain } from "./problem";

/** Shown in place of an empty list: why it is empty, and what to do. */
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

/** Shown when loading failed: why, with a button to retry. */
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

/** A placeholder while a list is loading. */
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
