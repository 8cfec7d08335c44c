/** What goes into the engine and what comes out of it. */

import type { AnyEvent, AnySignal } from "../wire/frame";
import type { ConversationView, Welcome } from "../wire/types";
import type { StopReason } from "./closures";
import type { Problem } from "./problem";

export type Input =
  | { type: "start" }
  | { type: "stop" }
  /** `greeted`: `hello` has been said already, without cursors and with the id 0. */
  | { type: "opened"; greeted?: boolean }
  | { type: "received"; text: string }
  | { type: "closed"; code: number }
  | { type: "clock" }
  | { type: "online" }
  | { type: "offline" }
  | { type: "visible" };

export type Effect =
  | { type: "connect" }
  | { type: "send"; text: string }
  | { type: "close" }
  /** Somebody else is signed in: nothing of the person before may stay. It comes before `welcomed`. */
  | { type: "person-changed" }
  /** `unchanged`: streams that stand where they did, and hold nothing unread. */
  | { type: "welcomed"; welcome: Welcome; unchanged: string[] }
  | { type: "event"; event: AnyEvent }
  | { type: "signal"; signal: AnySignal }
  /** A conversation the engine asked about: it was heard of without a known position, or `describe` was called. */
  | { type: "described"; conversation: ConversationView }
  /** What was known of the stream must be loaded anew: it stands at its head now. */
  | { type: "reset"; stream: string }
  /** The stream is no longer this person's. */
  | { type: "lost"; stream: string }
  | { type: "answered"; ticket: number; result: unknown }
  | { type: "refused"; ticket: number; problem: Problem }
  | { type: "ended"; why: StopReason };

export interface Identity {
  name: string;
  version: string;
  device: string;
}

/** What the person may be told about the connection. */
export type ConnectionState = "up-to-date" | "catching-up" | "connecting" | "offline" | "stopped";
