/**
 * One socket for all tabs of a browser: what the tab that holds it does for the others, without I/O.
 *
 * To another tab it is the server: it opens, answers `hello`, carries requests and their answers, and passes events on.
 * A tab cannot tell the difference, and makes up for a change of leader as for a cut.
 */

import { ownerOf } from "../wire/frame";
import type { Hello, Welcome } from "../wire/types";
import type { Saying, TabId } from "./messages";

export type Effect =
  /** A frame for the server. */
  | { type: "send"; text: string }
  /** A frame for this tab's own engine. */
  | { type: "receive"; text: string }
  | ({ type: "tell" } & Saying);

interface Port {
  tab: TabId;
  open: boolean;
  /** The agendas that it watches. */
  watched: Set<string>;
}

interface Frame {
  id?: unknown;
  method?: string;
  params?: Record<string, unknown>;
}

const WATCHING = '"method":"agenda.';

export class Exchange {
  /** By their number, which stands before a request's id on the wire. */
  private readonly ports = new Map<number, Port>();
  private readonly own = new Set<string>();
  private numbers = 0;

  /** A tab wants to be connected; it is told `opened` now or, while the socket is not open, when it opens. */
  connect(tab: TabId, isOpen: boolean): Effect[] {
    const left = this.leave(tab);
    this.ports.set(++this.numbers, { tab, open: isOpen, watched: new Set() });
    return isOpen ? [...left, told("opened", tab)] : left;
  }

  /** A tab is gone: what it alone watched is watched no more. */
  leave(tab: TabId): Effect[] {
    const found = this.find(tab);
    if (!found) return [];
    const [number, port] = found;
    this.ports.delete(number);
    if (!port.open) return [];
    return [...port.watched]
      .filter(agenda => !this.isWatched(agenda))
      .map(agenda => send(`${number}.`, "agenda.unwatch", { agenda }));
  }

  /** The server has greeted this tab. */
  opened(): Effect[] {
    const waiting = [...this.ports.values()].filter(port => !port.open);
    for (const port of waiting) port.open = true;
    return waiting.map(({ tab }) => told("opened", tab));
  }

  /** The socket is closed, and nobody is connected any more. */
  closed(code: number): Effect[] {
    const effects = [...this.ports.values()].map(
      ({ tab }): Effect => ({ type: "tell", word: { say: "closed", code }, to: tab }),
    );
    this.ports.clear();
    this.own.clear();
    return effects;
  }

  /** A frame of another tab for the server. `welcome` answers its `hello`. */
  said(tab: TabId, text: string, welcome: (hello: Hello) => Welcome | null): Effect[] {
    const [number, port] = this.find(tab) ?? [];
    if (number === undefined || !port?.open) return [];
    const frame = JSON.parse(text) as Frame;
    if (frame.method === "hello") {
      const result = welcome(frame.params as unknown as Hello);
      return result ? [frameTo(tab, { jsonrpc: "2.0", id: frame.id, result })] : [];
    }
    const stays = this.watch(frame, port.watched);
    if (stays) return [frameTo(tab, { jsonrpc: "2.0", id: frame.id, result: stays })];
    return [{ type: "send", text: JSON.stringify({ ...frame, id: `${number}.${frame.id}` }) }];
  }

  /** A frame of this tab's own engine for the server. */
  sent(text: string): Effect[] {
    if (text.includes(WATCHING)) {
      const frame = JSON.parse(text) as Frame;
      const stays = this.watch(frame, this.own);
      if (stays) return [{ type: "receive", text: JSON.stringify({ jsonrpc: "2.0", id: frame.id, result: stays }) }];
    }
    return [{ type: "send", text }];
  }

  /** A frame of the server: an answer goes to who asked, an event to everybody. */
  heard(text: string): Effect[] {
    const own: Effect = { type: "receive", text };
    if (!this.numbers) return [own]; // nobody else was ever here: most pages
    const frame = parsed(text);
    if (typeof frame?.id === "string") return this.answer(frame, frame.id);
    if (frame?.method === undefined) return [own];
    const agenda = ownerOf("a", String(frame.params?.["stream"]));
    if (!this.ports.size) return [own];
    // The others first: what this tab does with it may tell them more.
    if (agenda === null) return [{ type: "tell", word: { say: "frame", text } }, own];
    const watching = [...this.ports.values()].filter(port => port.watched.has(agenda));
    return [...watching.map(({ tab }): Effect => ({ type: "tell", word: { say: "frame", text }, to: tab })), own];
  }

  private answer(frame: Frame, wire: string): Effect[] {
    const [number, id] = wire.split(".");
    const port = this.ports.get(Number(number));
    return port && id ? [frameTo(port.tab, { ...frame, id: Number(id) })] : [];
  }

  /** Notes what is watched. The answer to an `agenda.unwatch` that must not reach the server: others still watch. */
  private watch({ method, params }: Frame, watched: Set<string>): { stream: string; head: number } | null {
    const agenda = String(params?.["agenda"]);
    if (method === "agenda.watch") watched.add(agenda);
    if (method !== "agenda.unwatch") return null;
    watched.delete(agenda);
    return this.isWatched(agenda) ? { stream: `a:${agenda}`, head: 0 } : null;
  }

  private isWatched(agenda: string): boolean {
    return this.own.has(agenda) || [...this.ports.values()].some(port => port.watched.has(agenda));
  }

  private find(tab: TabId): [number, Port] | undefined {
    return [...this.ports].find(([, port]) => port.tab === tab);
  }
}

function told(say: "opened", to: TabId): Effect {
  return { type: "tell", word: { say }, to };
}

function frameTo(to: TabId, frame: object): Effect {
  return { type: "tell", word: { say: "frame", text: JSON.stringify(frame) }, to };
}

function send(id: string, method: string, params: object): Effect {
  return { type: "send", text: JSON.stringify({ jsonrpc: "2.0", id, method, params }) };
}

function parsed(text: string): Frame | null {
  try {
    return JSON.parse(text) as Frame;
  } catch {
    return null;
  }
}
