/** One's own profile as it is edited, and what is sent of it: only what was changed. Pure but for `load` and `save`. */

import { signal } from "@preact/signals";
import type { Problem } from "../../engine/problem";
import { call } from "../../runtime/runtime";
import type { Methods, Profile, ProfilePlace } from "../../wire/types";

/** What can be edited, empty where nothing is said. */
export interface Draft {
  first_name: string;
  last_name: string;
  practice_mode: string;
  fee_sector: string;
  address: string;
  postal_code: string;
  city: string;
  phone: string;
  mssante: string;
  mobile_shown: boolean;
  language: "fr" | "en";
  languages: string[];
  places: Required<ProfilePlace>[];
}

type Update = Methods["profile.update"]["params"];

interface Editing {
  /** As the server has it; null until it is there. */
  kept: Profile | null;
  draft: Draft | null;
  /** The code of what is wrong, by the field's path: "phone", "places[0].postal_code". */
  errors: Record<string, string>;
  problem: Problem | null;
  busy: boolean;
}

export const editing = signal<Editing>({ kept: null, draft: null, errors: {}, problem: null, busy: false });

export function draftOf(profile: Profile): Draft {
  return {
    first_name: profile.first_name,
    last_name: profile.last_name,
    practice_mode: profile.practice_mode ?? "",
    fee_sector: profile.fee_sector ?? "",
    address: profile.address ?? "",
    postal_code: profile.postal_code ?? "",
    city: profile.city ?? "",
    phone: profile.phone ?? "",
    mssante: profile.mssante ?? "",
    mobile_shown: profile.mobile_shown ?? false,
    language: profile.language,
    languages: profile.languages ?? [],
    places: (profile.places ?? []).map(place => ({ ...BLANK_PLACE, ...place })),
  };
}

export const BLANK_PLACE: Required<ProfilePlace> = { name: "", address: "", postal_code: "", city: "", phone: "" };

/** What was changed, as `profile.update` takes it; nothing when there is nothing to save. */
export function changes(kept: Draft, draft: Draft): Update | null {
  const changed = (Object.keys(draft) as (keyof Draft)[]).filter(
    field => JSON.stringify(draft[field]) !== JSON.stringify(kept[field]),
  );
  if (!changed.length) return null;
  const update: Record<string, unknown> = Object.fromEntries(changed.map(field => [field, draft[field]]));
  // A town is of its postal code: the server compares the two.
  if ("postal_code" in update || "city" in update) {
    update["postal_code"] = draft.postal_code;
    update["city"] = draft.city;
  }
  // Neither has an empty value: what was never said stays unsaid.
  for (const choice of ["practice_mode", "fee_sector"]) if (update[choice] === "") delete update[choice];
  return Object.keys(update).length ? (update as Update) : null;
}

/** "$.params.places[0].postal_code" as a field of the draft. */
export function fieldAt(path: string): string {
  return path.replace(/^\$\.(params\.)?/, "");
}

function take(profile: Profile): void {
  editing.value = { kept: profile, draft: draftOf(profile), errors: {}, problem: null, busy: false };
}

export async function load(): Promise<void> {
  const outcome = await call("profile.get", {});
  if (outcome.ok) take(outcome.value);
  else editing.value = { ...editing.peek(), problem: outcome.problem };
}

export function edit(change: Partial<Draft>): void {
  const now = editing.peek();
  if (!now.draft) return;
  const errors = Object.fromEntries(
    Object.entries(now.errors).filter(([field]) => !(field.replace(/\[.*/, "") in change)),
  );
  editing.value = { ...now, draft: { ...now.draft, ...change }, errors };
}

/** True when it is saved, or nothing was changed. */
export async function save(): Promise<boolean> {
  const { kept, draft, busy } = editing.peek();
  if (!kept || !draft || busy) return false;
  const empty = draft.places.findIndex(place => !place.name.trim());
  if (empty >= 0) {
    editing.value = { ...editing.peek(), errors: { [`places[${empty}].name`]: "required" } };
    return false;
  }
  const update = changes(draftOf(kept), draft);
  if (!update) return true;
  editing.value = { ...editing.peek(), busy: true, problem: null };
  const outcome = await call("profile.update", update);
  if (outcome.ok) {
    take(outcome.value);
    return true;
  }
  const { problem } = outcome;
  const isField = problem.reason === "invalid" && problem.path !== undefined && problem.path !== "$";
  editing.value = {
    ...editing.peek(),
    busy: false,
    errors: isField ? { [fieldAt(problem.path!)]: problem.why ?? "refused" } : {},
    problem: isField ? null : problem,
  };
  return false;
}
