/**
 * One file to the server by tus 1.0, over any number of cuts. The id is the sender's own, so asking for a new upload
 * again tells how far the one of this id has come: each attempt begins by that. No I/O of its own.
 */

export const PLACE = "/files/";
/** What one request carries: little enough that a proxy which gathers it, and a cut, cost little. */
export const PIECE = 8_000_000;
/** The longest wait before another attempt, in seconds. */
const LONGEST_WAIT = 30;

export interface Answer {
  /** 0 when the server was not reached. */
  status: number;
  /** How much of the file is durable there, if it says so. */
  offset: number | null;
  reason?: string;
  /** In seconds. */
  retryAfter?: number;
}

export interface Io {
  request(method: "POST" | "PATCH", path: string, headers: Record<string, string>, body: Blob | null): Promise<Answer>;
  /** So many bytes are durable. */
  onDurable(offset: number): void;
  /** An attempt failed; resolves when it is time for the next. */
  wait(seconds: number): Promise<void>;
  signal: AbortSignal;
}

export interface Uploadable {
  id: string;
  name: string;
  content: Blob;
}

/** `stopped` by its signal; `refused` for good, and why. */
export type Outcome =
  | { is: "done" }
  | { is: "stopped" }
  | { is: "refused"; why: "too_large" | "too_many_files" | "gone" };

export async function upload(file: Uploadable, io: Io): Promise<Outcome> {
  let failures = 0;
  let answer = await begin(file, io);
  while (!io.signal.aborted) {
    const { status, offset } = answer;
    if (status >= 200 && status < 300 && offset !== null) {
      failures = 0;
      io.onDurable(offset);
      if (offset >= file.content.size) return { is: "done" };
      answer = await append(file, offset, io);
      continue;
    }
    const why = refusal(answer);
    if (why) return { is: "refused", why };
    // The upload ends elsewhere than was thought: nothing to wait for.
    if (answer.reason !== "wrong_offset" || failures > 0) {
      await io.wait(answer.retryAfter ?? Math.min(LONGEST_WAIT, 2 ** failures));
    }
    failures += 1;
    if (io.signal.aborted) break;
    answer = await begin(file, io);
  }
  return { is: "stopped" };
}

function begin({ id, name, content }: Uploadable, io: Io): Promise<Answer> {
  const pairs = { id, filename: name };
  const metadata = Object.entries(pairs).map(([key, value]) => `${key} ${base64(value)}`);
  const headers = {
    "Tus-Resumable": "1.0.0",
    "Upload-Length": String(content.size),
    "Upload-Metadata": metadata.join(","),
  };
  return io.request("POST", PLACE, headers, null);
}

function append({ id, content }: Uploadable, offset: number, io: Io): Promise<Answer> {
  const headers = {
    "Tus-Resumable": "1.0.0",
    "Upload-Offset": String(offset),
    "Content-Type": "application/offset+octet-stream",
  };
  return io.request("PATCH", PLACE + id, headers, content.slice(offset, offset + PIECE));
}

/** Why no further attempt can succeed; null when one may. */
function refusal({ status, reason }: Answer): "too_large" | "too_many_files" | "gone" | null {
  if (status === 413) return "too_large";
  if (reason === "too_many_files") return reason;
  if (status === 404 || status === 410 || status === 400) return "gone";
  return status === 409 && reason !== "wrong_offset" ? "gone" : null;
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
