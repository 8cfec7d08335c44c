/** A request of an upload. `fetch` does not tell how much of a body has been sent; the older interface does. */

import { askForToken, token } from "../../runtime/http";
import type { Answer } from "./tus";

/** A request takes no longer, in milliseconds: a line that is dead does not always say so. */
const LONGEST = 120_000;

export function request(
  method: string,
  path: string,
  headers: Record<string, string>,
  body: Blob | null,
  onSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise(resolve => {
    const sent = new XMLHttpRequest();
    const unreached = () => resolve({ status: 0, offset: null });
    sent.open(method, path);
    for (const [name, value] of Object.entries({ ...headers, "X-CSRFToken": token() }))
      sent.setRequestHeader(name, value);
    sent.upload.onprogress = ({ loaded }) => onSent(loaded);
    // What had arrived by then stays there.
    sent.timeout = LONGEST;
    sent.ontimeout = unreached;
    sent.onerror = unreached;
    sent.onabort = unreached;
    sent.onload = () => {
      // The token changes at sign-in: the next attempt has the new one.
      if (sent.status === 403) void askForToken().catch(() => undefined);
      resolve(read(sent));
    };
    signal.addEventListener("abort", () => sent.abort(), { once: true });
    if (signal.aborted) unreached();
    else sent.send(body);
  });
}

function read(sent: XMLHttpRequest): Answer {
  const number = (name: string) => {
    const text = sent.getResponseHeader(name);
    return text === null || !/^\d+$/.test(text) ? null : Number(text);
  };
  const retryAfter = number("Retry-After");
  const reason = reasonIn(sent.responseText);
  return {
    status: sent.status,
    offset: number("Upload-Offset"),
    ...(reason === undefined ? {} : { reason }),
    ...(retryAfter === null ? {} : { retryAfter }),
  };
}

function reasonIn(text: string): string | undefined {
  try {
    const { reason } = JSON.parse(text) as { reason?: unknown };
    return typeof reason === "string" ? reason : undefined;
  } catch {
    return undefined; // nothing, or a proxy's page
  }
}
