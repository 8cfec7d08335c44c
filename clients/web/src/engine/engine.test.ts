import { beforeEach, describe, expect, test } from "vitest";
import { type Effect, Engine, type Input } from "./engine";
import { ANSWER_WITHIN } from "./requests";

const ME = "0193a000-0000-7000-8000-0000000000a1";
const INBOX = `i:${ME}`;
const C = "c:0193a000-0000-7000-8000-0000000000c3";

let engine: Engine;
let now: number;
let jitter: number;

beforeEach(() => {
  now = 1_000_000;
  jitter = 0;
  engine = new Engine({ name: "test", version: "1", device: ME }, () => jitter);
});

const step = (input: Input) => engine.step(input, now);
const pass = (milliseconds: number) => {
  now += milliseconds;
  return step({ type: "clock" });
};
const receive = (frame: object) => step({ type: "received", text: JSON.stringify({ jsonrpc: "2.0", ...frame }) });
const frames = (effects: Effect[]) =>
  effects.flatMap(effect =>
    effect.type === "send" ? [JSON.parse(effect.text) as { id: number; method: string; params: object }] : [],
  );
const types = (effects: Effect[]) => effects.map(effect => effect.type);
const ask = (method = "conversation.list", keep = true) => engine.ask(method, {}, now, { keep });
const welcome = (
  streams: object[] = [
    { stream: INBOX, head: 0 },
    { stream: C, head: 5 },
  ],
) => receive({ id: 0, result: { me: { id: ME }, limits: {}, server_time: "2026-11-22T09:30:00Z", streams } });
const open = () => {
  step({ type: "start" });
  step({ type: "opened" });
  return welcome();
};

describe("requests", () => {
  test("wait for hello, then go in the order asked", () => {
    step({ type: "start" });
    expect(ask("first").effects).toEqual([]);
    ask("second");
    step({ type: "opened" });
    expect(frames(welcome()).map(frame => frame.method)).toEqual(["first", "second"]);
  });

  test("at most 32 are in flight; the next goes when one is answered", () => {
    open();
    const sent = Array.from({ length: 40 }, () => frames(ask().effects)).flat();
    expect(sent).toHaveLength(32);
    expect(frames(receive({ id: sent[0]!.id, result: {} }))).toHaveLength(1);
  });

  test("are answered once, by the ticket they were asked with", () => {
    open();
    const { ticket, effects } = ask();
    const { id } = frames(effects)[0]!;
    expect(receive({ id, result: { a: 1 } })).toEqual([{ type: "answered", ticket, result: { a: 1 } }]);
    expect(receive({ id, result: { a: 2 } })).toEqual([]);
  });

  test("without an answer in time they are refused with timeout", () => {
    open();
    const { ticket } = ask();
    expect(pass(ANSWER_WITHIN)).toContainEqual({ type: "refused", ticket, problem: { reason: "timeout" } });
  });

  test("kept ones go again after a cut, before newer ones; the others are refused with offline", () => {
    open();
    ask("kept");
    const { ticket } = ask("lost", false);
    expect(step({ type: "closed", code: 1006 })).toEqual([{ type: "refused", ticket, problem: { reason: "offline" } }]);
    ask("newer");
    pass(600);
    step({ type: "opened" });
    expect(frames(welcome()).map(frame => frame.method)).toEqual(["kept", "newer"]);
  });

  test("that must not be kept are refused at once while the line is down", () => {
    const { ticket, effects } = ask("typing", false);
    expect(effects).toEqual([{ type: "refused", ticket, problem: { reason: "offline" } }]);
  });

  test("larger than a frame may be are never sent", () => {
    open();
    const { ticket, effects } = engine.ask("message.send", { body: "é".repeat(33_000) }, now, { keep: true });
    expect(effects).toEqual([{ type: "refused", ticket, problem: { reason: "too_large" } }]);
  });

  test.each([
    [
      { code: -32602, data: { path: "$.patient.phone" } },
      { reason: "invalid", path: "$.patient.phone" },
    ],
    [
      { code: -32603, data: { incident: "a1" } },
      { reason: "internal", incident: "a1" },
    ],
    [{ code: -32000, data: { reason: "slot_taken" } }, { reason: "slot_taken" }],
    [{ code: -32000, data: { reason: "not_invented_yet" } }, { reason: "unknown" }],
    [{ code: -32601 }, { reason: "internal" }],
  ])("an error %j is the problem %j", (error, problem) => {
    open();
    const { ticket, effects } = ask();
    expect(receive({ id: frames(effects)[0]!.id, error })).toEqual([{ type: "refused", ticket, problem }]);
  });

  test("unavailable is tried again a little later, and told only when that does not help", () => {
    open();
    const { ticket, effects } = ask();
    let [frame] = frames(effects);
    for (let attempt = 0; attempt < 4; attempt += 1) {
      expect(receive({ id: frame!.id, error: { code: -32000, data: { reason: "unavailable" } } })).toEqual([]);
      [frame] = frames(pass(300));
      expect(frame).toBeDefined();
    }
    expect(receive({ id: frame!.id, error: { code: -32000, data: { reason: "unavailable" } } })).toEqual([
      { type: "refused", ticket, problem: { reason: "unavailable" } },
    ]);
  });

  test("rate_limited holds everything back until the time is over, and then keeps the order", () => {
    open();
    const first = frames(ask("first").effects)[0]!;
    receive({ id: first.id, error: { code: -32000, data: { reason: "rate_limited", retry_after: 3 } } });
    expect(frames(ask("second").effects)).toEqual([]);
    expect(pass(2_900)).toEqual([]);
    expect(frames(pass(100)).map(frame => frame.method)).toEqual(["first", "second"]);
  });
});

test("what the server asked to wait for goes before what was waiting already", () => {
  open();
  const sent = Array.from({ length: 33 }, (_, index) => frames(ask(`request ${index}`).effects)).flat();
  receive({ id: sent[0]!.id, error: { code: -32000, data: { reason: "rate_limited", retry_after: 1 } } });
  expect(frames(pass(1_000)).map(frame => frame.method)).toEqual(["request 0"]);
});

describe("the line", () => {
  test("that was welcomed begins its back-off anew", () => {
    step({ type: "start" });
    jitter = 1;
    for (let count = 0; count < 4; count += 1) {
      step({ type: "closed", code: 1006 });
      pass(engine.retryAt! - now);
    }
    step({ type: "opened" });
    welcome();
    step({ type: "closed", code: 1006 });
    expect(engine.retryAt! - now).toBe(1_000);
  });

  test("backs off with full jitter between half a second and half a minute", () => {
    step({ type: "start" });
    const waits = (random: number) => {
      jitter = random;
      return Array.from({ length: 8 }, () => {
        step({ type: "closed", code: 1006 });
        const wait = engine.retryAt! - now;
        pass(wait);
        return wait;
      });
    };
    expect(waits(1)).toEqual([1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
    expect(new Set(waits(0))).toEqual(new Set([500]));
  });

  test.each(["online", "visible"] as const)("is tried at once on %s", type => {
    step({ type: "start" });
    step({ type: "closed", code: 1006 });
    expect(types(step({ type }))).toEqual(["connect"]);
  });

  test("waits longer after too many requests, and hardly at all after reading too slowly", () => {
    open();
    step({ type: "closed", code: 4429 });
    expect(engine.retryAt! - now).toBeGreaterThanOrEqual(10_000);
    step({ type: "stop" });
    open();
    step({ type: "closed", code: 4430 });
    expect(engine.retryAt! - now).toBeLessThanOrEqual(500);
  });

  test("that is silent for half a minute is asked, and given up after a minute", () => {
    open();
    expect(frames(pass(29_000))).toEqual([]);
    expect(frames(pass(1_000))).toMatchObject([{ method: "sync", params: { stream: INBOX, after: 0 } }]);
    expect(types(pass(30_000))).toEqual(["close"]);
    expect(engine.retryAt).not.toBeNull();
  });

  test("that answers is kept", () => {
    open();
    const [probe] = frames(pass(30_000));
    now += 1_000;
    receive({ id: probe!.id, result: { events: [], head: 0 } });
    expect(types(pass(29_000))).toEqual([]);
    expect(engine.line).toBe("up-to-date");
  });

  test("is asked before it is given up, even by a clock that strikes once a minute", () => {
    open();
    const [probe] = frames(pass(61_000));
    expect(probe).toMatchObject({ method: "sync" });
    now += 200;
    receive({ id: probe!.id, result: { events: [], head: 0 } });
    expect(frames(pass(60_000))).toMatchObject([{ method: "sync" }]);
  });

  test("is not trusted after sleep: five seconds without an answer, and it is made anew", () => {
    open();
    now += 1_000;
    expect(frames(step({ type: "visible" }))).toMatchObject([{ method: "sync" }]);
    expect(types(pass(5_000))).toEqual(["close"]);
  });

  test("that does not open, or does not answer hello, is given up after fifteen seconds", () => {
    step({ type: "start" });
    expect(types(pass(15_000))).toEqual(["close"]);
    pass(500);
    step({ type: "opened" });
    expect(types(pass(15_000))).toEqual(["close"]);
  });

  test("on which hello was said already is only waited for", () => {
    step({ type: "start" });
    expect(step({ type: "opened", greeted: true })).toEqual([]);
    welcome();
    expect(engine.line).toBe("up-to-date");
  });

  test("fails twice before it is called offline", () => {
    step({ type: "start" });
    step({ type: "closed", code: 1006 });
    expect(engine.line).toBe("connecting");
    pass(500);
    step({ type: "closed", code: 1006 });
    expect(engine.line).toBe("offline");
  });

  test.each([
    [4401, "signed-out"],
    [4403, "not-allowed"],
    [4409, "elsewhere"],
  ] as const)("closed with %i ends: %s; start begins again", (code, why) => {
    open();
    const { ticket } = ask();
    const effects = step({ type: "closed", code });
    expect(effects).toContainEqual({ type: "ended", why });
    expect(effects).toContainEqual({ type: "refused", ticket, problem: { reason: "offline" } });
    expect(engine.due).toBeNull();
    expect(types(step({ type: "start" }))).toEqual(["connect"]);
  });

  test("closed as a protocol error: what was in flight is not sent a second time", () => {
    open();
    const { ticket } = ask("poison");
    expect(step({ type: "closed", code: 4400 })).toEqual([
      { type: "refused", ticket, problem: { reason: "internal" } },
    ]);
    pass(30_000);
    step({ type: "opened" });
    expect(frames(welcome())).toEqual([]);
  });

  test("that says what is not JSON does no harm", () => {
    open();
    for (const text of ["", "null", "[]", "42", "{", '"x"', '{"method":"event"}']) {
      expect(() => step({ type: "received", text })).not.toThrow();
    }
  });
});

describe("streams", () => {
  const event = (seq: number, stream = C) =>
    receive({ method: "event", params: { stream, seq, at: "2026-11-22T09:30:00Z", type: "message.sent", data: {} } });
  const delivered = (effects: Effect[]) =>
    effects.flatMap(effect => (effect.type === "event" ? [effect.event.seq] : []));

  test("too far behind begin anew at their head", () => {
    open();
    step({ type: "closed", code: 1006 });
    pass(500);
    step({ type: "opened" });
    const effects = welcome([
      { stream: INBOX, head: 0 },
      { stream: C, head: 506 },
    ]);
    expect(effects).toContainEqual({ type: "reset", stream: C });
    expect(engine.cursor(C)).toBe(506);
    expect(engine.line).toBe("up-to-date");
  });

  test("that the server cannot fill begin anew instead of asking for ever", () => {
    open();
    const [sync] = frames(event(8));
    expect(receive({ id: sync!.id, result: { events: [], head: 8 } })).toContainEqual({ type: "reset", stream: C });
    expect(engine.cursor(C)).toBe(8);
  });

  test("followed a moment after their first event miss nothing", () => {
    open();
    const other = C.replace("c3", "c9");
    expect(delivered(event(4, other))).toEqual([]);
    expect(frames(engine.follow(other, 3, now))).toMatchObject([
      { method: "sync", params: { stream: other, after: 3 } },
    ]);
  });

  test("asked about once at a time, and again later when the answer was a fault", () => {
    open();
    const [sync] = frames(event(8));
    expect(frames(event(9))).toEqual([]);
    expect(frames(receive({ id: sync!.id, error: { code: -32603, data: {} } }))).toEqual([]);
    expect(engine.line).toBe("catching-up");
    expect(frames(pass(5_000))).toMatchObject([{ method: "sync", params: { stream: C, after: 5 } }]);
  });
});

test("whatever the network loses, doubles and reorders, each event is delivered once and in order", () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  for (let round = 0; round < 50; round += 1) {
    engine = new Engine({ name: "test", version: "1", device: ME }, random);
    const log: number[] = [];
    let head = 5;
    const made = (seq: number) => ({ stream: C, seq, at: "2026-11-22T09:30:00Z", type: "message.sent", data: {} });
    const take = (effects: Effect[]): void => {
      for (const effect of effects) {
        if (effect.type === "event") log.push(effect.event.seq);
        if (effect.type !== "send") continue;
        const { id, method, params } = JSON.parse(effect.text) as {
          id: number;
          method: string;
          params: { after: number };
        };
        if (method !== "sync") continue;
        const end = Math.min(head, params.after + 1 + Math.floor(random() * 4));
        const events = Array.from({ length: end - params.after }, (_, index) => made(params.after + 1 + index));
        take(receive({ id, result: { events, head, more: end < head } }));
      }
    };
    take(open());
    for (let count = 0; count < 40; count += 1) {
      head += 1;
      if (random() < 0.5) take(receive({ method: "event", params: made(head) }));
      if (random() < 0.2) take(receive({ method: "event", params: made(Math.max(1, head - 3)) }));
      if (random() < 0.1) {
        take(step({ type: "closed", code: 1006 }));
        take(pass(30_000));
        take(step({ type: "opened" }));
        take(
          welcome([
            { stream: INBOX, head: 0 },
            { stream: C, head },
          ]),
        );
      }
    }
    head += 1;
    take(receive({ method: "event", params: made(head) }));
    expect(log).toEqual(Array.from({ length: head - 5 }, (_, index) => index + 6));
    expect(engine.line).toBe("up-to-date");
  }
});
