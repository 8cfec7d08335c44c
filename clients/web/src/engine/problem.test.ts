import { expect, test } from "vitest";
import { problemOf } from "./problem";

test("a refusal for a bound names it, and says how long to wait", () => {
  const notices = { reason: "too_many_notices", bound: "sms_to_number", retry_after: 2362 };
  expect(problemOf({ code: -32000, data: notices })).toEqual({
    reason: "too_many_notices",
    bound: "sms_to_number",
    retryAfter: 2362,
  });
  const bookings = { reason: "too_many_bookings", of: "ahead", limit: 20 };
  expect(problemOf({ code: -32000, data: bookings })).toEqual({ reason: "too_many_bookings", bound: "ahead" });
});

test("who wants to be asked first is named", () => {
  expect(problemOf({ code: -32000, data: { reason: "asks_first", people: ["ada"] } })).toEqual({
    reason: "asks_first",
    people: ["ada"],
  });
});
