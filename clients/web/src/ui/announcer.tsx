/** Announcements for screen readers, and toasts, one at a time. */

import { signal } from "@preact/signals";
import { words } from "../i18n";
import { Icon } from "./Icon";

const polite = signal("");
const assertive = signal("");
const shown = signal<string | null>(null);
let fading: ReturnType<typeof setTimeout> | undefined;

/** Read aloud; `now` interrupts. The same text twice in a row is read twice. */
export function announce(text: string, urgency: "polite" | "now" = "polite"): void {
  const region = urgency === "now" ? assertive : polite;
  region.value = region.peek() === text ? `${text}\u00a0` : text;
}

/** Shown for six seconds, and read aloud. */
export function toast(text: string): void {
  shown.value = text;
  announce(text);
  clearTimeout(fading);
  fading = setTimeout(() => (shown.value = null), 6_000);
}

export function Announcements() {
  return (
    <>
      <div class="sr" role="status" aria-live="polite">
        {polite}
      </div>
      <div class="sr" role="alert" aria-live="assertive">
        {assertive}
      </div>
      <div class="toasts">
        {shown.value !== null && (
          <div class="toast">
            <span>{shown.value}</span>
            <button type="button" aria-label={words.value.close} onClick={() => (shown.value = null)}>
              <Icon name="x" size="s" />
            </button>
          </div>
        )}
      </div>
    </>
  );
}
