/**
 * What outlives the page on this device: commands that the server has not answered, drafts, and forms that are being
 * filled in. Nothing else, and only for the person who wrote them. It is erased when they sign out or lose access, and when
 * somebody else signs in; a session that ends by itself leaves it to them.
 *
 * A browser may have no storage to give: private windows, a full disk, a page older than the stored data. Then nothing
 * is kept, everything else works as before, and a reload loses what had not been sent.
 */

import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames } from "idb";
import type { Entry } from "../outbox/outbox";
import type { Draft } from "../tabs/messages";

/** A form that is being filled in. What stands in it is its feature's own. */
export interface KeptForm {
  id: string;
  kind: "referral";
  /** When it was last changed, in milliseconds. */
  at: number;
  /** Until when the server keeps something for it, in milliseconds of this device's clock. */
  until?: number;
  value: unknown;
}

interface Owned {
  person: string;
}

interface Schema extends DBSchema {
  commands: { key: string; value: Entry & Owned; indexes: { conversation: string } };
  drafts: { key: string; value: Draft & Owned };
  forms: { key: string; value: KeptForm & Owned };
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

/** Call it when the page may go: what has not reached the database waits where it can be put at once. */
export function saveUnderway(): void {
  const entries = [...underway.entries.values()];
  const drafts = [...underway.drafts.values()];
  if (!entries.length && !drafts.length) return;
  try {
    localStorage.setItem(UNDERWAY, JSON.stringify({ entries, drafts }));
  } catch {
    return; // storage is blocked, or full
  }
}

/** What the page before could only put there, once. */
function takeUnderway(): { entries: (Entry & Owned)[]; drafts: (Draft & Owned)[] } {
  try {
    const text = localStorage.getItem(UNDERWAY);
    localStorage.removeItem(UNDERWAY);
    if (text !== null) return JSON.parse(text) as ReturnType<typeof takeUnderway>;
  } catch {
    // blocked, or not ours: as if nothing were there
  }
  return { entries: [], drafts: [] };
}

/** What this person left here. What anybody else left is erased. */
export async function load(person: string): Promise<{ entries: Entry[]; drafts: Draft[] }> {
  const late = takeUnderway();
  await Promise.all([
    ...late.entries.filter(entry => entry.person === person).map(entry => keepEntry(person, entry)),
    ...late.drafts.filter(draft => draft.person === person).map(draft => keepDraft(person, draft)),
  ]);
  return use<{ entries: Entry[]; drafts: Draft[] }>({ entries: [], drafts: [] }, async opened => {
    const [entries, drafts] = await Promise.all([opened.getAll("commands"), opened.getAll("drafts")]);
    const forms = await opened.getAll("forms");
    if ([...entries, ...drafts, ...forms].every(record => record.person === person)) return { entries, drafts };
    await eraseAll();
    return { entries: [], drafts: [] };
  });
}

/** The forms of this person. What anybody else left is erased. */
export function loadForms(person: string): Promise<KeptForm[]> {
  return use<KeptForm[]>([], async opened => {
    const forms = await opened.getAll("forms");
    if (forms.every(form => form.person === person)) return forms;
    await eraseAll();
    return [];
  });
}

export async function keepForm(person: string, form: KeptForm): Promise<void> {
  await use<unknown>(null, async opened => {
    const transaction = opened.transaction("forms", "readwrite");
    const stored = transaction.store.put({ ...form, person });
    // Not when the page is idle again, but now: it may be about to go.
    transaction.commit();
    await Promise.all([stored, transaction.done]);
  });
}

export function dropForm(id: string): Promise<void> {
  return use(undefined, opened => opened.delete("forms", id));
}

/** Resolves when the entry is stored, when it is clear that it cannot be, or when storage takes too long. */
export async function keepEntry(person: string, entry: Entry): Promise<void> {
  const record = { ...entry, person };
  const stored = track(underway.entries, entry.id, record, async opened => {
    await opened.put("commands", record);
  });
  await Promise.race([stored, new Promise(resolve => setTimeout(resolve, PATIENCE))]);
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
}

export function dropEntry(id: string): Promise<void> {
  underway.entries.delete(id);
  return use(undefined, opened => opened.delete("commands", id));
}

/** A draft that is empty is none. */
export function keepDraft(person: string, draft: Draft): Promise<void> {
  const record = { ...draft, person };
  return track(underway.drafts, draft.conversation, record, async opened => {
    if (draft.body || draft.reply) await opened.put("drafts", record);
    else await opened.delete("drafts", draft.conversation);
  });
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
    const transaction = opened.transaction(["commands", "drafts"], "readwrite");
    const commands = transaction.objectStore("commands");
    const ids = await commands.index("conversation").getAllKeys(conversation);
    await Promise.all([
      ...ids.map(id => commands.delete(id)),
      transaction.objectStore("drafts").delete(conversation),
      transaction.done,
    ]);
  });
}

export function eraseAll(): Promise<void> {
  underway.entries.clear();
  underway.drafts.clear();
  takeUnderway();
  return use(undefined, async opened => {
    const transaction = opened.transaction(["commands", "drafts", "forms"], "readwrite");
    await Promise.all([
      transaction.objectStore("commands").clear(),
      transaction.objectStore("drafts").clear(),
      transaction.objectStore("forms").clear(),
      transaction.done,
    ]);
  });
}
