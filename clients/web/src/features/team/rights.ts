/** What a member may do, and what is being changed of it before it is saved. Pure. */

import type {
  LimitsForm,
  Me,
  MemberRights,
  OrganisationProfile,
  ProfileRightView,
  ResourceRight,
  SetRights,
} from "../../wire/types";

export type Level = ResourceRight["level"];
export type ProfileLevel = ProfileRightView["level"];

/** From the least to the most; each includes those before it. */
export const LEVELS: readonly Level[] = ["none", "busy", "read", "book", "manage"];
/** A room or a device has one level beside none. */
const OF_THINGS: readonly Level[] = ["none", "manage"];
export const PROFILE_LEVELS: readonly ProfileLevel[] = ["none", "read", "answer"];

export const levelsOf = (kind: ResourceRight["kind"]): readonly Level[] => (kind === "agenda" ? LEVELS : OF_THINGS);

/** What was chosen and is not saved yet, by resource and by profile. */
export interface Edits {
  readonly levels: Readonly<Record<string, Level>>;
  readonly profiles: Readonly<Record<string, ProfileLevel>>;
  readonly limits: Readonly<Partial<LimitsForm>>;
}

export const NO_EDITS: Edits = { levels: {}, profiles: {}, limits: {} };

export interface Change {
  key: string;
  name: string;
  before: Level | ProfileLevel;
  after: Level | ProfileLevel;
}

/** The level of a profile as it is asked for: what waits for consent counts as given. */
export const askedLevel = (profile: ProfileRightView): ProfileLevel => profile.pending ?? profile.level;

export function levelNow(right: ResourceRight, edits: Edits): Level {
  return edits.levels[right.resource] ?? right.level;
}

export function profileNow(profile: ProfileRightView, edits: Edits): ProfileLevel {
  return edits.profiles[profile.person] ?? askedLevel(profile);
}

export function limitsNow(rights: MemberRights, edits: Edits): Required<LimitsForm> {
  const { notes_hidden = false, dashboard_hidden = false, may_export = false } = { ...rights.limits, ...edits.limits };
  return { notes_hidden, dashboard_hidden, may_export };
}

/** Chooses a level; choosing what is there already takes the change back. */
export function choose(edits: Edits, right: ResourceRight, level: Level): Edits {
  const { [right.resource]: _, ...levels } = edits.levels;
  return { ...edits, levels: level === right.level ? levels : { ...levels, [right.resource]: level } };
}

export function chooseProfile(edits: Edits, profile: ProfileRightView, level: ProfileLevel): Edits {
  const { [profile.person]: _, ...profiles } = edits.profiles;
  return { ...edits, profiles: level === askedLevel(profile) ? profiles : { ...profiles, [profile.person]: level } };
}

export function chooseLimit(edits: Edits, rights: MemberRights, limit: keyof LimitsForm, on: boolean): Edits {
  const { [limit]: _, ...limits } = edits.limits;
  return { ...edits, limits: (rights.limits[limit] ?? false) === on ? limits : { ...limits, [limit]: on } };
}

/** The same level for several agendas: where it may not be given, nothing changes. How many were left as they are. */
export function chooseForAll(
  edits: Edits,
  rights: readonly ResourceRight[],
  level: Level,
): { edits: Edits; left: number } {
  const able = rights.filter(right => right.givable?.includes(level));
  return { edits: able.reduce((so, right) => choose(so, right, level), edits), left: rights.length - able.length };
}

/** What is left of the changes when the server says anew what there is: somebody else may have made them, or more. */
export function rebase(edits: Edits, rights: MemberRights): Edits {
  const levels = rights.resources
    .filter(right => {
      const wanted = edits.levels[right.resource];
      return wanted !== undefined && wanted !== right.level && right.givable?.includes(wanted);
    })
    .map(right => [right.resource, edits.levels[right.resource]]);
  const profiles = rights.profiles
    .filter(profile => {
      const wanted = edits.profiles[profile.person];
      return wanted !== undefined && wanted !== askedLevel(profile) && profile.givable?.includes(wanted);
    })
    .map(profile => [profile.person, edits.profiles[profile.person]]);
  const limits = Object.entries(rights.may_limit ? edits.limits : {}).filter(
    ([limit, on]) => (rights.limits[limit as keyof LimitsForm] ?? false) !== on,
  );
  return {
    levels: Object.fromEntries(levels),
    profiles: Object.fromEntries(profiles),
    limits: Object.fromEntries(limits),
  };
}

export function changes(rights: MemberRights, edits: Edits): Change[] {
  return [
    ...rights.resources
      .filter(right => levelNow(right, edits) !== right.level)
      .map(right => ({ key: right.resource, name: right.name, before: right.level, after: levelNow(right, edits) })),
    ...rights.profiles
      .filter(profile => profileNow(profile, edits) !== askedLevel(profile))
      .map(profile => ({
        key: profile.person,
        name: profile.person_name,
        before: askedLevel(profile),
        after: profileNow(profile, edits),
      })),
  ];
}

export const countOf = (rights: MemberRights, edits: Edits): number =>
  changes(rights, edits).length + Object.keys(edits.limits).length;

/** What `rights.set` is told: only what changes. */
export function asked(organisation: string, rights: MemberRights, edits: Edits): SetRights {
  return {
    organisation,
    person: rights.member.person ?? "",
    agendas: Object.entries(edits.levels).map(([agenda, level]) => ({ agenda, level })),
    profiles: Object.entries(edits.profiles).map(([person, level]) => ({ person, level })),
    ...(Object.keys(edits.limits).length ? { limits: limitsNow(rights, edits) } : {}),
  };
}

export interface Cloning {
  edits: Edits;
  /** What would change, compared with what is there. */
  differences: Change[];
  /** Agendas that are as they are with the other one too. */
  same: number;
  /** Where the other one has a level that may not be given: left as it is. */
  held: string[];
}

/** The levels of `other`, as far as they may be given: what would change. Profiles and limits are not taken over. */
export function cloned(rights: MemberRights, other: MemberRights): Cloning {
  const theirs = new Map(other.resources.map(right => [right.resource, right.level]));
  const differences: Change[] = [];
  const held: string[] = [];
  let edits: Edits = NO_EDITS;
  let same = 0;
  for (const right of rights.resources) {
    const level = theirs.get(right.resource) ?? "none";
    if (level === right.level) same += 1;
    else if (right.givable?.includes(level)) {
      edits = choose(edits, right, level);
      differences.push({ key: right.resource, name: right.name, before: right.level, after: level });
    } else held.push(right.name);
  }
  return { edits, differences, same, held };
}

/** The messaging profiles that a new account may be given: one's own first, then those of colleagues and of the service. */
export function profilesToGive(
  mine: MemberRights | undefined,
  self: Pick<Me, "id" | "name"> | null,
): ProfileRightView[] {
  const own = mine?.member.function === "practitioner" && self !== null;
  const givable: ProfileRightView["givable"] = [...PROFILE_LEVELS];
  return [
    ...(own ? [{ person: self.id, person_name: self.name, level: "none" as const, givable }] : []),
    ...(mine?.profiles.filter(one => one.givable?.length) ?? []),
  ];
}

/** Why levels above `most` cannot be chosen for somebody; null when all can. */
export type WhyNot = "own" | "owner" | "not_yours" | "own_patients" | "held";

export function whyNot(right: ResourceRight, rights: MemberRights, ownPatientsOnly: boolean): WhyNot | null {
  const { member } = rights;
  const givable = right.givable ?? [];
  if (givable.length === levelsOf(right.kind).length) return null;
  if (right.person !== undefined && right.person === member.person) return "own";
  if (member.owner) return "owner";
  if (!givable.length) return "not_yours";
  const isOthers = right.kind === "agenda" && right.person !== undefined;
  return ownPatientsOnly && member.function === "practitioner" && isOthers ? "own_patients" : "held";
}

/** The levels that one may give somebody who is yet to come: nobody gives more than they hold. `right` is one's own. */
export function givableToNew(right: ResourceRight, organisation: OrganisationProfile): readonly Level[] {
  const may = (ability: "manage_access" | "manage_own_agendas") => organisation.abilities?.includes(ability) ?? false;
  const decides = may("manage_access") || (may("manage_own_agendas") && right.level === "manage");
  const levels = levelsOf(right.kind);
  return decides ? levels.slice(0, levels.indexOf(right.level) + 1) : ["none"];
}

/** The level, or the highest one below it that may be given. */
export function atMost(level: Level, able: readonly Level[]): Level {
  const at = LEVELS.indexOf(level);
  return able.findLast(one => LEVELS.indexOf(one) <= at) ?? "none";
}
