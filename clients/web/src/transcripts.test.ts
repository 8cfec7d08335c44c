/** The transcripts of `tests/transcripts`, run against the whole device. Their README says how they are compared. */

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Device, type Effect } from "./device";
import type { SendMessage } from "./wire/types";

type Frame = Record<string, unknown> & { id?: string | null };
interface Expected {
  connection?: string;
  cursors?: Record<string, number>;
  unread?: Record<string, number>;
  bodies?: Record<string, string[]>;
  waiting?: string[];
  refused?: string[];
  stale?: string[];
  gone?: string[];
}
interface Step {
  do?: { start?: true; send?: SendMessage; open?: string };
  in?: { open?: true; close?: number; clock?: number; text?: string } & Frame;
  out?: { connect?: true } & Frame;
  delivered?: unknown;
  expect?: Expected;
}

const folder = new URL("../../../tests/transcripts/", import.meta.url);
const CODES = { "signed-out": 4401, "not-allowed": 4403, elsewhere: 4409, wiped: 4410 };

class Run {
  private readonly device = new Device(
    { name: "web", version: "0", device: "0193a000-0000-7000-8000-0000000000d4" },
    () => 1,
  );
  private now = 1_000_000;
  private quietSince = this.now;
  private sent: Frame[] = [];
  private delivered: unknown[] = [];
  private expectedDelivered: unknown[] = [];
  private readonly ids = new Map<string, unknown>();

  step(step: Step): void {
    if (step.do || step.in) expect(this.sent, "sent besides").toEqual([]);
    if (step.do?.start) this.take(this.device.step({ type: "start" }, this.now));
    if (step.do?.send) this.write(step.do.send);
    if (step.do?.open) this.take(this.device.show(step.do.open, this.now));
    if (step.in) this.receive(step.in);
    if (step.out) this.match(step.out);
    if (step.delivered) this.expectedDelivered.push(step.delivered);
    if (step.expect) this.compare(step.expect);
  }

  end(): void {
    expect(this.sent, "sent besides").toEqual([]);
    expect(this.delivered).toEqual(this.expectedDelivered);
  }

  private write(message: SendMessage): void {
    this.take(this.device.write(message, this.now));
  }

  private receive(input: NonNullable<Step["in"]>): void {
    if (input.clock !== undefined) {
      this.until(this.quietSince + input.clock * 1000);
      return;
    }
    this.quietSince = this.now;
    if (input.open) this.take(this.device.step({ type: "opened" }, this.now));
    else if (input.close !== undefined) this.take(this.device.step({ type: "closed", code: input.close }, this.now));
    else {
      const frame = typeof input.id === "string" ? { ...input, id: this.ids.get(input.id) } : input;
      const text = input.text ?? JSON.stringify(frame);
      this.take(this.device.step({ type: "received", text }, this.now));
    }
  }

  /** Time passes as in life: the clock strikes when the device asked for it, and at the end; attempts stay unanswered. */
  private until(end: number): void {
    while (this.device.due !== null && this.device.due <= end && !this.sent.length) {
      this.now = Math.max(this.now, this.device.due);
      this.take(this.device.step({ type: "clock" }, this.now));
    }
    if (this.sent.length) return;
    this.now = end;
    this.take(this.device.step({ type: "clock" }, this.now));
  }

  private take(effects: Effect[]): void {
    for (const effect of effects) {
      if (effect.type === "connect") this.sent.push({ connect: true });
      if (effect.type === "keep") this.take(this.device.markPersisted(effect.entry.id, this.now));
      if (effect.type === "send") this.sent.push(JSON.parse(effect.text) as Frame);
      if (effect.type === "event") {
        const { stream, seq, type } = effect.event;
        this.delivered.push({ event: { stream, seq, type } });
      }
      if (effect.type === "erase") this.delivered.push({ lost: `c:${effect.conversation}` });
      if (effect.type === "reset") this.delivered.push({ reset: effect.stream });
      if (effect.type === "cleared") this.delivered.push({ cleared: true });
      if (effect.type === "ended") this.delivered.push({ ended: CODES[effect.why] });
    }
  }

  private match({ id, ...frame }: Frame): void {
    const at = this.sent.findIndex(sent => fits(sent, frame));
    expect(at, `${JSON.stringify(frame)} among ${JSON.stringify(this.sent)}`).toBeGreaterThanOrEqual(0);
    const [sent] = this.sent.splice(at, 1);
    if (typeof id === "string") this.ids.set(id, sent!.id);
  }

  private compare(expected: Expected): void {
    expect(this.delivered).toEqual(this.expectedDelivered);
    const { device } = this;
    const conversation = (id: string) => device.replica.conversations.get(id);
    if (expected.connection) expect(device.connection).toBe(expected.connection);
    for (const [stream, seq] of Object.entries(expected.cursors ?? {})) expect(device.cursor(stream)).toBe(seq);
    for (const [id, count] of Object.entries(expected.unread ?? {})) expect(conversation(id)?.unread).toBe(count);
    for (const [id, bodies] of Object.entries(expected.bodies ?? {})) {
      const items = conversation(id)?.items ?? [];
      expect(items.flatMap(item => (item.kind === "message" ? [item.message.body] : []))).toEqual(bodies);
    }
    const entries = (refused: boolean) =>
      device.outbox.filter(entry => (entry.state === "refused") === refused).map(entry => entry.id);
    if (expected.waiting) expect(entries(false)).toEqual(expected.waiting);
    if (expected.refused) expect(entries(true)).toEqual(expected.refused);
    if (expected.stale) {
      const conversations = [...device.replica.conversations.keys()];
      expect(conversations.filter(id => device.isStale(id))).toEqual(expected.stale);
    }
    for (const id of expected.gone ?? []) {
      expect(conversation(id)).toBeUndefined();
      expect(device.cursor(`c:${id}`)).toBeUndefined();
      expect(device.outbox.filter(entry => entry.conversation === id)).toEqual([]);
    }
  }
}

/** All that is written is there with that value; it may have more. */
function fits(actual: unknown, written: unknown): boolean {
  if (typeof written !== "object" || written === null) return actual === written;
  if (typeof actual !== "object" || actual === null) return false;
  return Object.entries(written).every(([key, value]) => fits((actual as Record<string, unknown>)[key], value));
}

for (const name of readdirSync(folder).filter(file => file.endsWith(".json"))) {
  const { about, steps } = JSON.parse(readFileSync(new URL(name, folder), "utf8")) as { about: string; steps: Step[] };
  test(`${name.replace(".json", "")}: ${about}`, () => {
    const run = new Run();
    for (const step of steps) run.step(step);
    run.end();
  });
}
