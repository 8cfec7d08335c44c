/** The id of this device, and ids of what is made on it. */

import { uuid7 } from "../outbox/id";
import * as tabs from "./tabs";

const DEVICE_KEY = "relais.device";

export function newId(): string {
  return uuid7(Date.now(), crypto.getRandomValues(new Uint8Array(10)));
}

/** The same for all tabs of this browser: of several sockets of one device the server keeps the newest. */
export function deviceId(): string {
  if (!tabs.areShared) return newId(); // nothing makes the tabs one device
  try {
    const known = localStorage.getItem(DEVICE_KEY);
    if (known) return known;
    const fresh = newId();
    localStorage.setItem(DEVICE_KEY, fresh);
    return fresh;
  } catch {
    return newId(); // storage is blocked: each page is a device of its own
  }
}
