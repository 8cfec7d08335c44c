/** The frame of protocol 1: JSON-RPC 2.0 over one WebSocket. What goes in it is in types.ts. */

import type { StreamEventView } from "./types";

export const SUBPROTOCOL = "relais.v1";
/** Bytes of a frame to the server; more closes the socket with 1009. */
export const FRAME_LIMIT = 65_536;
/** Requests without an answer, at most, on one socket. */
export const IN_FLIGHT = 32;
/** Events in one answer to `sync`, at most. */
export const SYNC_LIMIT = 500;

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
  let frame: Record<string, unknown>;
  try {
    frame = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { kind: "unknown" };
  }
  if (typeof frame !== "object" || frame === null) return { kind: "unknown" };
  const { method, params } = frame as { method?: unknown; params?: { stream?: unknown } };
  if (typeof params?.stream === "string") {
    if (method === "event") return { kind: "event", event: params as AnyEvent };
    if (method === "signal") return { kind: "signal", signal: params as AnySignal };
  }
  if ("error" in frame) {
    return { kind: "error", id: typeof frame["id"] === "number" ? frame["id"] : null, error: frame["error"] };
  }
  if ("result" in frame && typeof frame["id"] === "number") {
    return { kind: "result", id: frame["id"], result: frame["result"] };
  }
  return { kind: "unknown" };
}

export function encode(id: number, method: string, params: unknown): string {
  return JSON.stringify({ jsonrpc: "2.0", id, method, params });
}

/** The stream of a conversation, an agenda or an inbox. */
export function streamOf(kind: "c" | "a" | "i", owner: string): string {
  return `${kind}:${owner}`;
}

/** The owner in a stream's name; null for a stream of another kind. */
export function ownerOf(kind: "c" | "a" | "i", stream: string): string | null {
  return stream.startsWith(`${kind}:`) ? stream.slice(2) : null;
}
