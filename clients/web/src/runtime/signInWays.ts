/** The ways to prove who one is that this Relais offers beside a password, and the addresses where they begin. */

import { signal } from "@preact/signals";
import { ask } from "./http";

export const ways = signal<{ psc: boolean; cps: boolean }>({ psc: false, cps: false });

export async function fetchWays(): Promise<void> {
  const { status, data } = await ask("GET", "/auth/methods");
  const { psc = false, cps = false } = (data ?? {}) as { psc?: boolean; cps?: boolean };
  if (status === 200) ways.value = { psc, cps };
}

/** `link` ties the open account to the professional, `confirm` proves anew who sits here. */
type Purpose = "sign_in" | "link" | "confirm";

export function pscAddress(next: string, purpose: Purpose = "sign_in"): string {
  return `/auth/psc/start?purpose=${purpose}&next=${encodeURIComponent(next)}`;
}

export function cpsAddress(next: string): string {
  return `/auth/cps/start?next=${encodeURIComponent(next)}`;
}
