/** Whether what is on the screen is what the server has, as a person is told; and since when it may not be. */

import { signal } from "@preact/signals";
import type { ConnectionState } from "../engine/effects";

/** `offline` when this device has no network, `away` when the server does not answer. */
export type Shown = "up-to-date" | "catching-up" | "connecting" | "offline" | "away";

/** How long a request may go without a word from the server before the connection is doubted, in milliseconds. */
const DOUBT_AFTER = 3_000;

/** What the browser says of the network, until the server proves it wrong. */
const hasNetwork = signal(saysOnline());
/** A request has been waiting for a word of the server for too long. */
const inDoubt = signal(false);
/** Since when the screen may be old, in milliseconds; null while it is up to date, and before it ever was. */
const oldSince = signal<number | null>(null);
/** Conversations that the server has said nothing about since a cut, and when they were last up to date. */
const staleSince = new Map<string, number>();
let wasUpToDate = false;
let heardAt = 0;
let timer = 0;

function saysOnline(): boolean {
  return typeof navigator === "undefined" || navigator.onLine !== false;
}

/** What the engine says, unless the browser or the silence of the server knows better. */
export function shown(engine: ConnectionState): Shown {
  if (engine === "stopped" || !hasNetwork.value) return "offline";
  if (engine === "offline") return "away";
  return inDoubt.value ? "connecting" : engine;
}

export function noteNetwork(isThere: boolean): void {
  hasNetwork.value = isThere;
}

/** Something was asked of the server. `onDoubt` is called when nothing is heard for too long. */
export function noteAsked(onDoubt: () => void): void {
  if (timer) return;
  const doubt = () => {
    inDoubt.value = true;
    onDoubt();
  };
  timer = setTimeout(doubt, DOUBT_AFTER) as unknown as number;
}

/** The server said something: it is there, whatever the browser says. */
export function noteHeard(): void {
  heardAt = Date.now();
  hasNetwork.value = true;
  settle();
}

/** The connection is gone: nothing is waited for, and the browser is asked about the network again. */
export function noteClosed(): void {
  hasNetwork.value = saysOnline();
  settle();
}

function settle(): void {
  clearTimeout(timer);
  timer = 0;
  inDoubt.value = false;
}

/** Called whenever the shown state changes. */
export function noteShown(state: Shown): void {
  const isUpToDate = state === "up-to-date";
  if (isUpToDate) oldSince.value = null;
  else if (wasUpToDate && oldSince.peek() === null) oldSince.value = heardAt;
  wasUpToDate ||= isUpToDate;
}

/** After `hello`: which conversations it left open. */
export function noteStale(conversations: Iterable<string>, isStale: (conversation: string) => boolean): void {
  const since = oldSince.peek() ?? heardAt;
  for (const id of conversations) {
    if (!isStale(id)) staleSince.delete(id);
    else if (!staleSince.has(id)) staleSince.set(id, since);
  }
}

/** As of when a conversation that is stale is shown, or what else is on the screen; null while it is up to date. */
export function asOf(stale: string | null): number | null {
  return (stale === null ? undefined : staleSince.get(stale)) ?? oldSince.value;
}

export function forget(): void {
  wasUpToDate = false;
  oldSince.value = null;
  staleSince.clear();
}
