import { expect, test } from "vitest";
import { Presence } from "./presence";

test("a tab comes once, and goes when it says so or is silent", () => {
  const presence = new Presence();
  expect([presence.hear("b", 0), presence.hear("b", 500), presence.hear("c", 500)]).toEqual([true, false, true]);
  expect([presence.leave("c"), presence.leave("c")]).toEqual([true, false]);
  const due = presence.due!;
  expect([presence.missed(due - 1), presence.missed(due), presence.missed(due)]).toEqual([false, true, false]);
  expect([presence.due, presence.hear("b", due)]).toEqual([null, true]);
});

test("a tab that asks twice a second is missed within two seconds of its end", () => {
  const presence = new Presence();
  for (let now = 0; now <= 10_000; now += 500) {
    presence.hear("b", now);
    expect(presence.missed(now + 499)).toBe(false);
  }
  expect(presence.due).toBeLessThan(12_000);
});
