/** What is kept on this device, as it is stored: in clear without a lock, else encrypted under the key of the lock. */

/** Fields that stay readable, by which a record is found: ids and kinds, never what somebody wrote. */
const CLEAR = ["id", "person", "conversation", "method", "kind", "at"] as const;

interface SealedRecord {
  iv: Uint8Array<ArrayBuffer>;
  sealed: ArrayBuffer;
}

let key: CryptoKey | null = null;
let isLocking = false;

/** With a lock nothing is stored in clear; without its key nothing is stored at all. */
export function sealUnder(found: CryptoKey | null, locks: boolean): void {
  key = found;
  isLocking = locks;
}

export function seals(): boolean {
  return isLocking;
}

/** The record as it is stored; null when it cannot be now. */
export async function seal<T extends object>(record: T): Promise<T | null> {
  if (!isLocking) return record;
  if (!key) return null;
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const text = new TextEncoder().encode(JSON.stringify(record));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, text);
  const clear = Object.fromEntries(CLEAR.filter(name => name in record).map(name => [name, record[name as keyof T]]));
  return { ...clear, iv, sealed } as unknown as T;
}

/** What was stored; null for what does not open now. */
export async function unseal<T extends object>(stored: T): Promise<T | null> {
  if (!("sealed" in stored)) return stored;
  if (!key) return null;
  const { iv, sealed } = stored as unknown as SealedRecord;
  try {
    const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, sealed);
    return JSON.parse(new TextDecoder().decode(text)) as T;
  } catch {
    return null;
  }
}

export async function unsealAll<T extends object>(stored: readonly T[]): Promise<T[]> {
  const opened = await Promise.all(stored.map(one => unseal(one)));
  return opened.filter(one => one !== null);
}
