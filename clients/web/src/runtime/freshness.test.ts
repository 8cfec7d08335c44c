import { beforeEach, expect, test, vi } from "vitest";

let freshness: typeof import("./freshness");
let browser: { onLine: boolean };

beforeEach(async () => {
  vi.resetModules();
  vi.useFakeTimers({ now: Date.parse("2026-11-22T12:40:00Z") });
  browser = { onLine: true };
  vi.stubGlobal("navigator", browser);
  freshness = await import("./freshness");
});

test("without network it is offline at once, whatever the socket says", () => {
  expect(freshness.shown("up-to-date")).toBe("up-to-date");
  freshness.noteNetwork(false);
  expect(freshness.shown("up-to-date")).toBe("offline");
});

test("a server that answers proves the browser wrong", () => {
  freshness.noteNetwork(false);
  freshness.noteHeard();
  expect(freshness.shown("up-to-date")).toBe("up-to-date");
});

test("a server that does not answer is away; when the browser has no network it is offline", () => {
  expect(freshness.shown("offline")).toBe("away");
  browser.onLine = false;
  freshness.noteClosed();
  expect(freshness.shown("offline")).toBe("offline");
});

test("three seconds without a word after a request are a doubt, and any word ends it", () => {
  const doubted = vi.fn();
  freshness.noteAsked(doubted);
  vi.advanceTimersByTime(2_999);
  freshness.noteAsked(doubted);
  expect(freshness.shown("up-to-date")).toBe("up-to-date");
  vi.advanceTimersByTime(1);
  expect([freshness.shown("up-to-date"), doubted.mock.calls.length]).toEqual(["connecting", 1]);
  freshness.noteHeard();
  expect(freshness.shown("up-to-date")).toBe("up-to-date");
  freshness.noteAsked(doubted);
  freshness.noteHeard();
  vi.advanceTimersByTime(10_000);
  expect(doubted).toHaveBeenCalledOnce();
});

test("what is shown is as old as the last word of the server, once it was up to date", () => {
  freshness.noteShown("connecting");
  expect(freshness.asOf(null)).toBeNull();
  freshness.noteHeard();
  freshness.noteShown("up-to-date");
  const heard = Date.now();
  vi.advanceTimersByTime(60_000);
  freshness.noteShown("offline");
  freshness.noteShown("connecting");
  expect(freshness.asOf(null)).toBe(heard);
  freshness.noteShown("up-to-date");
  expect(freshness.asOf(null)).toBeNull();
});

test("a conversation that hello left open stays as old as it was, though the rest is up to date", () => {
  freshness.noteHeard();
  freshness.noteShown("up-to-date");
  const heard = Date.now();
  vi.advanceTimersByTime(60_000);
  freshness.noteShown("offline");
  freshness.noteHeard();
  freshness.noteStale(["a", "b"], id => id === "a");
  freshness.noteShown("up-to-date");
  expect([freshness.asOf("a"), freshness.asOf(null)]).toEqual([heard, null]);
  freshness.noteStale(["a", "b"], () => false);
  expect(freshness.asOf("a")).toBeNull();
});
