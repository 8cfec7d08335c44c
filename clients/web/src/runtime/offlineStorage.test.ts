import { IDBFactory, IDBRequest } from "fake-indexeddb";
import type { DBSchema, IDBPDatabase } from "idb";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Entry } from "../outbox/outbox";
import * as outboxes from "../outbox/outbox";

import "fake-indexeddb/auto";

const ANNE = "anne";
const entry = (id: string, conversation = "a"): Entry =>
  outboxes.add([], { method: "message.send", params: { id, conversation, body: "…" } }, 1)[0]!;

/** The module as a page finds it after a reload: what is stored stays. */
const reload = async () => {
  vi.resetModules();
  return await import("./offlineStorage");
};
let storage: Awaited<ReturnType<typeof reload>>;

beforeEach(async () => {
  vi.stubGlobal("indexedDB", new IDBFactory());
  storage = await reload();
});
afterEach(() => void vi.useRealTimers());

test("commands and drafts survive a reload, until they are dropped", async () => {
  await storage.keepEntry(ANNE, entry("1"));
  await storage.keepEntry(ANNE, entry("2"));
  await storage.keepEntry(ANNE, { ...entry("2"), state: "refused" });
  await storage.keepDraft(ANNE, { conversation: "a", body: "Bonjour", reply: "m1" });
  storage = await reload();
  await storage.dropEntry("1");
  const { entries, drafts } = await storage.load(ANNE);
  expect(entries).toMatchObject([{ id: "2", state: "refused", method: "message.send" }]);
  expect(drafts).toMatchObject([{ conversation: "a", body: "Bonjour", reply: "m1" }]);
  await storage.keepDraft(ANNE, { conversation: "a", body: "" });
  expect((await storage.load(ANNE)).drafts).toEqual([]);
});

test("what had not reached the database when the page went is there after it", async () => {
  const stored = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
    key: (at: number) => [...stored.keys()][at] ?? null,
    get length() {
      return stored.size;
    },
  });
  await storage.keepDraft(ANNE, { conversation: "a", body: "Bon" });
  const works = indexedDB;
  vi.stubGlobal("indexedDB", { open: () => new IDBRequest() });
  storage = await reload();
  void storage.keepDraft(ANNE, { conversation: "a", body: "Bonjour" });
  void storage.keepEntry(ANNE, entry("1"));
  storage.saveUnderway();
  vi.stubGlobal("indexedDB", works);
  storage = await reload();
  expect(await storage.load(ANNE)).toMatchObject({ entries: [{ id: "1" }], drafts: [{ body: "Bonjour" }] });
  expect(stored.size).toBe(0);
  storage.saveUnderway();
  expect(stored.size).toBe(0);
});

test("with access to a conversation goes what is kept of it, and nothing else", async () => {
  await storage.keepEntry(ANNE, entry("1", "a"));
  await storage.keepEntry(ANNE, entry("2", "b"));
  await storage.keepDraft(ANNE, { conversation: "a", body: "…" });
  await storage.keepDraft(ANNE, { conversation: "b", body: "…" });
  await storage.eraseConversation("a");
  const { entries, drafts } = await storage.load(ANNE);
  expect(entries.map(({ id }) => id)).toEqual(["2"]);
  expect(drafts.map(({ conversation }) => conversation)).toEqual(["b"]);
});

test("what another person left is erased, and never shown", async () => {
  await storage.keepEntry("bruno", entry("1"));
  expect(await storage.load(ANNE)).toEqual({ entries: [], drafts: [] });
  expect(await storage.load("bruno")).toEqual({ entries: [], drafts: [] });
});

test("after everything is erased nothing is left", async () => {
  await storage.keepEntry(ANNE, entry("1"));
  await storage.keepDraft(ANNE, { conversation: "a", body: "…" });
  await storage.eraseAll();
  expect(await storage.load(ANNE)).toEqual({ entries: [], drafts: [] });
});

test("a browser without storage keeps nothing, and nothing fails", async () => {
  vi.stubGlobal("indexedDB", undefined);
  storage = await reload();
  await storage.keepEntry(ANNE, entry("1"));
  await storage.eraseConversation("a");
  await storage.eraseAll();
  expect(await storage.load(ANNE)).toEqual({ entries: [], drafts: [] });
});

test("storage that never answers holds a command back for two seconds, not longer", async () => {
  vi.useFakeTimers();
  vi.stubGlobal("indexedDB", { open: () => new IDBRequest() });
  storage = await reload();
  const kept = vi.fn();
  void storage.keepEntry(ANNE, entry("1")).then(kept);
  await vi.advanceTimersByTimeAsync(1_999);
  expect(kept).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(kept).toHaveBeenCalled();
});

test("what waits is counted, drafts and messages, without saying whose or what", async () => {
  await storage.keepEntry(ANNE, entry("1"));
  await storage.keepEntry(ANNE, entry("2"));
  await storage.keepDraft(ANNE, { conversation: "a", body: "…" });
  expect(await storage.countWaiting()).toEqual({ messages: 2, drafts: 1 });
});

test("a page whose storage a newer one has taken over keeps nothing, and nothing fails", async () => {
  await storage.keepEntry(ANNE, entry("1"));
  const newer = new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open("relais-offline", 99);
    request.onsuccess = () => resolve(request.result);
    request.onerror = reject;
    request.onblocked = reject;
  });
  expect((await newer).version).toBe(99);
  await storage.keepEntry(ANNE, entry("2"));
  expect(await storage.load(ANNE)).toEqual({ entries: [], drafts: [] });
  const kept = (await newer).transaction("commands").objectStore("commands").count();
  await new Promise(resolve => (kept.onsuccess = resolve));
  expect(kept.result).toBe(1);
});

describe("files on their way", () => {
  const file = (id: string, conversation = "a") => {
    const content = new Blob(["abc"]);
    return { id, conversation, name: "Écho.pdf", content, at: 1, paused: false };
  };
  const kept = async (person = ANNE) => (await storage.loadFiles(person)).map(({ id }) => id);

  test("survive a reload, until they are dropped or access to their conversation is lost", async () => {
    for (const one of [file("1"), file("2", "b"), file("3")]) expect(await storage.keepFile(ANNE, one)).toBe(true);
    await storage.keepDraft(ANNE, { conversation: "a", body: "", files: ["1", "3"] });
    storage = await reload();
    expect((await storage.load(ANNE)).drafts).toMatchObject([{ files: ["1", "3"] }]);
    await storage.dropFile("3");
    expect(await kept()).toEqual(["1", "2"]);
    await storage.eraseConversation("b");
    expect(await kept()).toEqual(["1"]);
  });

  test("are erased at signing out, and when somebody else comes", async () => {
    await storage.keepFile(ANNE, file("1"));
    expect(await kept("samir")).toEqual([]);
    expect(await kept()).toEqual([]);
    await storage.keepFile(ANNE, file("1"));
    await storage.eraseAll();
    expect(await kept()).toEqual([]);
  });

  test("are not kept on a device that locks, where they would stand in clear", async () => {
    await storage.keepFile(ANNE, file("1"));
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    await storage.sealAgain(key);
    expect(await kept()).toEqual([]);
    expect(await storage.keepFile(ANNE, file("2"))).toBe(false);
    expect(await kept()).toEqual([]);
  });
});

interface Notes extends DBSchema {
  notes: { key: string; value: { id: string; text?: string; words?: string[] } };
}
type Migrations = Parameters<typeof storage.open<Notes>>[1];

const FIRST: Migrations = [database => void database.createObjectStore("notes", { keyPath: "id" })];
const SECOND: Migrations = [
  ...FIRST,
  async (_, transaction) => {
    const notes = transaction.objectStore("notes");
    for (const { id, text = "" } of await notes.getAll()) await notes.put?.({ id, words: text.split(" ") });
  },
];
const BROKEN: Migrations = [
  ...FIRST,
  async (_, transaction) => {
    await transaction.objectStore("notes").clear?.();
    throw new Error("cannot convert");
  },
];
const stored = async (opened: Promise<IDBPDatabase<Notes>>) => {
  const database = await opened;
  const notes = await database.getAll("notes");
  database.close();
  return { version: database.version, notes };
};

describe("migrations of stores of the test's own", () => {
  beforeEach(async () => {
    const database = await storage.open<Notes>("notes", FIRST);
    await database.put("notes", { id: "1", text: "deux mots" });
    database.close();
  });

  test("a migration converts what is stored, once", async () => {
    const converted = { version: 2, notes: [{ id: "1", words: ["deux", "mots"] }] };
    expect(await stored(storage.open("notes", SECOND))).toEqual(converted);
    expect(await stored(storage.open("notes", SECOND))).toEqual(converted);
  });

  test("a migration that fails changes nothing", async () => {
    await expect(storage.open("notes", BROKEN)).rejects.toThrow();
    expect(await stored(storage.open("notes", FIRST))).toEqual({ version: 1, notes: [{ id: "1", text: "deux mots" }] });
  });

  test("a page older than the stored data does not touch it", async () => {
    await stored(storage.open("notes", SECOND));
    await expect(storage.open("notes", FIRST)).rejects.toThrow();
  });

  test("a page of an older version lets go when a newer one opens", async () => {
    await storage.open("notes", FIRST);
    expect(await stored(storage.open("notes", SECOND))).toMatchObject({ version: 2 });
  });
});
