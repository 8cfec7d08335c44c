import { encode } from "../../wire/frame";
import type { Limits } from "../../wire/types";

const ID = "00000000-0000-7000-8000-000000000000";
const EMPTY = { id: ID, conversation: ID, body: "", reply_to: ID };
/** Bytes of the frame of a message without its body, at most. */
const ENVELOPE = encode(Number.MAX_SAFE_INTEGER, "message.send", EMPTY).length;
/** What one unit of a string may become in a frame, in bytes: a control character is written as "\u0000". */
const LARGEST_UNIT = 6;

/** How many more characters a message may have; negative when it has too many already. Exact when few are left. */
export function roomLeft(body: string, { body_characters, frame_bytes }: Limits): number {
  const free = frame_bytes - ENVELOPE;
  if (body.length * 2 < body_characters && body.length * LARGEST_UNIT < free) return body_characters - body.length;
  const characters = body_characters - [...body].length;
  const bytes = free - (new TextEncoder().encode(JSON.stringify(body)).length - 2);
  return bytes < 0 ? Math.min(characters, bytes) : characters;
}
