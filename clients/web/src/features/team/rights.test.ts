import { describe, expect, test } from "vitest";
import type { MemberRights, ProfileRightView, ResourceRight } from "../../wire/types";
import * as rules from "./rights";

const agenda = (resource: string, more: Partial<ResourceRight> = {}): ResourceRight => ({
  resource,
  kind: "agenda",
  name: resource,
  level: "none",
  givable: [...rules.LEVELS],
  ...more,
});

const profile = (person: string, more: Partial<ProfileRightView> = {}): ProfileRightView => ({
  person,
  person_name: person,
  level: "none",
  givable: [...rules.PROFILE_LEVELS],
  ...more,
});

function rights(
  resources: ResourceRight[],
  profiles: ProfileRightView[] = [],
  more: Partial<MemberRights> = {},
): MemberRights {
  return {
    member: { name: "N", first_name: "N", last_name: "N", function: "secretary", state: "active", person: "p" },
    resources,
    profiles,
    limits: {},
    may_limit: true,
    ...more,
  };
}

test("choosing the level that is there takes the change back", () => {
  const one = agenda("a", { level: "read" });
  const changed = rules.choose(rules.NO_EDITS, one, "book");
  expect(rules.levelNow(one, changed)).toBe("book");
  expect(rules.choose(changed, one, "read")).toEqual(rules.NO_EDITS);
});

test("the bar tells each change from what is there to what is chosen, and the question holds those alone", () => {
  const view = rights([agenda("a", { level: "read" }), agenda("b")], [profile("d", { level: "read" })]);
  let edits = rules.choose(rules.NO_EDITS, view.resources[0]!, "book");
  edits = rules.chooseProfile(edits, view.profiles[0]!, "answer");
  edits = rules.chooseLimit(edits, view, "notes_hidden", true);
  expect(rules.changes(view, edits)).toEqual([
    { key: "a", name: "a", before: "read", after: "book" },
    { key: "d", name: "d", before: "read", after: "answer" },
  ]);
  expect(rules.countOf(view, edits)).toBe(3);
  expect(rules.asked("o", view, edits)).toEqual({
    organisation: "o",
    person: "p",
    agendas: [{ agenda: "a", level: "book" }],
    profiles: [{ person: "d", level: "answer" }],
    limits: { notes_hidden: true, dashboard_hidden: false, may_export: false },
  });
});

test("limits that nobody touched are not sent: another owner may be changing them", () => {
  const view = rights([agenda("a")], [], { limits: { notes_hidden: true } });
  const edits = rules.choose(rules.NO_EDITS, view.resources[0]!, "busy");
  expect(rules.asked("o", view, edits)).not.toHaveProperty("limits");
});

describe("one level for several agendas", () => {
  test("changes nothing where it may not be given, and says how many those are", () => {
    const all = [agenda("a"), agenda("b", { givable: ["none", "busy"] }), agenda("c", { level: "manage" })];
    const { edits, left } = rules.chooseForAll(rules.NO_EDITS, all, "book");
    expect(edits.levels).toEqual({ a: "book", c: "book" });
    expect(left).toBe(1);
  });
});

describe("when the server says anew what there is", () => {
  test("a change that somebody else has made already is none any more", () => {
    const before = agenda("a", { level: "none" });
    const edits = rules.choose(rules.NO_EDITS, before, "read");
    expect(rules.rebase(edits, rights([agenda("a", { level: "read" })]))).toEqual(rules.NO_EDITS);
  });

  test("what may not be given any more is dropped, and the rest stays with its new beginning", () => {
    const edits = { ...rules.NO_EDITS, levels: { a: "book", b: "book", gone: "read" } as const };
    const now = rights([agenda("a", { level: "busy" }), agenda("b", { givable: ["none"] })]);
    const left = rules.rebase(edits, now);
    expect(left.levels).toEqual({ a: "book" });
    expect(rules.changes(now, left)[0]).toMatchObject({ before: "busy", after: "book" });
  });

  test("limits fall away with the right to set them", () => {
    const edits = { ...rules.NO_EDITS, limits: { notes_hidden: true } };
    expect(rules.rebase(edits, rights([])).limits).toEqual({ notes_hidden: true });
    expect(rules.rebase(edits, rights([], [], { may_limit: false })).limits).toEqual({});
  });
});

test("cloning shows what would change, what is the same, and what cannot be given", () => {
  const mine = rights([
    agenda("same", { level: "read" }),
    agenda("up", { level: "busy" }),
    agenda("down", { level: "manage" }),
    agenda("beyond", { givable: ["none", "busy"] }),
  ]);
  const other = rights([
    agenda("same", { level: "read" }),
    agenda("up", { level: "book" }),
    agenda("beyond", { level: "manage" }),
  ]);
  const { edits, differences, same, held } = rules.cloned(mine, other);
  expect(edits.levels).toEqual({ up: "book", down: "none" });
  expect(differences.map(({ key, before, after }) => [key, before, after])).toEqual([
    ["up", "busy", "book"],
    ["down", "manage", "none"],
  ]);
  expect([same, held]).toEqual([1, ["beyond"]]);
});

test("what waits for consent counts as chosen", () => {
  const waiting = profile("d", { level: "none", pending: "read" });
  expect(rules.profileNow(waiting, rules.NO_EDITS)).toBe("read");
  expect(rules.chooseProfile(rules.NO_EDITS, waiting, "read").profiles).toEqual({});
  expect(rules.chooseProfile(rules.NO_EDITS, waiting, "none").profiles).toEqual({ d: "none" });
});

test("each reason why a level cannot be given has its own words", () => {
  const doctor = { function: "practitioner" } as const;
  const of = (more: Partial<ResourceRight>, member: Partial<MemberRights["member"]> = {}, own = false) => {
    const view = rights([agenda("a", more)]);
    return rules.whyNot(view.resources[0]!, { ...view, member: { ...view.member, ...member } }, own);
  };
  expect(of({})).toBeNull();
  expect(of({ kind: "room", givable: ["none", "manage"] })).toBeNull();
  expect(of({ givable: [], person: "p" })).toBe("own");
  expect(of({ givable: [] }, { owner: true })).toBe("owner");
  expect(of({ givable: [] })).toBe("not_yours");
  expect(of({ givable: ["none", "busy"], person: "d" }, doctor, true)).toBe("own_patients");
  expect(of({ givable: ["none", "busy"], person: "d" }, doctor, false)).toBe("held");
  expect(of({ givable: ["none", "busy", "read"] }, {}, true)).toBe("held");
});

test("somebody who is yet to come is given no more than the giver holds, and nothing where others decide", () => {
  const organisation = (abilities: string[]) => ({ id: "o", name: "O", kind: "practice", abilities }) as never;
  const able = (level: rules.Level, abilities: string[]) =>
    rules.givableToNew(agenda("a", { level }), organisation(abilities));
  expect(able("read", ["manage_access"])).toEqual(["none", "busy", "read"]);
  expect(able("manage", ["manage_own_agendas"])).toEqual([...rules.LEVELS]);
  expect(able("book", ["manage_own_agendas"])).toEqual(["none"]);
  expect(able("manage", [])).toEqual(["none"]);
  expect(rules.atMost("manage", ["none", "busy"])).toBe("busy");
  expect(rules.atMost("none", ["none", "busy"])).toBe("none");
  expect(rules.atMost("book", ["none", "manage"])).toBe("none");
});
