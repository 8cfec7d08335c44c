import { expect, test } from "vitest";
import type { ComparisonRow, OpinionView, ReviewItem } from "../../wire/types";
import { DECISIONS, decides, differ, differences, isContrary, REASONS } from "./deciding";

const opinion = (decision: OpinionView["decision"], mine = false): OpinionView => ({
  by: "M",
  at: "2026-11-24T09:00:00Z",
  decision,
  reason: "names_agree",
  mine,
});

const item = (more: Partial<ReviewItem>): ReviewItem => ({ opinions_needed: 2, ...more }) as ReviewItem;

test("an opinion decides when another moderator has said the same, and one's own earlier one does not count", () => {
  expect(decides(item({}), "accept")).toBe(false);
  expect(decides(item({ opinions: [opinion("accept")] }), "accept")).toBe(true);
  expect(decides(item({ opinions: [opinion("refuse")] }), "accept")).toBe(false);
  expect(decides(item({ opinions: [opinion("accept", true)] }), "accept")).toBe(false);
  expect(decides(item({ opinions_needed: 1 }), "refuse")).toBe(true);
});

test("opinions differ when there are enough and nothing is decided, and one against another is said to be", () => {
  const open = { state: "in_review" as const };
  expect(differ(item({ ...open, opinions: [opinion("accept")] }))).toBe(false);
  expect(differ(item({ ...open, opinions: [opinion("accept"), opinion("refuse", true)] }))).toBe(true);
  expect(differ(item({ state: "refused", opinions: [opinion("accept"), opinion("refuse"), opinion("refuse")] }))).toBe(
    false,
  );
  expect(isContrary(item({}), "refuse")).toBe(false);
  expect(isContrary(item({ opinions: [opinion("accept")] }), "refuse")).toBe(true);
  expect(isContrary(item({ opinions: [opinion("accept"), opinion("refuse", true)] }), "refuse")).toBe(true);
  expect(isContrary(item({ opinions: [opinion("accept"), opinion("refuse")] }), "refuse")).toBe(false);
});

test("what differs comes before what is close, and what is identical is left out", () => {
  const row = (trait: ComparisonRow["trait"], likeness: ComparisonRow["likeness"]): ComparisonRow => ({
    trait,
    likeness,
  });
  const comparison = [row("last_name", "close"), row("first_names", "identical"), row("number", "different")];
  expect(differences(item({ comparison })).map(({ trait }) => trait)).toEqual(["number", "last_name"]);
});

test("every reason belongs to one decision", () => {
  const all = DECISIONS.flatMap(decision => REASONS[decision]);
  expect(new Set(all).size).toBe(all.length);
});
