/** Tabs of one browser that only the test moves: its lock, its channel, its clock. */

import { beforeEach, expect, test } from "vitest";
import { type Effect, type Input, Leadership } from "./leadership";
import type { TabId } from "./messages";

let now: number;
let lock: { holder: TabId | null; line: TabId[] };
let tabs: Map<TabId, Tab>;

class Tab {
  readonly leadership: Leadership;
  /** Stopped without a warning: nothing runs until it wakes, and what is said to it waits. */
  stopped = false;
  private readonly waiting: Input[] = [];
  /** Who led, as this tab was told. */
  readonly told: (TabId | null)[] = [];

  constructor(
    readonly id: TabId,
    random = 0,
  ) {
    this.leadership = new Leadership(id, () => random);
    tabs.set(id, this);
    this.step({ type: "join" });
  }

  step(input: Input): void {
    if (this.stopped) this.waiting.push(input);
    else for (const effect of this.leadership.step(input, now)) this.perform(effect);
  }

  wake(): void {
    this.stopped = false;
    for (const input of this.waiting.splice(0)) this.step(input);
  }

  private perform(effect: Effect): void {
    if (effect.type === "request") queue(this.id);
    if (effect.type === "steal") steal(this.id);
    if (effect.type === "release") free(this.id);
    if (effect.type === "led") this.told.push(effect.by);
    if (effect.type === "say")
      for (const [id, tab] of tabs) {
        if (id !== this.id && (effect.to ?? id) === id) tab.step({ type: "heard", word: effect.word, from: this.id });
      }
  }
}

function queue(id: TabId): void {
  lock.line.push(id);
  grant();
}

function grant(): void {
  const next = lock.holder === null ? lock.line.shift() : undefined;
  if (next === undefined) return;
  lock.holder = next;
  tabs.get(next)?.step({ type: "granted" });
}

function steal(id: TabId): void {
  const before = lock.holder;
  lock.line = lock.line.filter(one => one !== id);
  lock.holder = id;
  if (before !== null) tabs.get(before)?.step({ type: "lost" });
  tabs.get(id)?.step({ type: "granted" });
}

function free(id: TabId): void {
  lock.line = lock.line.filter(one => one !== id);
  if (lock.holder === id) lock.holder = null;
  grant();
}

/** Closed, reloaded or crashed: the browser frees its lock. */
function close(id: TabId): void {
  tabs.delete(id);
  free(id);
}

function pass(milliseconds: number): void {
  const until = now + milliseconds;
  while (now < until) {
    now += 50;
    for (const tab of [...tabs.values()]) {
      const { due } = tab.leadership;
      if (due !== null && due <= now) tab.step({ type: "clock" });
    }
  }
}

const leaders = () => [...tabs.values()].filter(({ leadership }) => leadership.role === "leader").map(({ id }) => id);
const agreed = () => new Set([...tabs.values()].filter(tab => !tab.stopped).map(({ leadership }) => leadership.leader));

beforeEach(() => {
  now = 1_000_000;
  lock = { holder: null, line: [] };
  tabs = new Map();
});

test("the first tab leads, and those that come later know it at once", () => {
  new Tab("a");
  new Tab("b");
  new Tab("c");
  expect(leaders()).toEqual(["a"]);
  expect([...agreed()]).toEqual(["a"]);
});

test("a tab alone asks nobody and waits for nothing", () => {
  const { leadership } = new Tab("a");
  expect([leadership.role, leadership.due]).toEqual(["leader", null]);
});

test("when the leader is closed the next in line leads at once, and all agree", () => {
  new Tab("a");
  new Tab("b");
  new Tab("c");
  close("a");
  expect(leaders()).toEqual(["b"]);
  expect([...agreed()]).toEqual(["b"]);
});

test("a leader that is put to sleep gives the lock back first, and follows when it wakes", () => {
  const a = new Tab("a");
  new Tab("b");
  a.step({ type: "leave" });
  expect(leaders()).toEqual(["b"]);
  a.step({ type: "join" });
  expect(a.leadership).toMatchObject({ role: "follower", leader: "b" });
});

test("from a leader that is stopped the lock is taken in little more than a second, and it follows when it wakes", () => {
  const a = new Tab("a");
  const b = new Tab("b");
  pass(10_000);
  a.stopped = true;
  pass(900);
  expect(b.leadership.leader).toBe("a");
  pass(800);
  expect(b.leadership.role).toBe("leader");
  a.wake();
  expect(leaders()).toEqual(["b"]);
  expect(a.leadership.leader).toBe("b");
  expect(a.told).toEqual(["a", null, "b"]);
});

test("a leader that answers is left alone, however long", () => {
  new Tab("a");
  const b = new Tab("b");
  pass(600_000);
  expect(leaders()).toEqual(["a"]);
  expect(b.told).toEqual(["a"]);
});

test("of two tabs that miss the leader one takes over, and they agree", () => {
  const a = new Tab("a");
  new Tab("b", 0.9);
  new Tab("c", 0.1);
  a.stopped = true;
  pass(5_000);
  expect([...agreed()]).toEqual(["c"]);
  a.wake();
  pass(1_000);
  expect(leaders()).toEqual(["c"]);
});

test("two that take the lock in the same moment end with one leader", () => {
  const a = new Tab("a");
  new Tab("b", 0.5);
  new Tab("c", 0.5);
  a.stopped = true;
  pass(5_000);
  expect(leaders().filter(id => id !== "a")).toHaveLength(1);
  expect(agreed().size).toBe(1);
});

test("a tab that was stopped itself does not blame the leader for it", () => {
  const a = new Tab("a");
  const b = new Tab("b");
  pass(2_000);
  a.stopped = true; // the whole machine sleeps, in the middle of a question
  pass(500);
  b.stopped = true;
  pass(60_000);
  b.stopped = false;
  b.step({ type: "clock" }); // its clock strikes before it hears the answer
  expect(b.leadership.leader).toBe("a");
  a.wake();
  pass(5_000);
  expect(leaders()).toEqual(["a"]);
});
