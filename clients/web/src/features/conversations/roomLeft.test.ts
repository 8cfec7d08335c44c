import { expect, test } from "vitest";
import { encode } from "../../wire/frame";
import { roomLeft } from "./roomLeft";

const limits = { frame_bytes: 1_000, body_characters: 500, in_flight: 1, requests_per_second: 1, sync_limit: 1 };
const ID = "0193a000-0000-7000-8000-0000000000a1";

test("counts characters as the server does, not units of UTF-16", () => {
  expect(roomLeft("a".repeat(500), limits)).toBe(0);
  expect(roomLeft("a".repeat(501), limits)).toBe(-1);
  expect(roomLeft("🙂".repeat(150), limits)).toBe(350);
});

test.each(["é", "🙂", "\u0000", '"'])("never lets a message of %j through that is larger than a frame", character => {
  for (let count = 1; count <= 500; count += 1) {
    const body = character.repeat(count);
    const frame = encode(1, "message.send", { id: ID, conversation: ID, body, reply_to: ID });
    if (new TextEncoder().encode(frame).length > limits.frame_bytes) expect(roomLeft(body, limits)).toBeLessThan(0);
  }
});

test("a message of ordinary text may use nearly the whole frame", () => {
  expect(roomLeft("é".repeat(380), limits)).toBeGreaterThan(0);
  expect(roomLeft("é".repeat(480), limits)).toBeLessThan(0);
});
