/** What the server offers to whoever makes an account: professions, towns, an identity proven elsewhere. */

import { signal } from "@preact/signals";
import { ask } from "../../runtime/http";
import { takeInvitation } from "./link";
import { byCard, edit, signUp, toStep } from "./state";

export interface Speciality {
  key: string;
  label: string;
  profession: string;
  /** By which the register names it; none for a bare profession. */
  codes: string[];
}

/** Null until they are there; "missing" when they could not be fetched. */
export const specialities = signal<Speciality[] | "missing" | null>(null);

export async function fetchSpecialities(): Promise<void> {
  if (Array.isArray(specialities.peek())) return;
  const { status, data } = await ask("GET", "/auth/signup/specialities");
  specialities.value = status === 200 ? (data as { specialities: Speciality[] }).specialities : "missing";
}

/** The towns of the postal code that is typed; empty where the list knows none, and any name will do. */
export const towns = signal<{ code: string; names: string[] }>({ code: "", names: [] });

export async function fetchTowns(code: string): Promise<void> {
  if (towns.peek().code === code) return;
  towns.value = { code, names: [] };
  const { status, data } = await ask("GET", `/auth/signup/towns?postal_code=${encodeURIComponent(code)}`);
  if (status !== 200 || towns.peek().code !== code) return;
  const names = (data as { towns: { name: string }[] }).towns.map(town => town.name);
  towns.value = { code, names };
  const typed = signUp.peek().typed.city;
  if (names.length === 1) edit("city", names[0]!);
  else if (names.length && !names.includes(typed)) edit("city", "");
}

/** One of somebody's activities, as the register has it; `activity` is what chooses it. */
export interface Activity {
  activity: number;
  name?: string;
  postal_code?: string;
  city?: string;
  address?: string;
  /** L: independent, S: salaried, B: voluntary. */
  mode?: string;
  profession?: string;
  speciality?: string | null;
}

/** Whom Pro Santé Connect, or their card, has identified, and who has no account yet. */
export const identified = signal<Identity | null>(null);

export async function fetchIdentity(): Promise<void> {
  if (identified.peek() || !new URLSearchParams(location.search).has("par")) return;
  const { status, data } = await ask("GET", "/auth/psc/identity");
  if (status !== 200) return;
  const found = data as Identity;
  const { first_name, last_name, rpps, activities = [] } = found;
  identified.value = found;
  byCard.value = true;
  takeInvitation("");
  edit("first_name", first_name);
  edit("last_name", last_name);
  if (rpps) edit("number", rpps);
  if (activities.length > 1) toStep("activity");
  else await fillIn(activities[0]);
}

/** Which activity they come for; false when the server could not be told, or knows them no longer. */
export async function chooseActivity(chosen: Activity): Promise<boolean> {
  const { status } = await ask("POST", "/auth/psc/activity", { activity: chosen.activity });
  if (status === 200) await fillIn(chosen);
  return status === 200;
}

async function fillIn(here: Activity | undefined): Promise<void> {
  if (here?.postal_code) {
    edit("postal_code", here.postal_code);
    await fetchTowns(here.postal_code);
    // "35600 REDON", as letters are addressed: the town of the list that is written so.
    const city = folded((here.city ?? "").replace(/^\d{5}\s*/, ""));
    const known = towns.peek().names.find(name => folded(name) === city);
    if (known) edit("city", known);
    if (here.address) edit("address", here.address);
  }
  if (here?.profession) await chooseSpeciality(here.profession, here.speciality);
  if (here?.mode) edit("practice_mode", here.mode === "S" ? "salaried" : "liberal");
  toStep("form");
}

/** Letters alone, without their accents. */
const folded = (text: string): string =>
  text
    .normalize("NFD")
    .replace(/[^a-z]/gi, "")
    .toLowerCase();

/** The card's, by the codes of the register. */
async function chooseSpeciality(profession: string, speciality: string | null = null): Promise<void> {
  await fetchSpecialities();
  const known = specialities.peek();
  if (!Array.isArray(known)) return;
  const found = known.find(one => speciality !== null && one.codes.includes(speciality));
  const bare = known.find(one => one.key === profession);
  const chosen = found ?? bare;
  if (chosen) edit("speciality", chosen.key);
}

interface Identity {
  first_name: string;
  last_name: string;
  rpps?: string | null;
  activities?: Activity[];
}
