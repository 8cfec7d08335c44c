/**
 * What outlives the page on this device: messages that have not reached the server, and what is typed and not sent.
 * Nothing else, and only for the person who wrote it; it is erased when they sign out or lose access.
 *
 * A browser may have no storage to give (private windows, a full disk). Then this keeps nothing, the page works as
 * before, and only a reload loses what had not been sent.
 */

import type { Entry } from "../outbox/outbox";

interface Owned {
  person: string;
}
interface Draft {
  conversation: string;
  body: string;
}

let database: Promise<IDBDatabase | null> | null = null;

function open(): Promise<IDBDatabase | null> {
  database ??= new Promise(resolve => {
    if (typeof indexedDB === "undefined") return resolve(null);
    const request = indexedDB.open("relais", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("outbox", { keyPath: "id" });
      request.result.createObjectStore("drafts", { keyPath: "conversation" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null);
  });
  return database;
}

async function change(name: "outbox" | "drafts", what: (store: IDBObjectStore) => void): Promise<void> {
  const opened = await open();
  if (opened) what(opened.transaction(name, "readwrite").objectStore(name));
}

async function all<T>(name: "outbox" | "drafts"): Promise<(T & Owned)[]> {
  const opened = await open();
  if (!opened) return [];
  return new Promise(resolve => {
    const request = opened.transaction(name).objectStore(name).getAll();
    request.onsuccess = () => resolve(request.result as (T & Owned)[]);
    request.onerror = () => resolve([]);
  });
}

/** What this person left here; what anybody else left is erased. */
export async function load(person: string): Promise<{ entries: Entry[]; drafts: Draft[] }> {
  const [entries, drafts] = await Promise.all([all<Entry>("outbox"), all<Draft>("drafts")]);
  if ([...entries, ...drafts].some(record => record.person !== person)) {
    await eraseAll();
    return { entries: [], drafts: [] };
  }
  return { entries, drafts };
}

export function keepEntry(person: string, entry: Entry): Promise<void> {
  return change("outbox", store => store.put({ ...entry, person }));
}

export function dropEntry(id: string): Promise<void> {
  return change("outbox", store => store.delete(id));
}

export function keepDraft(person: string, conversation: string, body: string): Promise<void> {
  return change("drafts", store => (body ? store.put({ person, conversation, body }) : store.delete(conversation)));
}

/** Access to a conversation is lost. */
export async function eraseConversation(conversation: string): Promise<void> {
  await change("drafts", store => store.delete(conversation));
  const entries = await all<Entry>("outbox");
  for (const entry of entries) if (entry.conversation === conversation) await dropEntry(entry.id);
}

export async function eraseAll(): Promise<void> {
  await change("outbox", store => store.clear());
  await change("drafts", store => store.clear());
}
