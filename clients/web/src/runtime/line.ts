/** The socket of this page, when it has one: no other module of the application opens one. */

import type { EarlySocket } from "../early";
import { SUBPROTOCOL } from "../wire/frame";

/** What is told of it; frames of an older socket that still arrive are not. */
export interface LineListener {
  opened(greeted: boolean): void;
  received(text: string): void;
  closed(code: number): void;
}

let socket: WebSocket | null = null;

/** Opens a socket, or takes over the one that was opened early, with what has been said on it. */
export function open(early: EarlySocket | null, to: LineListener): void {
  close();
  const code = early?.code;
  if (code) {
    queueMicrotask(() => to.closed(code));
    return;
  }
  const opened = early?.socket ?? new WebSocket(new URL("/ws", location.href.replace(/^http/, "ws")), SUBPROTOCOL);
  socket = opened;
  opened.onopen = () => to.opened(false);
  opened.onmessage = ({ data }) => {
    if (typeof data === "string") to.received(data);
  };
  opened.onclose = closed => {
    if (socket === opened) socket = null;
    to.closed(closed.code);
  };
  if (early && opened.readyState === WebSocket.OPEN) {
    queueMicrotask(() => {
      if (socket !== opened) return;
      to.opened(early.greeted);
      for (const text of early.frames) to.received(text);
    });
  }
}

export function send(text: string): void {
  socket?.send(text);
}

export function close(): void {
  if (!socket) return;
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close();
  socket = null;
}
