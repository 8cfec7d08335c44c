/** UUID version 7 (RFC 9562): ids that the client chooses, in the order of time. */

/** `random` is at least ten random bytes. */
export function uuid7(now: number, random: Uint8Array): string {
  const time = Math.floor(now).toString(16).padStart(12, "0");
  const bytes = [...random.slice(0, 10)];
  bytes[0] = 0x70 | (bytes[0]! & 0x0f);
  bytes[2] = 0x80 | (bytes[2]! & 0x3f);
  const tail = bytes.map(byte => byte.toString(16).padStart(2, "0")).join("");
  return `${time.slice(0, 8)}-${time.slice(8)}-${tail.slice(0, 4)}-${tail.slice(4, 8)}-${tail.slice(8)}`;
}

/** When an id was chosen, in milliseconds; 0 for an id of another version. */
export function timeOf(id: string): number {
  return id[14] === "7" ? parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : 0;
}
