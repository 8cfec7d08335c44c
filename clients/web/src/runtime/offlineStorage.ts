/**
 * What outlives the page on this device: commands that the server has not answered, drafts, files on their way to it,
 * and forms that are being filled in. Nothing else, and only for the person who wrote them. It is erased when they sign out or lose access, and when
 * somebody else signs in; a session that ends by itself leaves it to them.
 *
 * A browser may have no storage to give: private windows, a full disk, a page older than the stored data. Then nothing
 * is kept, everything else works as before, and a reload loses what had not been sent.
 */

import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames } from "idb";
import type { Entry } from "../outbox/outbox";
import type { Draft } from "../tabs/messages";
import * as sealing from "./sealing";

/** A form that is being filled in. What stands in it is its feature's own. */
export interface KeptForm {
  id: string;
  kind: "referral" | "signup" | "import" | "case";
  /** When it was last changed, in milliseconds. */
  at: number;
  /** Until when the server keeps something for it, in milliseconds of this device's clock. */
  until?: number;
  value: unknown;
}

/** A file on its way to the server. It is kept in clear, and so only while this device does not lock. */
export interface KeptFile {
  id: string;
  conversation: string;
  name: string;
  content: Blob;
  /** When it was chosen, in milliseconds. */
  at: number;
  paused: boolean;
}

interface Owned {
  person: string;
}

interface Schema extends DBSchema {
  commands: { key: string; value: Entry & Owned; indexes: { conversation: string } };
  drafts: { key: string; value: Draft & Owned };
  forms: { key: string; value: KeptForm & Owned };
  files: { key: string; value: KeptFile & Owned; indexes: { conversation: string } };
  /** While this device is not locked, the key under which the other stores are encrypted. */
  keys: { key: string; value: { id: string; key: CryptoKey } };
}

type Database = IDBPDatabase<Schema>;
/** Brings the stores from one version to the next, within one transaction: all of it is done or none. */
type Migration<S extends DBSchema = Schema> = (
  database: IDBPDatabase<S>,
  transaction: IDBPTransaction<S, StoreNames<S>[], "versionchange">,
) => Promise<void> | void;

/** One per version. A new version adds a function that converts what is stored; those before it never change. */
const MIGRATIONS: readonly Migration[] = [
  database => {
    database.createObjectStore("commands", { keyPath: "id" }).createIndex("conversation", "conversation");
    database.createObjectStore("drafts", { keyPath: "conversation" });
  },
  database => void database.createObjectStore("forms", { keyPath: "id" }),
  database => void database.createObjectStore("keys", { keyPath: "id" }),
  database => void database.createObjectStore("files", { keyPath: "id" }).createIndex("conversation", "conversation"),
];

const NAME = "relais-offline";
/** Storage that takes longer than this, in milliseconds, does not hold a command back. */
const PATIENCE = 2_000;

/** Opens a database at the version of the last migration, after running those it has not seen. */
export function open<S extends DBSchema>(name: string, migrations: readonly Migration<S>[]): Promise<IDBPDatabase<S>> {
  return openDB<S>(name, migrations.length, {
    upgrade(opened, from, _, transaction) {
      const run = async () => {
        for (const migrate of migrations.slice(from)) await migrate(opened, transaction);
      };
      // `openDB` rejects when the upgrade is aborted; its own promise needs no second handler.
      transaction.done.catch(() => undefined);
      run().catch(() => transaction.abort());
    },
    // A newer version of the page, in another tab, waits for this one to let go. From then on nothing is stored here.
    blocking: (_, __, event) => (event.target as IDBDatabase).close(),
  });
}

let database: Promise<Database> | null = null;

async function connect(): Promise<Database> {
  if (typeof indexedDB === "undefined") throw new Error("This browser has no storage.");
  const opened = await open(NAME, MIGRATIONS);
  // The browser may end the connection, for example when the person clears the data of sites.
  opened.addEventListener("close", () => {
    database = null;
  });
  return opened;
}

/** Does something with the database; the answer is `otherwise` where that fails. */
async function use<T>(otherwise: T, act: (database: Database) => Promise<T>): Promise<T> {
  database ??= connect();
  try {
    return await act(await database);
  } catch {
    return otherwise;
  }
}

/** What is on its way into the database: a page that goes now would take it along. */
const underway = { entries: new Map<string, Entry & Owned>(), drafts: new Map<string, Draft & Owned>() };
const UNDERWAY = "relais.underway";
/** Each page has a place of its own: several may go in the same moment. */
const MY_UNDERWAY = `${UNDERWAY}.${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
let isSaved = false;

interface Underway {
  entries: (Entry & Owned)[];
  drafts: (Draft & Owned)[];
}

/** Whether the change of `localStorage` is one by which another page has left something. */
export function isLeftBehind({ key, newValue }: { key: string | null; newValue: string | null }): boolean {
  return newValue !== null && Boolean(key?.startsWith(UNDERWAY));
}

/** Call it when the page may go: what has not reached the database waits where it can be put at once. */
export function saveUnderway(): void {
  const entries = [...underway.entries.values()];
  const drafts = [...underway.drafts.values()];
  // It can only be put there in clear.
  if ((!entries.length && !drafts.length) || sealing.seals()) return;
  try {
    localStorage.setItem(MY_UNDERWAY, JSON.stringify({ entries, drafts }));
    isSaved = true;
  } catch {
    return; // storage is blocked, or full
  }
}

/** The page is still there, and all that it saved has reached the database. */
function forgetSaved(): void {
  if (!isSaved || underway.entries.size || underway.drafts.size) return;
  isSaved = false;
  try {
    localStorage.removeItem(MY_UNDERWAY);
  } catch {
    return; // it was not blocked a moment ago; nothing worse than storing it again
  }
}

/** What pages that are gone could only put there, with where and how it stands there. */
function savedUnderway(): { key: string; text: string; page: Underway }[] {
  const found: ReturnType<typeof savedUnderway> = [];
  try {
    for (let at = 0; at < localStorage.length; at += 1) {
      const key = localStorage.key(at);
      const text = key?.startsWith(UNDERWAY) ? localStorage.getItem(key) : null;
      if (key && text) found.push({ key, text, page: JSON.parse(text) as Underway });
    }
  } catch {
    // blocked, or not ours: as if nothing were there
  }
  return found;
}

/** Unless a page has meanwhile put something else there. */
function dropSaved(saved: ReturnType<typeof savedUnderway>): void {
  try {
    for (const { key, text } of saved) if (localStorage.getItem(key) === text) localStorage.removeItem(key);
  } catch {
    return; // blocked: nothing was there
  }
}

/** What this person left here. What anybody else left is erased. Storage that does not answer in time holds nothing. */
export async function load(person: string): Promise<{ entries: Entry[]; drafts: Draft[] }> {
  const saved = savedUnderway();
  const entries = saved.flatMap(({ page }) => page.entries).filter(entry => entry.person === person);
  const drafts = saved.flatMap(({ page }) => page.drafts).filter(draft => draft.person === person);
  await Promise.race([
    Promise.all([...entries.map(entry => keepEntry(person, entry)), ...drafts.map(draft => keepDraft(person, draft))]),
    pause(),
  ]);
  // Not before it stands in the database: this page may go as well.
  dropSaved(saved);
  const nothing = { entries, drafts: [] };
  const stored = use<{ entries: Entry[]; drafts: Draft[] }>(nothing, async opened => {
    const [entries, drafts] = await Promise.all([opened.getAll("commands"), opened.getAll("drafts")]);
    const forms = await opened.getAll("forms");
    if ([...entries, ...drafts, ...forms].every(isOf(person)))
      return { entries: await sealing.unsealAll(entries), drafts: await sealing.unsealAll(drafts) };
    await eraseAll();
    return { entries: [], drafts: [] };
  });
  return Promise.race([stored, pause().then(() => nothing)]);
}

function pause(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, PATIENCE));
}

/** Who fills in a form before they are known. It tells of nobody's messages, and is in nobody's way. */
export const NOBODY = "nobody";

function isOf(person: string): (record: Owned) => boolean {
  return record => record.person === person || record.person === NOBODY;
}

/** The forms of this person. What anybody else left is erased; before it is known who is here, it stays. */
export function loadForms(person: string): Promise<KeptForm[]> {
  return use<KeptForm[]>([], async opened => {
    const forms = await opened.getAll("forms");
    if (person === NOBODY || forms.every(isOf(person)))
      return sealing.unsealAll(forms.filter(form => form.person === person));
    await eraseAll();
    return [];
  });
}

/** What is being sealed of each form: what is dropped or erased meanwhile is not stored after all. */
const sealedNow = new Map<string, object>();

export async function keepForm(person: string, form: KeptForm): Promise<void> {
  const written = { ...form, person };
  sealedNow.set(form.id, written);
  const record = await sealing.seal(written);
  if (sealedNow.get(form.id) !== written) return;
  sealedNow.delete(form.id);
  if (!record) return;
  await use<unknown>(null, async opened => {
    const transaction = opened.transaction("forms", "readwrite");
    const stored = transaction.store.put(record);
    // Not when the page is idle again, but now: it may be about to go.
    transaction.commit();
    await Promise.all([stored, transaction.done]);
  });
}

export function dropForm(id: string): Promise<void> {
  sealedNow.delete(id);
  return use(undefined, opened => opened.delete("forms", id));
}

/** Resolves when the entry is stored, when it is clear that it cannot be, or when storage takes too long. */
export async function keepEntry(person: string, entry: Entry): Promise<void> {
  const record = { ...entry, person };
  const stored = track(underway.entries, entry.id, record, async opened => {
    const sealed = await sealing.seal(record);
    if (sealed && underway.entries.get(entry.id) === record) await opened.put("commands", sealed);
  });
  await Promise.race([stored, pause()]);
}

/** Does it, and notes it as under way until it is done. */
async function track<T>(
  known: Map<string, T>,
  key: string,
  record: T,
  act: (database: Database) => Promise<void>,
): Promise<void> {
  known.set(key, record);
  await use(undefined, act);
  if (known.get(key) === record) known.delete(key);
  forgetSaved();
}

export function dropEntry(id: string): Promise<void> {
  underway.entries.delete(id);
  return use(undefined, opened => opened.delete("commands", id));
}

/** A draft that is empty is none. */
export function keepDraft(person: string, draft: Draft): Promise<void> {
  const record = { ...draft, person };
  return track(underway.drafts, draft.conversation, record, async opened => {
    const isEmpty = !draft.body && !draft.reply && !draft.files?.length;
    const sealed = isEmpty ? null : await sealing.seal(record);
    // Sealing takes a moment, in which more may have been typed.
    if (underway.drafts.get(draft.conversation) !== record) return;
    if (sealed) await opened.put("drafts", sealed);
    else if (isEmpty) await opened.delete("drafts", draft.conversation);
  });
}

/** The files of this person. What anybody else left is erased. */
export function loadFiles(person: string): Promise<KeptFile[]> {
  return use<KeptFile[]>([], async opened => {
    const files = await opened.getAll("files");
    if (files.every(isOf(person))) return files;
    await eraseAll();
    return [];
  });
}

/** True when it is kept: not where storage is full or blocked, nor on a device that locks. */
export function keepFile(person: string, file: KeptFile): Promise<boolean> {
  if (sealing.seals()) return Promise.resolve(false);
  return use(false, async opened => Boolean(await opened.put("files", { ...file, person })));
}

export function dropFile(id: string): Promise<void> {
  return use(undefined, opened => opened.delete("files", id));
}

/** How many messages and drafts wait here for somebody to sign in again. */
export function countWaiting(): Promise<{ messages: number; drafts: number }> {
  return use({ messages: 0, drafts: 0 }, async opened => {
    const [commands, drafts] = await Promise.all([opened.getAll("commands"), opened.count("drafts")]);
    return { messages: commands.filter(({ method }) => method === "message.send").length, drafts };
  });
}

/** The person lost access to a conversation. */
export function eraseConversation(conversation: string): Promise<void> {
  return use(undefined, async opened => {
    const transaction = opened.transaction(["commands", "drafts", "files"], "readwrite");
    const within = async (name: "commands" | "files") => {
      const store = transaction.objectStore(name);
      for (const id of await store.index("conversation").getAllKeys(conversation)) void store.delete(id);
    };
    await Promise.all([
      within("commands"),
      within("files"),
      transaction.objectStore("drafts").delete(conversation),
      transaction.done,
    ]);
  });
}

const KEY = "store";

/** Null while the device is locked, or does not lock. */
export function loadKey(): Promise<CryptoKey | null> {
  return use<CryptoKey | null>(null, async opened => (await opened.get("keys", KEY))?.key ?? null);
}

export function dropKey(): Promise<void> {
  return use(undefined, opened => opened.delete("keys", KEY));
}

/** Stores everything anew: encrypted under this key, which is kept beside it until the device locks, or in clear. */
export function sealAgain(key: CryptoKey | null): Promise<boolean> {
  return use(false, async opened => {
    const commands = await sealing.unsealAll(await opened.getAll("commands"));
    const drafts = await sealing.unsealAll(await opened.getAll("drafts"));
    const forms = await sealing.unsealAll(await opened.getAll("forms"));
    sealing.sealUnder(key, key !== null);
    const sealed = async <T extends object>(all: readonly T[]) =>
      (await Promise.all(all.map(one => sealing.seal(one)))).filter(one => one !== null);
    const records = [await sealed(commands), await sealed(drafts), await sealed(forms)] as const;
    const transaction = opened.transaction(["commands", "drafts", "forms", "keys", "files"], "readwrite");
    await Promise.all([
      // In clear; their page has them still.
      transaction.objectStore("files").clear(),
      ...records[0].map(one => transaction.objectStore("commands").put(one)),
      ...records[1].map(one => transaction.objectStore("drafts").put(one)),
      ...records[2].map(one => transaction.objectStore("forms").put(one)),
      key ? transaction.objectStore("keys").put({ id: KEY, key }) : transaction.objectStore("keys").clear(),
      transaction.done,
    ]);
    return true;
  });
}

export async function keepKey(key: CryptoKey): Promise<void> {
  await use<unknown>(null, opened => opened.put("keys", { id: KEY, key }));
}

/** What is known of the lock in `localStorage`: how the key is wrapped, whether it is locked, when it was last touched. */
export const LOCK_KEYS = { config: "relais.lock", locked: "relais.locked", touched: "relais.touched" } as const;

function forgetLock(): void {
  sealing.sealUnder(null, false);
  try {
    for (const name of Object.values(LOCK_KEYS)) localStorage.removeItem(name);
  } catch {
    return; // blocked: there was no lock
  }
}

export function eraseAll(): Promise<void> {
  forgetLock();
  underway.entries.clear();
  underway.drafts.clear();
  sealedNow.clear();
  dropSaved(savedUnderway());
  return use(undefined, async opened => {
    const all = ["commands", "drafts", "forms", "keys", "files"] as const;
    const transaction = opened.transaction(all, "readwrite");
    await Promise.all([...all.map(name => transaction.objectStore(name).clear()), transaction.done]);
  });
}
