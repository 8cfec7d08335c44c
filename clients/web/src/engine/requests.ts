/** Requests on their way: which wait, which are in flight, and when each has waited long enough. */

import { encode, FRAME_LIMIT, IN_FLIGHT } from "../wire/frame";

/** How long an answer may take before the asker is told `timeout`, in milliseconds. */
export const ANSWER_WITHIN = 20_000;
/** How often a request is sent again when the server says `unavailable`. */
const PATIENCE = 4;

export interface Ask {
  /** What the asker knows it by; it outlives the socket, the frame's id does not. */
  ticket: number;
  method: string;
  params: unknown;
  /** Asked again on the next socket when this one is cut; otherwise the asker is told `offline`. */
  keep: boolean;
  deadline: number;
  notBefore: number;
  tries: number;
}

export class Requests {
  private waiting: Ask[] = [];
  private readonly flying = new Map<number, Ask>();
  private pausedUntil = 0;
  private frames = 0;
  private tickets = 0;

  add(method: string, params: unknown, keep: boolean, now: number): number {
    const ticket = ++this.tickets;
    const deadline = now + ANSWER_WITHIN;
    this.waiting.push({ ticket, method, params, keep, deadline, notBefore: now, tries: 0 });
    return ticket;
  }

  /** The frames that may go now, in the order asked; and what is too large ever to go. */
  take(now: number): { send: string[]; tooLarge: Ask[] } {
    const send: string[] = [];
    const tooLarge: Ask[] = [];
    if (now < this.pausedUntil) return { send, tooLarge };
    const later: Ask[] = [];
    for (const ask of this.waiting) {
      if (this.flying.size >= IN_FLIGHT || ask.notBefore > now) {
        later.push(ask);
        continue;
      }
      const id = ++this.frames;
      const text = encode(id, ask.method, ask.params);
      if (sizeOf(text) > FRAME_LIMIT) {
        tooLarge.push(ask);
        continue;
      }
      this.flying.set(id, ask);
      send.push(text);
    }
    this.waiting = later;
    return { send, tooLarge };
  }

  /** The request that a frame answers, once; undefined for one already given up. */
  answered(id: number): Ask | undefined {
    const ask = this.flying.get(id);
    this.flying.delete(id);
    return ask;
  }

  /** Everything waits: the server asked for it. The refused request goes first when the time is over. */
  pause(ask: Ask, seconds: number, now: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, now + seconds * 1000);
    ask.deadline = Math.max(ask.deadline, this.pausedUntil + ANSWER_WITHIN);
    this.waiting.unshift(ask);
  }

  /** The same request again a little later; false when it was tried often enough. */
  again(ask: Ask, random: number, now: number): boolean {
    if (ask.tries >= PATIENCE) return false;
    const delay = 250 + random * 1000 * 2 ** ask.tries;
    ask.tries += 1;
    ask.notBefore = now + delay;
    ask.deadline = Math.max(ask.deadline, ask.notBefore + ANSWER_WITHIN);
    this.waiting.unshift(ask);
    return true;
  }

  /** The socket is gone: what is kept goes again first, in its order; the rest is returned. */
  cut(): Ask[] {
    const open = [...this.flying.values(), ...this.waiting].sort((a, b) => a.ticket - b.ticket);
    this.flying.clear();
    this.pausedUntil = 0;
    this.waiting = open.filter(ask => ask.keep);
    return open.filter(ask => !ask.keep);
  }

  /** Everything, given up. */
  clear(): Ask[] {
    const open = [...this.flying.values(), ...this.waiting];
    this.flying.clear();
    this.waiting = [];
    return open;
  }

  /** Those in flight, given up: one of them is what the server could not read. */
  abandonFlying(): Ask[] {
    const open = [...this.flying.values()];
    this.flying.clear();
    return open;
  }

  expire(now: number): Ask[] {
    const late = [...this.flying.values(), ...this.waiting].filter(ask => ask.deadline <= now);
    for (const [id, ask] of this.flying) if (ask.deadline <= now) this.flying.delete(id);
    this.waiting = this.waiting.filter(ask => ask.deadline > now);
    return late;
  }

  /** When something here is next to be looked at; null when nothing is under way. */
  due(connected: boolean): number | null {
    let at = Infinity;
    for (const ask of this.flying.values()) at = Math.min(at, ask.deadline);
    for (const ask of this.waiting) {
      at = Math.min(at, ask.deadline);
      const blocked = this.flying.size >= IN_FLIGHT;
      if (connected && !blocked) at = Math.min(at, Math.max(ask.notBefore, this.pausedUntil));
    }
    return at === Infinity ? null : at;
  }
}

function sizeOf(text: string): number {
  return text.length * 3 <= FRAME_LIMIT ? text.length : new TextEncoder().encode(text).length;
}
