/**
 * A refusal in words that say what to do. There are many, and none is on the first screen: they are fetched when there
 * is nothing else to do, or with the first refusal.
 */

import { signal } from "@preact/signals";
import type { Problem } from "../engine/problem";
import { words, wordsArrived } from "../i18n";
import { fetchedWhenIdle } from "./lazyScreen";

type Further = typeof import("./problemWords");
const further = signal<Further | null>(null);

async function fetchFurther(): Promise<boolean> {
  if (further.peek()) return true;
  try {
    const arrived = await import("./problemWords");
    await wordsArrived();
    further.value = arrived;
    return true;
  } catch {
    return false; // without a network: what can be said then is known from the beginning
  }
}

fetchedWhenIdle(fetchFurther);

export function explain(problem: Problem): string {
  const w = words.value;
  if (!further.value) void fetchFurther();
  const said = [further.value?.reasonOf(problem) ?? w.problems[problem.reason] ?? w.problems["unknown"]!];
  if (problem.retryAfter !== undefined) said.push(w.retryAfter(problem.retryAfter));
  if (problem.incident) said.push(w.incident(problem.incident));
  return said.join(" ");
}
