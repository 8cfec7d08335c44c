import { encode } from "../../wire/frame";
import type { Limits } from "../../wire/types";

const ID = "00000000-0000-7000-8000-000000000000";
const EMPTY = { id: ID, conversation: ID, body: "", reply_to: ID };
/** Bytes of the frame of a message without its body, at most. */
const ENVELOPE = encode(Number.MAX_SAFE_INTEGER, "message.send", EMPTY).length;
/** What one unit of a string may become in a frame, in bytes: a control character is written as "\u0000". */
const LARGEST_UNIT = 6;

/** How many more characters a message may have; negative when it has too many already. Exact when few are left. */
export function roomLeft(body: string, { body_bytes, body_characters, frame_bytes }: Limits): number {
  const free = frame_bytes - ENVELOPE;
  const most = Math.min(free, body_bytes ?? free);
  if (body.length * 2 < body_characters && body.length * LARGEST_UNIT < most) return body_characters - body.length;
  const characters = body_characters - [...body].length;
  const inFrame = free - (size(JSON.stringify(body)) - 2);
  const bytes = Math.min(inFrame, body_bytes == null ? inFrame : body_bytes - size(body));
  return bytes < 0 ? Math.min(characters, bytes) : characters;
}

/** Bytes of a text in UTF-8. */
function size(text: string): number {
  return new TextEncoder().encode(text).length;
}
