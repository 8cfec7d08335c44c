/** The frame of protocol 1: JSON-RPC 2.0 over one WebSocket. What goes in it is in types.ts. */

import { json } from "./text";
import type { ConversationView, StreamEventView, Synced, Welcome } from "./types";

export const SUBPROTOCOL = "relais.v1";

/** An event as it arrives: its type may be one that this client does not know. */
export type AnyEvent = StreamEventView;

export interface AnySignal {
  stream: string;
  type: string;
  data: unknown;
}

export type Incoming =
  | { kind: "result"; id: number; result: unknown }
  | { kind: "error"; id: number | null; error: unknown }
  | { kind: "event"; event: AnyEvent }
  | { kind: "signal"; signal: AnySignal }
  | { kind: "unknown" };

/** Decodes a frame. Unknown content is ignored, never an error: the server may be newer than the client. */
export function decode(text: string): Incoming {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return { kind: "unknown" };
  }
  if (!isRecord(frame)) return { kind: "unknown" };
  const { method, params } = frame;
  if (method === "event" && isEvent(params)) return { kind: "event", event: params };
  if (method === "signal" && isSignal(params)) return { kind: "signal", signal: params };
  if ("error" in frame) {
    return { kind: "error", id: typeof frame["id"] === "number" ? frame["id"] : null, error: frame["error"] };
  }
  if ("result" in frame && typeof frame["id"] === "number") {
    return { kind: "result", id: frame["id"], result: frame["result"] };
  }
  return { kind: "unknown" };
}

/** The frame of a request. Every text in it is made well-formed here, and nowhere else. */
export function encode(id: number, method: string, params: unknown): string {
  return json({ jsonrpc: "2.0", id, method, params });
}

const LIMITS = ["frame_bytes", "in_flight", "requests_per_second", "sync_limit"];

/** Whether the answer to `hello` has what the engine needs of it. */
export function isWelcome(value: unknown): value is Welcome {
  if (!isRecord(value)) return false;
  const { me, limits, streams } = value;
  if (!isRecord(me) || typeof me["id"] !== "string" || !isRecord(limits) || !Array.isArray(streams)) return false;
  const isState = (one: unknown): boolean =>
    isRecord(one) && typeof one["stream"] === "string" && isNumber(one["head"]);
  return LIMITS.every(name => isNumber(limits[name]) && Number(limits[name]) > 0) && streams.every(isState);
}

/** Whether the answer to `sync` is a page of events. */
export function isPage(value: unknown): value is Synced {
  return isRecord(value) && isNumber(value["head"]) && Array.isArray(value["events"]) && value["events"].every(isEvent);
}

/** Whether the answer to `conversation.get` says where the conversation's stream stands. */
export function isDescription(value: unknown): value is { conversation: ConversationView } {
  if (!isRecord(value) || !isRecord(value["conversation"])) return false;
  return typeof value["conversation"]["id"] === "string" && isNumber(value["conversation"]["head"]);
}

function isEvent(value: unknown): value is AnyEvent {
  return isSignal(value) && isNumber((value as { seq?: unknown }).seq);
}

function isSignal(value: unknown): value is AnySignal {
  if (!isRecord(value)) return false;
  return typeof value["stream"] === "string" && typeof value["type"] === "string" && isRecord(value["data"]);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** The stream of a conversation, an agenda or an inbox. */
export function streamOf(kind: "c" | "a" | "i", owner: string): string {
  return `${kind}:${owner}`;
}

/** The owner in a stream's name; null for a stream of another kind. */
export function ownerOf(kind: "c" | "a" | "i", stream: string): string | null {
  return stream.startsWith(`${kind}:`) ? stream.slice(2) : null;
}
