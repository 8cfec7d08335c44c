import { expect, test } from "vitest";
import { timeOf, uuid7 } from "./id";

test("ids are UUIDs of version 7 in the order of time", () => {
  const random = new Uint8Array(10).fill(255);
  const id = uuid7(1_700_000_000_123, random);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(timeOf(id)).toBe(1_700_000_000_123);
  expect(id < uuid7(1_700_000_000_124, new Uint8Array(10))).toBe(true);
  expect(timeOf("0193a000-0000-4000-8000-000000000000")).toBe(0);
});
