import { expect, test } from "vitest";
import * as time from "./time";

test("a slot is shown by the clocks of its site", () => {
  expect(time.clock("2026-12-01T09:20:00+04:00", "Indian/Reunion")).toBe("09:20");
  expect(time.dayOf("2026-12-01T23:30:00Z", "Indian/Reunion")).toBe("2026-12-02");
  expect(time.dayAndClock("2026-11-26T09:20:00+01:00", "Europe/Paris")).toBe("jeu. 26 nov. 09:20");
});

test("days are added on the calendar, over a change of clocks too", () => {
  expect(time.addDays("2026-10-24", 2)).toBe("2026-10-26");
  expect(time.addDays("2026-12-31", 1)).toBe("2027-01-01");
  expect(time.addDays("2027-03-01", -1)).toBe("2027-02-28");
});

test("an age is in whole years", () => {
  expect(time.age("1954-03-14", "2026-03-13")).toBe(71);
  expect(time.age("1954-03-14", "2026-03-14")).toBe(72);
});

test("a countdown never goes below nothing", () => {
  expect(time.countdown(899.2)).toBe("15:00");
  expect(time.countdown(61)).toBe("01:01");
  expect(time.countdown(-3)).toBe("00:00");
});
