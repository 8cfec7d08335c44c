/** Agendas that are on the screen: their streams are followed as long as somebody looks. */

import { type AnyEvent, ownerOf, streamOf } from "../wire/frame";
import { call, listenTo, tell } from "./shell";

export interface Watcher {
  /** Watching has begun, or begun again after a cut: events from here on are complete, so load what is shown now. */
  begun(): void;
  event(event: AnyEvent): void;
}

/** A screen that changes leaves and comes back at once: the server is told only when nobody came back. */
const LEAVE_AFTER = 5_000;

const watched = new Map<string, Set<Watcher>>();

/** Returns what ends it. */
export function watch(agenda: string, watcher: Watcher): () => void {
  const watchers = watched.get(agenda);
  if (watchers) {
    watchers.add(watcher);
    watcher.begun();
  } else {
    watched.set(agenda, new Set([watcher]));
    void begin(agenda);
  }
  return () => {
    const left = watched.get(agenda);
    if (left?.delete(watcher) && !left.size) setTimeout(() => end(agenda), LEAVE_AFTER);
  };
}

function end(agenda: string): void {
  if (watched.get(agenda)?.size !== 0) return;
  watched.delete(agenda);
  tell.forget(streamOf("a", agenda));
  void call("agenda.unwatch", { agenda });
}

/** Without the right to watch there are no events, and what is shown is as it was when it was loaded. */
async function begin(agenda: string): Promise<void> {
  const outcome = await call("agenda.watch", { agenda });
  const watchers = watched.get(agenda);
  if (!watchers) return;
  // Without a level on the agenda there is no head: its events are times alone, from now on, and none can be asked for.
  if (outcome.ok && outcome.value.head !== undefined) tell.follow(outcome.value.stream, outcome.value.head);
  for (const watcher of [...watchers]) watcher.begun();
}

listenTo({
  welcomed() {
    for (const agenda of watched.keys()) {
      tell.forget(streamOf("a", agenda));
      void begin(agenda);
    }
  },
  reset(stream) {
    for (const watcher of [...(watched.get(ownerOf("a", stream) ?? "") ?? [])]) watcher.begun();
  },
  cleared: () => watched.clear(),
  event(event) {
    const agenda = ownerOf("a", event.stream);
    for (const watcher of [...(watched.get(agenda ?? "") ?? [])]) watcher.event(event);
  },
});
