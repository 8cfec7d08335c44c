/** What the shell and the screens share of the furniture: open dialogs, and where a search field is. */

import { signal } from "@preact/signals";

/** The dialog for a new conversation. */
export const creating = signal(false);
/** The list of keyboard shortcuts. */
export const helping = signal(false);
/** The conversation from which the next referral begins. */
export const referFrom = signal<string | null>(null);

/** Focuses the screen's own search field; false when it has none. */
export function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>("main [data-search]");
  field?.focus();
  field?.select();
  return field !== null;
}

/** On a phone Enter goes to a new line, and the button sends. */
export function onPhone(): boolean {
  return matchMedia("(max-width: 44.9375em), (pointer: coarse)").matches;
}
