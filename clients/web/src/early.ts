/**
 * Opens the socket and says hello while the application is still being fetched: three round trips saved on a slow
 * network. The application takes it over, with what has been answered. Only the tab that holds the lock of all tabs
 * opens one; the others connect through that tab.
 *
 * Nothing is imported: anything shared with the application would be a file of its own to fetch first.
 */

import type { GENERATION } from "./tabs/messages";
import type { SUBPROTOCOL } from "./wire/frame";
import type { Hello } from "./wire/types";

export interface EarlySocket {
  socket: WebSocket;
  /** Whether `hello` was said, by the id 0 that the engine gives it. */
  greeted: boolean;
  /** What the server has said so far. */
  frames: string[];
  /** How it ended, when it did before anybody took it over. */
  code: number | null;
  /** Gives the lock back. */
  release: () => void;
  /** Resolves when the lock was taken away. */
  lost: Promise<void>;
}

declare global {
  interface Window {
    /** Resolves to null where another tab has the lock. Absent, or null, once the application has begun. */
    relaisSocket?: Promise<EarlySocket | null> | null;
  }
}

const subprotocol: typeof SUBPROTOCOL = "relais.v1";
const generation: typeof GENERATION = 2;

/** Null where storage is blocked, and for the device's id on a first visit: the application will make one, and greet. */
function kept(key: "relais.device" | "relais.leaving" | "relais.lock"): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function open(release: () => void, lost: Promise<void>): EarlySocket {
  const socket = new WebSocket(new URL("/ws", location.href.replace(/^http/, "ws")), subprotocol);
  const early: EarlySocket = { socket, greeted: false, frames: [], code: null, release, lost };
  const known = kept("relais.device");
  socket.onopen = () => {
    if (known === null) return;
    const hello: Hello = { protocol: 1, client: { name: "web", version: __VERSION__, device: known } };
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: 0, method: "hello", params: hello }));
    early.greeted = true;
  };
  socket.onmessage = ({ data }) => early.frames.push(String(data));
  socket.onclose = ({ code }) => (early.code = code);
  return early;
}

/** Null where another tab leads, and where the browser has no locks: then each page is a device of its own. */
function lead(): Promise<EarlySocket | null> {
  return new Promise(resolve => {
    if (!navigator.locks || typeof BroadcastChannel === "undefined") {
      resolve(null);
      return;
    }
    const lost = navigator.locks
      .request(`relais.tabs.${generation}`, { ifAvailable: true }, lock => {
        if (lock) return new Promise<void>(release => resolve(open(release, lost)));
        resolve(null);
        return;
      })
      .then(
        () => undefined,
        () => resolve(null),
      );
  });
}

// What may be locked asks for nothing before the application has looked.
// Whoever signed out without the server hearing of it still has a session there: nothing is asked for in their name.
if (window.relaisSocket === undefined && kept("relais.leaving") === null && kept("relais.lock") === null)
  window.relaisSocket = lead();
