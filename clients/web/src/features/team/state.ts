/** Organisations and their members as they are now: import it from lazily loaded screens only. */

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Problem } from "../../engine/problem";
import { kept } from "../../runtime/loaded";
import { addListener, call, me, type Outcome } from "../../runtime/runtime";
import { type AnyEvent, ownerOf } from "../../wire/frame";
import type {
  CreateOrganisation,
  MemberRights,
  OrganisationMember,
  OrganisationMembers,
  OrganisationProfile,
  OrganisationResult,
  Params,
  SetRights,
  UpdateMembership,
  UpdateOrganisation,
} from "../../wire/types";

const ABOUT_ORGANISATIONS: ReadonlySet<string> = new Set(["membership.changed", "membership.ended"]);
const ABOUT_RIGHTS: ReadonlySet<string> = new Set([...ABOUT_ORGANISATIONS, "rights.changed"]);

const isOfInbox = (event: AnyEvent, types: ReadonlySet<string>): boolean =>
  types.has(event.type) && ownerOf("i", event.stream) !== null;

export interface Mine {
  id: string;
  name: string;
  kind: string;
  city?: string;
  parent_name?: string;
}

/** What happened since the greeting: organisations that were founded or joined, and those that were left (null). */
const since = signal<ReadonlyMap<string, Mine | null>>(new Map());

/** The organisations that one belongs to, as in the greeting and changed since. */
export const organisations: ReadonlySignal<readonly Mine[]> = computed(() => {
  const greeted = me.value?.organisations ?? [];
  const changed = since.value;
  const old = greeted.filter(one => changed.get(one.id) !== null).map(one => changed.get(one.id) ?? one);
  const added = [...changed.values()].filter(one => one !== null && !greeted.some(({ id }) => id === one.id));
  return [...old, ...(added as Mine[])];
});

/** Whether one decides on verifications. */
export const isModerator: ReadonlySignal<boolean> = computed(() => me.value?.abilities.includes("moderate") ?? false);

function note(id: string, now: Mine | null): void {
  since.value = new Map([...since.peek(), [id, now]]);
}

/** The greeting has them all. */
function forgetChanges(): void {
  since.value = new Map();
}

addListener({
  onWelcome: forgetChanges,
  onClear: forgetChanges,
  onEvent(event) {
    if (!isOfInbox(event, ABOUT_ORGANISATIONS)) return;
    const { organisation } = event.data as { organisation: string };
    if (event.type === "membership.ended") note(organisation, null);
    else void profiles.reload(organisation);
  },
});

const profiles = kept<OrganisationProfile>(
  async id => {
    const outcome = await call("organisation.get", { organisation: id });
    return outcome.ok ? learn(outcome.value) : outcome;
  },
  event => isOfInbox(event, ABOUT_RIGHTS),
);

function mineOf({ id, name, kind, parent_name, sites = [] }: OrganisationProfile): Mine {
  const city = sites.find(site => site.city)?.city;
  return { id, name, kind, ...(city ? { city } : {}), ...(parent_name ? { parent_name } : {}) };
}

function learn({ organisation }: { organisation: OrganisationProfile }): Outcome<OrganisationProfile> {
  if (organisation.settings) note(organisation.id, mineOf(organisation));
  return { ok: true, value: organisation };
}

/** An organisation with what one may do there. Live. */
export const organisation = profiles.of;
export const reloadOrganisation = profiles.reload;

export async function found(params: CreateOrganisation): Promise<Outcome<OrganisationProfile>> {
  const outcome = await call("organisation.create", params);
  if (!outcome.ok) return outcome;
  profiles.show(outcome.value.organisation.id, outcome.value.organisation);
  return learn(outcome.value);
}

export async function updateOrganisation(params: UpdateOrganisation): Promise<Outcome<OrganisationProfile>> {
  const outcome = await call("organisation.update", params);
  if (!outcome.ok) return outcome;
  profiles.show(params.organisation, outcome.value.organisation);
  return learn(outcome.value);
}

type Change = "site.create" | "site.update" | "service.create" | "organisation.claim";

/** Carries out one of the commands that answer with the organisation, which is shown then. */
export async function changeOrganisation<M extends Change>(
  method: M,
  params: Params<M>,
): Promise<Outcome<OrganisationProfile>> {
  const outcome: Outcome<OrganisationResult> = await call<Change>(method, params as Params<Change>);
  if (!outcome.ok) return outcome;
  const { organisation: now } = outcome.value;
  profiles.show(now.id, now);
  return { ok: true, value: now };
}

// The list of members: one at a time.

export type Only = "all" | "invited" | "administrators";

export interface MemberList {
  state: "loading" | "ready" | "failed";
  items: readonly OrganisationMember[];
  counts: Pick<OrganisationMembers, "total" | "invited" | "administrators"> | null;
  more: boolean;
  problem?: Problem;
}

interface Question {
  organisation: string;
  text: string;
  only: Only;
}

const NOTHING: MemberList = { state: "loading", items: [], counts: null, more: false };
const list = signal<MemberList>(NOTHING);
let question: Question | null = null;
let cursor: string | undefined;
let asked = 0;

export const members: ReadonlySignal<MemberList> = list;

/** Asks for the members who fit; what is on the screen stays until the answer is there. */
export function showMembers(wanted: Question): void {
  if (question?.organisation !== wanted.organisation) list.value = NOTHING;
  question = wanted;
  void loadMembers();
}

export function reloadMembers(): void {
  if (question) void loadMembers();
}

export function moreMembers(): void {
  if (question && cursor !== undefined) void loadMembers(cursor);
}

async function loadMembers(from?: string): Promise<void> {
  if (!question) return;
  const { organisation: id, text, only } = question;
  const mine = ++asked;
  list.value = { ...list.peek(), state: "loading" };
  const outcome = await call("organisation.members", {
    organisation: id,
    text,
    ...(only === "all" ? {} : { only }),
    ...(from === undefined ? {} : { cursor: from }),
  });
  if (mine !== asked) return;
  if (!outcome.ok) {
    const isLost = outcome.problem.reason === "not_found" || outcome.problem.reason === "forbidden";
    list.value = { ...(isLost ? NOTHING : list.peek()), state: "failed", problem: outcome.problem };
    return;
  }
  const { members: page, cursor: next, ...counts } = outcome.value;
  cursor = next;
  const items = from === undefined ? page : [...list.peek().items, ...page];
  list.value = { state: "ready", items, counts, more: next !== undefined };
}

addListener({
  onWelcome: reloadMembers,
  onEvent: event => void (isOfInbox(event, ABOUT_RIGHTS) && reloadMembers()),
  onClear() {
    question = null;
    cursor = undefined;
    list.value = NOTHING;
  },
});

// What one member may do.

const keyOf = (organisationId: string, person: string): string => `${organisationId}/${person}`;

const rights = kept<MemberRights>(
  key => {
    const [organisationId = "", person = ""] = key.split("/");
    return call("member.rights", { organisation: organisationId, person });
  },
  event => isOfInbox(event, ABOUT_RIGHTS),
);

/** Live for the person themselves; others ask again when they come back to the page. */
export const memberRights = (organisationId: string, person: string) => rights.of(keyOf(organisationId, person));
export const reloadRights = (organisationId: string, person: string): Promise<void> =>
  rights.reload(keyOf(organisationId, person));

export async function setRights(params: SetRights): Promise<Outcome> {
  const outcome = await call("rights.set", params);
  if (!outcome.ok) return outcome;
  rights.show(keyOf(params.organisation, params.person), outcome.value);
  return { ok: true, value: undefined };
}

export async function updateMember(params: UpdateMembership): Promise<Outcome> {
  const outcome = await call("member.update", params);
  if (!outcome.ok) return outcome;
  await rights.reload(keyOf(params.organisation, params.person));
  reloadMembers();
  return { ok: true, value: undefined };
}

export async function removeMember(organisationId: string, person: string): Promise<Outcome> {
  const outcome = await call("member.remove", { organisation: organisationId, person });
  if (!outcome.ok) return outcome;
  reloadMembers();
  return { ok: true, value: undefined };
}
