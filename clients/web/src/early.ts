/**
 * Opens the socket while the application is still being fetched: two round trips saved on a slow network. The shell
 * takes it over; until then nothing can arrive on it but its end, because the server waits for `hello`.
 */

import type { SUBPROTOCOL } from "./wire/frame";

export interface EarlySocket {
  socket: WebSocket;
  /** How it ended, when it did before anybody took it over. */
  code: number | null;
}

declare global {
  interface Window {
    /** Null once the application has begun: then it is too late to be early. */
    relaisSocket?: EarlySocket | null;
  }
}

// Written out, since anything shared with the application would be a file of its own to fetch first.
const subprotocol: typeof SUBPROTOCOL = "relais.v1";
const address = new URL("/ws", location.href.replace(/^http/, "ws"));

if (window.relaisSocket === undefined) {
  const early: EarlySocket = { socket: new WebSocket(address, subprotocol), code: null };
  early.socket.onclose = ({ code }) => (early.code = code);
  window.relaisSocket = early;
}
