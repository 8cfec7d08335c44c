/** What is asked for when a screen first reads it, and again when something happens to it. */

import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Problem } from "../engine/problem";
import type { AnyEvent } from "../wire/frame";
import { addListener, type Outcome } from "./runtime";

export interface Loaded<T> {
  state: "loading" | "ready" | "failed";
  /** What was loaded stays while the server cannot be asked; not once access is lost. */
  value?: T;
  problem?: Problem;
}

export interface Kept<T> {
  /** Live from the first reading on. The same signal for the same key. */
  of(key: string): ReadonlySignal<Loaded<T>>;
  reload(key: string): Promise<void>;
  /** Asks again for everything that was read. */
  reloadAll(): void;
  /** What an answer just said of it. */
  show(key: string, value: T): void;
}

/** `isAbout`: whether an event may change what stands under any of the keys. */
export function kept<T>(
  load: (key: string) => Promise<Outcome<T>>,
  isAbout: (event: AnyEvent) => boolean = () => false,
): Kept<T> {
  const known = new Map<string, Signal<Loaded<T>>>();
  /** The newest question of each key: an older answer that comes later is passed over. */
  const asked = new Map<string, number>();

  const slot = (key: string): Signal<Loaded<T>> => {
    const found = known.get(key) ?? signal<Loaded<T>>({ state: "loading" });
    known.set(key, found);
    return found;
  };
  const reload = async (key: string): Promise<void> => {
    const mine = (asked.get(key) ?? 0) + 1;
    asked.set(key, mine);
    const outcome = await load(key);
    const here = known.get(key);
    if (!here || asked.get(key) !== mine) return;
    if (outcome.ok) here.value = { state: "ready", value: outcome.value };
    else {
      const isLost = outcome.problem.reason === "not_found" || outcome.problem.reason === "forbidden";
      const { value } = here.peek();
      here.value = { state: "failed", problem: outcome.problem, ...(value === undefined || isLost ? {} : { value }) };
    }
  };
  const reloadAll = (): void => {
    for (const key of known.keys()) void reload(key);
  };
  addListener({
    onWelcome: reloadAll,
    onEvent: event => void (isAbout(event) && reloadAll()),
    onClear() {
      known.clear();
      asked.clear();
    },
  });
  return {
    of(key) {
      if (!known.has(key)) queueMicrotask(() => void reload(key));
      return slot(key);
    },
    reload(key) {
      const here = slot(key);
      if (here.peek().state === "failed" && here.peek().value === undefined) here.value = { state: "loading" };
      return reload(key);
    },
    reloadAll,
    show(key, value) {
      asked.set(key, (asked.get(key) ?? 0) + 1);
      slot(key).value = { state: "ready", value };
    },
  };
}
