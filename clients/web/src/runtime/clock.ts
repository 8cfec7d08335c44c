/** The current minute as a signal, for times on the screen that change by themselves. */

import { type ReadonlySignal, signal } from "@preact/signals";

const MINUTE = 60_000;
const current = signal(Math.floor(Date.now() / MINUTE) * MINUTE);

/** This minute in milliseconds, for "il y a 3 min". */
export const minute: ReadonlySignal<number> = current;

function tick(): void {
  current.value = Math.floor(Date.now() / MINUTE) * MINUTE;
  setTimeout(tick, MINUTE - (Date.now() % MINUTE) + 20);
}
setTimeout(tick, MINUTE - (Date.now() % MINUTE) + 20);
