/** The directory as one types: the last question wins. */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Problem } from "../../engine/problem";
import type { Outcome } from "../../runtime/runtime";
import { addListener, call } from "../../runtime/runtime";
import type { Hit, OrganisationHit } from "../../wire/types";

export interface DirectoryQuery {
  text?: string;
  profession?: string;
  speciality?: string;
  organisation?: string;
  cpts?: string;
  place?: { postal_code?: string; city?: string; lat?: number; lon?: number };
  radius_km?: number;
  bookable?: boolean;
  on_relais?: boolean;
}

interface DirectoryState {
  query: DirectoryQuery;
  /** `hits` stay while the next search runs. */
  state: "idle" | "searching" | "done" | "failed";
  hits: Hit[];
  /** On Relais, by their names. */
  organisations: OrganisationHit[];
  more: boolean;
  problem?: Problem;
}

const ASK_AFTER = 120;
const PAGE = 20;

const current = signal<DirectoryState>({ query: {}, state: "idle", hits: [], organisations: [], more: false });
let question = 0;
let timer = 0;
let cursor: string | undefined;

export const directory: ReadonlySignal<DirectoryState> = current;

export function search(query: DirectoryQuery): void {
  question += 1;
  const mine = question;
  clearTimeout(timer);
  cursor = undefined;
  const asked = cleaned(query);
  if (!asked) {
    current.value = { query, state: "idle", hits: [], organisations: [], more: false };
    return;
  }
  const { hits, organisations } = current.value;
  current.value = { query, state: "searching", hits, organisations, more: false };
  timer = setTimeout(() => void ask(mine, asked, []), ASK_AFTER) as unknown as number;
}

export function searchMore(): void {
  const { state, more, query, hits } = current.value;
  const asked = cleaned(query);
  if (state !== "done" || !more || !asked) return;
  current.value = { ...current.value, state: "searching" };
  void ask(question, asked, hits);
}

/** A search of its own beside `directory`: who to add to a group, whom to write to. */
export async function findColleagues(text: string): Promise<Outcome<Hit[]>> {
  if (!text.trim()) return { ok: true, value: [] };
  const outcome = await call("directory.search", { text: text.trim(), on_relais: true, limit: PAGE });
  return outcome.ok ? { ok: true, value: outcome.value.hits } : outcome;
}

async function ask(mine: number, query: DirectoryQuery, before: Hit[]): Promise<void> {
  const outcome = await call("directory.search", {
    ...query,
    limit: PAGE,
    ...(cursor && before.length ? { cursor } : {}),
  });
  if (mine !== question) return;
  if (!outcome.ok) {
    current.value = { ...current.value, state: "failed", problem: outcome.problem };
    return;
  }
  cursor = outcome.value.cursor;
  const { query: shown, organisations } = current.value;
  current.value = {
    query: shown,
    state: "done",
    hits: [...before, ...outcome.value.hits],
    organisations: before.length ? organisations : (outcome.value.organisations ?? []),
    more: cursor !== undefined,
  };
}

addListener({
  /** What could not be asked without network is asked when there is one. */
  onWelcome() {
    const { state, query } = current.peek();
    if (state === "failed") search(query);
  },
});

/** Without what is empty; null when nothing is asked. A radius or a wish to book says nothing by itself. */
function cleaned(query: DirectoryQuery): DirectoryQuery | null {
  const { place, radius_km, bookable, on_relais, ...words } = query;
  const asked: DirectoryQuery = {};
  for (const [key, value] of Object.entries(words)) {
    const text = value?.trim();
    if (text) asked[key as keyof typeof words] = text;
  }
  const where = Object.fromEntries(
    Object.entries(place ?? {}).filter(([, value]) => value !== "" && value !== undefined),
  );
  if (Object.keys(where).length) asked.place = where;
  if (!Object.keys(asked).length) return null;
  if (asked.place && radius_km) asked.radius_km = radius_km;
  if (bookable) asked.bookable = true;
  if (on_relais) asked.on_relais = true;
  return asked;
}
