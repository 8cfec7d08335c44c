/** A refusal in words that say what to do. */

import type { Problem } from "../engine/problem";
import { words } from "../i18n";

export function explain(problem: Problem): string {
  const w = words.value;
  const said = [w.bounds[problem.bound ?? ""] ?? w.problems[problem.reason] ?? w.problems.unknown];
  if (problem.retryAfter !== undefined) said.push(w.retryAfter(problem.retryAfter));
  if (problem.incident) said.push(w.incident(problem.incident));
  return said.join(" ");
}
