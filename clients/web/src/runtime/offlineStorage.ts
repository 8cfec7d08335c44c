/**
 * What outlives the page on this device: commands that the server has not answered, drafts, and forms that are being
 * filled in. Nothing else, and only for the person who wrote them; it is erased when they sign out or lose access.
 *
 * A browser may have no storage to give: private windows, a full disk, a page older than the stored data. Then nothing
 * is kept, everything else works as before, and a reload loses what had not been sent.
 */

import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames } from "idb";
import type { Entry } from "../outbox/outbox";

interface Draft {
  conversation: string;
  body: string;
}

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
    // A newer version of the page, in another tab, waits for this one to let go.
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

/** What this person left here. What anybody else left is erased. */
export function load(person: string): Promise<{ entries: Entry[]; drafts: Draft[] }> {
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
  const stored = use<unknown>(null, opened => opened.put("commands", { ...entry, person }));
  await Promise.race([stored, new Promise(resolve => setTimeout(resolve, PATIENCE))]);
}

export function dropEntry(id: string): Promise<void> {
  return use(undefined, opened => opened.delete("commands", id));
}

export async function keepDraft(person: string, conversation: string, body: string): Promise<void> {
  await use<unknown>(null, opened =>
    body ? opened.put("drafts", { person, conversation, body }) : opened.delete("drafts", conversation),
  );
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
