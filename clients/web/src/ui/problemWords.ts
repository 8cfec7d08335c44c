import type { Problem } from "../engine/problem";
import { catalogue } from "../i18n";
import { fr } from "./problemWords.fr";

export const problemWords = catalogue(fr, () => import("./problemWords.en"));

/** What a problem is called, and what to do; undefined when it is one of those that are known from the beginning. */
export function reasonOf({ reason, bound }: Problem): string | undefined {
  return problemWords.value.bounds[bound ?? ""] ?? problemWords.value.problems[reason];
}
