/** Requests on their way: which wait, which are in flight, and when each has waited long enough. */

import { encode } from "../wire/frame";
import type { Limits } from "../wire/types";
import { retryDelay } from "./backoff";
import type { Problem } from "./problem";

/** How long an answer may take before the asker is told `timeout`, in milliseconds. */
export const ANSWER_WITHIN = 20_000;
/** How often a request is sent again when the server says `unavailable`. */
const RETRIES = 4;

export interface Request {
  /** What the asker knows it by; it outlives the socket, the frame's id does not. */
  ticket: number;
  method: string;
  params: unknown;
  /** Asked again on the next socket when this one is cut; otherwise the asker is told `offline`. */
  keep: boolean;
  deadline: number;
  notBefore: number;
  tries: number;
  /** When it was last sent; null for one that never was. */
  sentAt: number | null;
}

export class Requests {
  private waiting: Request[] = [];
  private readonly inFlight = new Map<number, Request>();
  private readonly pace = new Pace();
  /** Nothing goes before: the server said so. */
  private until = 0;
  private frames = 0;
  private tickets = 0;
  /** Errors without an id: so many of `candidates` could not be read. */
  private unreadable = 0;
  private readonly candidates = new Set<number>();
  /** The server closed a socket for one of several: one goes at a time, until it is found or all are answered. */
  private careful = false;

  get pausedUntil(): number {
    return this.until;
  }

  add(method: string, params: unknown, keep: boolean, now: number): number {
    const ticket = ++this.tickets;
    const deadline = now + ANSWER_WITHIN;
    const fresh = { deadline, notBefore: now, tries: 0, sentAt: null };
    this.waiting.push({ ticket, method, params, keep, ...fresh });
    return ticket;
  }

  /** The frames that may go now, in the order asked; and what is too large ever to go. */
  take(limits: Limits, now: number): { send: string[]; tooLarge: Request[] } {
    const send: string[] = [];
    const tooLarge: Request[] = [];
    if (now < this.until) return { send, tooLarge };
    const window = this.window(limits);
    const later: Request[] = [];
    let index = 0;
    for (; index < this.waiting.length; index += 1) {
      const request = this.waiting[index]!;
      if (this.inFlight.size >= window || !this.pace.isOpen(limits, now)) break;
      if (request.notBefore > now) {
        later.push(request);
        continue;
      }
      const text = encode(this.frames + 1, request.method, request.params);
      if (isLonger(text, limits.frame_bytes)) tooLarge.push(request);
      else send.push(this.launch(request, text, now));
    }
    this.waiting = [...later, ...this.waiting.slice(index)];
    return { send, tooLarge };
  }

  private launch(request: Request, text: string, now: number): string {
    this.pace.spend();
    this.inFlight.set(++this.frames, request);
    request.sentAt = now;
    return text;
  }

  /** The request that a frame answers, once; undefined for one already given up. */
  answered(id: number): Request | undefined {
    const request = this.inFlight.get(id);
    this.inFlight.delete(id);
    this.candidates.delete(id);
    if (!this.inFlight.size && !this.waiting.length) this.careful = false;
    return request;
  }

  /** Everything waits: the server asked for it. */
  pause(seconds: number, now: number): void {
    this.until = Math.max(this.until, now + seconds * 1000);
    for (const request of this.waiting) {
      request.deadline = Math.max(request.deadline, this.until + ANSWER_WITHIN);
    }
  }

  /** A request that was answered `rate_limited` goes first when the pause is over. */
  putBack(request: Request): void {
    request.deadline = Math.max(request.deadline, this.until + ANSWER_WITHIN);
    this.waiting.unshift(request);
  }

  /** The same request again a little later; false when it was tried often enough. */
  again(request: Request, problem: Problem, random: number, now: number): boolean {
    if (request.tries >= RETRIES) return false;
    const wait = Math.max((problem.retryAfter ?? 0) * 1000, retryDelay(request.tries, random));
    request.tries += 1;
    request.notBefore = now + wait;
    request.deadline = Math.max(request.deadline, request.notBefore + ANSWER_WITHIN);
    this.waiting.unshift(request);
    return true;
  }

  /**
   * The server could not read a frame and does not know whose it was. The one that stays without an answer when all
   * others in flight have theirs was it: returned as soon as that is certain, by this and by `elimination`.
   */
  noteUnreadable(): Request[] {
    this.unreadable += 1;
    for (const id of this.inFlight.keys()) this.candidates.add(id);
    return this.elimination();
  }

  elimination(): Request[] {
    if (!this.unreadable || this.candidates.size > this.unreadable) return [];
    const found = [...this.candidates].flatMap(id => this.answered(id) ?? []);
    this.unreadable = 0;
    return found;
  }

  /**
   * The server closed the socket for something that was sent. Alone in flight, a request is returned, not to be sent
   * again; several go again one at a time, until the one is found.
   */
  blame(): Request[] {
    const sent = [...this.inFlight.keys()];
    this.careful = sent.length > 1;
    return this.careful ? [] : sent.flatMap(id => this.answered(id) ?? []);
  }

  /** The socket is gone: what is kept goes again first, in its order; the rest is returned. */
  cut(): Request[] {
    const open = this.all().sort((a, b) => a.ticket - b.ticket);
    this.inFlight.clear();
    this.candidates.clear();
    this.unreadable = 0;
    this.until = 0;
    this.waiting = open.filter(request => request.keep);
    return open.filter(request => !request.keep);
  }

  /** Everything, given up. */
  clear(): Request[] {
    const open = this.all();
    this.cut();
    this.waiting = [];
    this.careful = false;
    return open;
  }

  /** What has waited too long, given up. */
  expire(now: number): Request[] {
    const late = this.all().filter(request => request.deadline <= now);
    for (const [id, request] of this.inFlight) if (request.deadline <= now) this.answered(id);
    this.unreadable = Math.min(this.unreadable, this.candidates.size);
    this.waiting = this.waiting.filter(request => request.deadline > now);
    return late;
  }

  /** When something here is next to be looked at; null when nothing is under way. `limits` while connected. */
  due(limits: Limits | null): number | null {
    let at = Infinity;
    for (const request of this.all()) at = Math.min(at, request.deadline);
    if (limits && this.inFlight.size < this.window(limits)) {
      for (const { notBefore } of this.waiting) {
        at = Math.min(at, Math.max(notBefore, this.until, this.pace.nextAt(limits)));
      }
    }
    return at === Infinity ? null : at;
  }

  private all(): Request[] {
    return [...this.inFlight.values(), ...this.waiting];
  }

  /** How many may be in flight: one while we look for the request that a socket was closed for. */
  private window(limits: Limits): number {
    return this.careful ? 1 : limits.in_flight;
  }
}

/** A token bucket of one second's requests. */
class Pace {
  private spent = 0;
  private at = 0;

  /** Whether one more may go now. */
  isOpen(limits: Limits, now: number): boolean {
    this.spent = Math.max(0, this.spent - ((now - this.at) / 1000) * limits.requests_per_second);
    this.at = now;
    return this.spent <= Math.max(0, limits.requests_per_second - 1);
  }

  spend(): void {
    this.spent += 1;
  }

  /** When the next may go. */
  nextAt(limits: Limits): number {
    const over = this.spent - Math.max(0, limits.requests_per_second - 1);
    return over > 0 ? this.at + Math.ceil((over / limits.requests_per_second) * 1000) : 0;
  }
}

/** A character is at most three bytes of UTF-8 for each of its code units: most frames are not measured twice. */
function isLonger(text: string, bytes: number): boolean {
  return text.length * 3 > bytes && new TextEncoder().encode(text).length > bytes;
}
