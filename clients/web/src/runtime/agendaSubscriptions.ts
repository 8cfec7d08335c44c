/** The agendas on the screen: their streams are followed as long as some screen shows them. */

import { type AnyEvent, ownerOf, streamOf } from "../wire/frame";
import { addListener, call, follow, unfollow } from "./runtime";

export interface Subscriber {
  /** Events are complete from here on, for the first time or after a cut: load what is shown now. */
  onSubscribed(): void;
  onEvent(event: AnyEvent): void;
}

/** A screen that is replaced by another of the same agenda unsubscribes and subscribes at once; the server is not told. */
const UNWATCH_AFTER = 5_000;

const subscribers = new Map<string, Set<Subscriber>>();

/** Returns the function that ends it. */
export function subscribe(agenda: string, subscriber: Subscriber): () => void {
  const known = subscribers.get(agenda);
  if (known) {
    known.add(subscriber);
    subscriber.onSubscribed();
  } else {
    subscribers.set(agenda, new Set([subscriber]));
    void watch(agenda);
  }
  return () => {
    const left = subscribers.get(agenda);
    if (left?.delete(subscriber) && !left.size) setTimeout(() => unwatch(agenda), UNWATCH_AFTER);
  };
}

function unwatch(agenda: string): void {
  if (subscribers.get(agenda)?.size !== 0) return;
  subscribers.delete(agenda);
  unfollow(streamOf("a", agenda));
  void call("agenda.unwatch", { agenda });
}

/** Without the right to watch there are no events, and what is shown stays as it was loaded. */
async function watch(agenda: string): Promise<void> {
  const outcome = await call("agenda.watch", { agenda });
  if (!subscribers.has(agenda)) return;
  // No head: without a level on the agenda its events are times alone, and none that is missed can be asked for.
  if (outcome.ok) follow(outcome.value.stream, outcome.value.head || undefined);
  for (const subscriber of of(agenda)) subscriber.onSubscribed();
}

/** With another level other events arrive, and what is shown is another view: everything is asked for anew. */
function watchAgain(agendas: readonly string[]): void {
  for (const agenda of agendas) {
    if (!subscribers.has(agenda)) continue;
    unfollow(streamOf("a", agenda));
    void watch(agenda);
  }
}

/** A copy: a subscriber may leave while the others are told. */
function of(agenda: string | null): Subscriber[] {
  return [...(subscribers.get(agenda ?? "") ?? [])];
}

addListener({
  onWelcome() {
    for (const agenda of subscribers.keys()) {
      unfollow(streamOf("a", agenda));
      void watch(agenda);
    }
  },
  onReset(stream) {
    for (const subscriber of of(ownerOf("a", stream))) subscriber.onSubscribed();
  },
  onEvent(event) {
    for (const subscriber of of(ownerOf("a", event.stream))) subscriber.onEvent(event);
    if (event.type === "rights.changed" && ownerOf("i", event.stream) !== null)
      watchAgain((event.data as { resources?: string[] }).resources ?? []);
  },
  onClear: () => subscribers.clear(),
});
