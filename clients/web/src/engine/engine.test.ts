import { beforeEach, describe, expect, test } from "vitest";
import type { Effect, Input } from "./effects";
import { Engine } from "./engine";
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
const LIMITS = {
  frame_bytes: 65_536,
  in_flight: 32,
  requests_per_second: 500,
  sync_limit: 500,
  body_characters: 20_000,
};
const welcome = (
  streams: object[] = [
    { stream: INBOX, head: 0 },
    { stream: C, head: 5 },
  ],
) => receive({ id: 0, result: { me: { id: ME }, limits: LIMITS, server_time: "2026-11-22T09:30:00Z", streams } });
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

  test("that must not be kept are refused at once while there is no connection", () => {
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
    [{ code: -32601 }, { reason: "invalid", path: "$" }],
    [
      { code: -32700, data: { reason: "parse_error" } },
      { reason: "invalid", path: "$" },
    ],
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

  test("that the server could not read, and did not know by its id, is the one left without an answer", () => {
    open();
    const asked = ["a", "b", "c"].map(method => ask(method));
    const ids = asked.map(({ effects }) => frames(effects)[0]!.id);
    expect(receive({ id: null, error: { code: -32700, data: { reason: "parse_error" } } })).toEqual([]);
    receive({ id: ids[0]!, result: {} });
    ask("later");
    expect(receive({ id: ids[2]!, result: {} })).toContainEqual({
      type: "refused",
      ticket: asked[1]!.ticket,
      problem: { reason: "invalid", path: "$" },
    });
    expect(receive({ id: ids[1]!, result: {} })).toEqual([]);
  });

  test("that the server could not read is refused at once when nothing else is in flight", () => {
    open();
    const { ticket } = ask();
    expect(receive({ id: null, error: { code: -32700, data: {} } })).toEqual([
      { type: "refused", ticket, problem: { reason: "invalid", path: "$" } },
    ]);
    expect(receive({ id: null, error: { code: -32700, data: {} } })).toEqual([]);
  });

  test("unavailable for a time that the server names is asked for again after it", () => {
    open();
    const { effects } = ask();
    const error = { code: -32000, data: { reason: "unavailable", retry_after: 7 } };
    receive({ id: frames(effects)[0]!.id, error });
    expect(frames(pass(6_999))).toEqual([]);
    expect(frames(pass(1))).toHaveLength(1);
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

describe("the connection", () => {
  test.each([
    [9_999, 16_000],
    [10_000, 1_000],
  ])("begins its back-off anew only when it has lasted ten seconds: %i", (lasted, wait) => {
    step({ type: "start" });
    jitter = 1;
    for (let count = 0; count < 4; count += 1) {
      step({ type: "closed", code: 1006 });
      pass(engine.retryAt! - now);
    }
    step({ type: "opened" });
    welcome();
    now += lasted;
    step({ type: "closed", code: 1006 });
    expect(engine.retryAt! - now).toBe(wait);
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

  test("waits longer after too many requests, and no longer than after a cut when it read too slowly", () => {
    open();
    step({ type: "closed", code: 4429 });
    expect(engine.retryAt! - now).toBeGreaterThanOrEqual(10_000);
    step({ type: "stop" });
    open();
    step({ type: "closed", code: 4430 });
    expect(engine.retryAt! - now).toBe(500);
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
    expect(engine.connection).toBe("up-to-date");
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
    expect(engine.connection).toBe("up-to-date");
  });

  test("fails twice before it is called offline", () => {
    step({ type: "start" });
    step({ type: "closed", code: 1006 });
    expect(engine.connection).toBe("connecting");
    pass(500);
    step({ type: "closed", code: 1006 });
    expect(engine.connection).toBe("offline");
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

  test.each([
    [4400, "invalid"],
    [1009, "too_large"],
  ] as const)("closed with %i for the one request in flight does not send it a second time: %s", (code, reason) => {
    open();
    const { ticket } = ask("unreadable");
    ask("small", false);
    const [second] = frames(step({ type: "clock" }));
    expect(second).toBeUndefined();
    receive({ id: 2, result: {} });
    expect(step({ type: "closed", code })).toEqual([{ type: "refused", ticket, problem: { reason } }]);
    pass(30_000);
    step({ type: "opened" });
    expect(frames(welcome())).toEqual([]);
  });

  test("closed as a protocol error with several in flight sends them again one at a time, until it is found", () => {
    open();
    const tickets = ["a", "b", "c"].map(method => ask(method).ticket);
    expect(step({ type: "closed", code: 4400 })).toEqual([]);
    pass(1_000);
    step({ type: "opened" });
    const [a] = frames(welcome());
    expect(a?.method).toBe("a");
    expect(frames(receive({ id: a!.id, result: {} })).map(frame => frame.method)).toEqual(["b"]);
    expect(step({ type: "closed", code: 4400 })).toEqual([
      { type: "refused", ticket: tickets[1], problem: { reason: "invalid" } },
    ]);
    pass(1_000);
    step({ type: "opened" });
    expect(frames(welcome()).map(frame => frame.method)).toEqual(["c"]);
  });

  test("that says what is not JSON, or not of protocol 1, does no harm", () => {
    open();
    const broken = ['{"stream":"c:x","seq":"1"}', '{"stream":"c:x","seq":1,"type":"x","data":null}'];
    const notifications = broken.map(params => `{"method":"event","params":${params}}`);
    for (const text of ["", "null", "[]", "42", "{", '"x"', '{"method":"event"}', '{"error":7}', ...notifications]) {
      expect(step({ type: "received", text })).toEqual([]);
    }
    expect(engine.connection).toBe("up-to-date");
  });

  test.each([
    null,
    {},
    { me: { id: ME }, limits: LIMITS },
    { me: { id: ME }, limits: { ...LIMITS, in_flight: 0 }, streams: [] },
    { me: { id: ME }, limits: LIMITS, streams: [{ stream: C }] },
  ])("on which hello is answered with %j is given up, and tried again later", result => {
    step({ type: "start" });
    step({ type: "opened" });
    expect(types(receive({ id: 0, result }))).toEqual(["close"]);
    expect(engine.retryAt).toBeGreaterThan(now);
  });

  test("keeps to what the server allows in a second", () => {
    step({ type: "start" });
    step({ type: "opened" });
    const limits = { ...LIMITS, requests_per_second: 2 };
    receive({ id: 0, result: { me: { id: ME }, limits, server_time: "", streams: [] } });
    expect(["a", "b", "c", "d"].map(method => frames(ask(method).effects).length)).toEqual([1, 1, 0, 0]);
    expect(engine.due! - now).toBe(500);
    expect(frames(pass(499))).toEqual([]);
    expect(frames(pass(1)).map(frame => frame.method)).toEqual(["c"]);
    expect(frames(pass(5_000)).map(frame => frame.method)).toEqual(["d"]);
  });

  test("is asked about when a request has no answer and nothing else was heard, and given up without one", () => {
    open();
    now += 1_000;
    ask("slow");
    expect(frames(pass(ANSWER_WITHIN))).toMatchObject([{ method: "sync", params: { stream: INBOX } }]);
    expect(types(pass(5_000))).toEqual(["close"]);
  });

  test("is not asked about when only one answer is missing", () => {
    open();
    ask("slow");
    now += 1_000;
    step({ type: "received", text: '{"method":"signal","params":{"stream":"c:x","type":"typing","data":{}}}' });
    expect(frames(pass(ANSWER_WITHIN - 1_000))).toEqual([]);
  });

  test("is not taken for silent while the server has us wait", () => {
    open();
    const { effects } = ask();
    const error = { code: -32000, data: { reason: "rate_limited", retry_after: 90 } };
    receive({ id: frames(effects)[0]!.id, error });
    expect(pass(89_000)).toEqual([]);
    expect(frames(pass(1_000))).toHaveLength(1);
  });
});

describe("streams", () => {
  const made = (seq: number, stream: string) => {
    return { stream, seq, at: "2026-11-22T09:30:00Z", type: "message.sent", data: {} };
  };
  const event = (seq: number, stream = C) => receive({ method: "event", params: made(seq, stream) });
  const delivered = (effects: Effect[]) =>
    effects.flatMap(effect => (effect.type === "event" ? [effect.event.seq] : []));

  test("without a head are delivered as they come, and never asked for", () => {
    open();
    const agenda = "a:0193a000-0000-7000-8000-0000000000d4";
    const hear = (seq: number) => delivered(event(seq, agenda));
    expect(hear(41)).toEqual([]);
    engine.follow(agenda, undefined, now);
    expect([41, 42, 42, 45, 44].map(hear)).toEqual([[], [42], [], [45], []]);
    expect(frames(pass(1_000))).toEqual([]);
    expect(engine.connection).toBe("up-to-date");
    engine.forget(agenda);
    expect(hear(46)).toEqual([]);
  });

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
    expect(engine.connection).toBe("up-to-date");
  });

  test.each([
    ["nothing", []],
    ["what is known", [5]],
    ["what is not the next", [7, 8]],
  ])("of which sync brings %s are asked about less and less often, and nothing else waits for them", (_, seqs) => {
    open();
    jitter = 1;
    const page = { events: seqs.map(seq => made(seq, C)), head: 8 };
    let [sync] = frames(event(8));
    for (const wait of [1_000, 2_000, 4_000, 8_000]) {
      expect(delivered(receive({ id: sync!.id, result: page }))).toEqual([]);
      expect(engine.connection).toBe("catching-up");
      expect(frames(event(8))).toEqual([]);
      expect(frames(pass(wait - 1))).toEqual([]);
      expect(delivered(event(engine.cursor(INBOX)! + 1, INBOX))).toHaveLength(1);
      [sync] = frames(pass(1));
      expect(sync).toMatchObject({ method: "sync", params: { stream: C, after: 5 } });
    }
    expect(
      delivered(receive({ id: sync!.id, result: { events: [6, 7, 8].map(seq => made(seq, C)), head: 8 } })),
    ).toEqual([6, 7, 8]);
    expect(engine.connection).toBe("up-to-date");
  });

  test("of an agenda, followed a moment after their first event, miss nothing", () => {
    open();
    const agenda = C.replace("c:", "a:");
    expect(types(event(4, agenda))).toEqual([]);
    expect(frames(engine.follow(agenda, 3, now))).toMatchObject([
      { method: "sync", params: { stream: agenda, after: 3 } },
    ]);
  });

  test("of agendas have no cursor: they are watched anew on each connection", () => {
    open();
    const agenda = C.replace("c:", "a:");
    engine.follow(agenda, 3, now);
    step({ type: "closed", code: 1006 });
    pass(500);
    const [hello] = frames(step({ type: "opened" }));
    expect(hello?.params).toMatchObject({ cursors: { [INBOX]: 0, [C]: 5 } });
    expect(hello?.params).not.toHaveProperty(["cursors", agenda]);
    welcome();
    expect(engine.cursor(agenda)).toBeUndefined();
  });

  test("are named in hello by 500 at most, the inbox among them; the others are stale when there are more", () => {
    const others = Array.from({ length: 600 }, (_, index) => ({ stream: `c:${index}`, head: 1 }));
    open();
    step({ type: "closed", code: 1006 });
    pass(500);
    step({ type: "opened" });
    welcome([...others, { stream: INBOX, head: 0 }]);
    step({ type: "closed", code: 1006 });
    pass(500);
    const [hello] = frames(step({ type: "opened" }));
    const { cursors } = hello!.params as { cursors: Record<string, number> };
    expect(Object.keys(cursors)).toHaveLength(500);
    expect(cursors[INBOX]).toBe(0);
    receive({ id: 0, result: { me: { id: ME }, limits: LIMITS, server_time: "", streams: [], more: true } });
    expect([engine.isStale("c:599"), engine.isStale("c:0")]).toEqual([true, true]);
    expect(engine.connection).toBe("up-to-date");
  });

  test("without a cursor that hello does not list, though there are no more, are lost", () => {
    const others = Array.from({ length: 600 }, (_, index) => ({ stream: `c:${index}`, head: 1 }));
    step({ type: "start" });
    step({ type: "opened" });
    welcome([{ stream: INBOX, head: 0 }, ...others]);
    step({ type: "closed", code: 1006 });
    pass(500);
    step({ type: "opened" });
    const lost = welcome([]).flatMap(effect => (effect.type === "lost" ? [effect.stream] : []));
    expect(lost).toHaveLength(101);
    expect(lost).not.toContain(INBOX);
    expect(engine.cursor("c:0")).toBe(1);
  });

  test("take half of what may be in flight: the rest is left to the person", () => {
    step({ type: "start" });
    step({ type: "opened" });
    const others = Array.from({ length: 40 }, (_, index) => ({ stream: `c:${index}`, head: 1 }));
    welcome([{ stream: INBOX, head: 0 }, ...others]);
    const asked = others.flatMap(({ stream }) => frames(event(3, stream)));
    expect(asked).toHaveLength(16);
    expect(engine.due! - now).toBeGreaterThan(0);
    expect(frames(ask("message.send").effects)).toHaveLength(1);
    expect(frames(receive({ id: asked[0]!.id, error: { code: -32603 } }))).toHaveLength(1);
  });

  test("asked about once at a time, and again later when the answer was a fault", () => {
    open();
    const [sync] = frames(event(8));
    expect(frames(event(9))).toEqual([]);
    expect(frames(receive({ id: sync!.id, error: { code: -32603, data: {} } }))).toEqual([]);
    expect(engine.connection).toBe("catching-up");
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
    expect(engine.connection).toBe("up-to-date");
  }
});
