import { expect, test } from "vitest";
import type { KeptForm } from "../../runtime/keptForms";
import { formOf, heldReferrals, NOTHING_TYPED, nearest, ofServer } from "./kept";

const HOLD = {
  ...{ hold: "h", agenda: "a", agenda_name: "Cabinet", practitioner: "p", practitioner_name: "Dr Yann Kerbrat" },
  ...{ time_zone: "Indian/Reunion", reason: "r", reason_name: "Consultation", place: "Cabinet du Port" },
  ...{ start: "2026-12-01T09:20:00+04:00", end: "2026-12-01T09:40:00+04:00", expires_at: "2026-11-30T08:00:00Z" },
};
const onDevice = (at: string): number => Date.parse(at) + 5_000;
const at = (start: string) => ({ start });

test("a hold of another device has all that the form needs, by the clock of this one", () => {
  const made = ofServer(HOLD, onDevice);
  expect(made).toMatchObject({
    agenda: { id: "a", time_zone: "Indian/Reunion", place: "Cabinet du Port" },
    reason: { id: "r", minutes: 20 },
    held: { hold: "h", expiresAt: onDevice(HOLD.expires_at) },
    typed: NOTHING_TYPED,
  });
});

test("the slot that falls first comes first, and what holds none is no slot", () => {
  const later = { ...ofServer({ ...HOLD, hold: "later", expires_at: "2026-11-30T08:09:00Z" }, onDevice) };
  const forms = [
    formOf("1", 1, later),
    formOf("2", 2, ofServer(HOLD, onDevice)),
    formOf("3", 3, { ...later, held: null }),
    { id: "4", kind: "case" as const, at: 4, value: {} },
  ];
  expect(heldReferrals(forms).map(one => one.held.hold)).toEqual(["h", "later"]);
  expect(forms.map((form: KeptForm) => form.until !== undefined)).toEqual([true, true, false, false]);
});

test("the nearest slot may be before or after, in whatever offset it is written", () => {
  const slots = [at("2026-12-01T09:00:00+04:00"), at("2026-12-01T05:50:00Z"), at("2026-12-02T09:20:00+04:00")];
  expect(nearest(slots, HOLD.start)).toBe(slots[0]);
  expect(nearest(slots, "2026-12-01T09:40:00+04:00")).toBe(slots[1]);
  expect(nearest([], HOLD.start)).toBeNull();
});

test("of two as near the later one is offered", () => {
  const slots = [at("2026-12-01T09:00:00+04:00"), at("2026-12-01T09:40:00+04:00")];
  expect(nearest(slots, HOLD.start)).toBe(slots[1]);
});
