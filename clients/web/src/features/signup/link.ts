/** The secret of the link by which somebody came. It stands behind the # of its address: no server and no log sees it. */

import { signal } from "@preact/signals";

/** Null when nobody came by one. */
export const invitation = signal<string | null>(null);

const KEPT = "relais.invitation";

/** What stands behind the # of an address; empty when a mail program has broken it. */
export function secretOf(hash: string): string {
  try {
    return decodeURIComponent(hash.replace(/^#/, ""));
  } catch {
    // Not written as an address is: a mail program has broken it.
    return "";
  }
}

/** Takes the link of this address, or else the one that this tab was opened by: whoever has been to the page of their
 * card comes back to an address without it. */
export function takeInvitation(hash: string): void {
  if (hash.length > 1) keep(secretOf(hash) || null);
  else invitation.value ??= kept();
}

/** It has been taken up, or declined. */
export function leaveInvitation(): void {
  keep(null);
}

function keep(secret: string | null): void {
  invitation.value = secret;
  try {
    if (secret === null) sessionStorage.removeItem(KEPT);
    else sessionStorage.setItem(KEPT, secret);
  } catch {
    // Storage is blocked: then it is forgotten with the page.
  }
}

function kept(): string | null {
  try {
    return sessionStorage.getItem(KEPT);
  } catch {
    // Storage is blocked: nothing was kept.
    return null;
  }
}
