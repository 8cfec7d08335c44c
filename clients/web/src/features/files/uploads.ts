/**
 * Files on their way to the server, for all tabs of this browser. Each file goes up from the one tab that holds its
 * lock; when that tab goes, another one goes on from what the device keeps of it. Every tab shows how far each has come.
 */

import { effect, signal } from "@preact/signals";
import * as storage from "../../runtime/offlineStorage";
import { addListener, call, connection, me, newId, outbox, uploaded } from "../../runtime/runtime";
import type { FileView } from "../../wire/types";
import { draft } from "../conversations/state";
import { refusedFiles } from "./index";
import { request } from "./request";
import { type Outcome, upload } from "./tus";

export const LARGEST = 50_000_000;
/** Files of one message, at most. */
export const MOST = 20;
/** How many go up at once from one tab. */
const AT_ONCE = 2;
/** How long the server keeps a file that nothing holds, in milliseconds. */
const KEPT = 24 * 3_600_000;
/** Storage that takes longer than this, in milliseconds, does not hold a file back. */
const PATIENCE = 2_000;
/** How often the other tabs are told how far a file has come, in milliseconds. */
const TELL_EVERY = 250;

export type Why = NonNullable<FileView["refusal"]> | "empty" | "too_many_files" | "gone";

export interface Upload {
  id: string;
  name: string;
  size: number;
  /** Bytes sent. */
  sent: number;
  /** `cut`: it goes on by itself when the server can be reached. `lost`: the rest of it is no longer on this device. */
  state: "waiting" | "sending" | "cut" | "paused" | "lost" | "checking" | "ready" | "refused";
  why?: Why;
  /** Of a file that is there. */
  view?: FileView;
  /** It would survive a reload. */
  kept?: boolean;
}

type Word =
  | { say: "who"; person: string }
  | { say: "file"; person: string; file: Upload }
  | { say: "pause" | "resume" | "remove"; person: string; id: string };

const known = signal<ReadonlyMap<string, Upload>>(new Map());
/** Of the files that were chosen in this tab, or are going up from it. */
const contents = new Map<string, storage.KeptFile>();
/** In line for their lock, or holding it. */
const queued = new Set<string>();
/** What is going up from here, and how it is stopped. */
const running = new Map<string, AbortController>();
/** Asked for from the server. */
const asked = new Set<string>();
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("relais.files");
let person: string | null = null;
/** Once it is over, `contents` and `queued` have what an earlier page left on this device. */
let restored: Promise<void> = Promise.resolve();

/** A file by its id: null while nothing is known of it yet. */
export function uploadOf(id: string): Upload | null {
  const found = known.value.get(id) ?? null;
  if (!found) queueMicrotask(() => void learn(id));
  return found;
}

/** Whether nothing of it has to be sent any more. */
export function isSettled({ state }: Upload): boolean {
  return state === "checking" || state === "ready" || state === "refused";
}

/** Begins to send these files; their ids, in the same order. What cannot be sent is refused here. */
export function add(conversation: string, chosen: readonly File[]): string[] {
  return chosen.map(content => {
    const file = {
      id: newId(),
      conversation,
      name: content.name || "image.png",
      content,
      at: Date.now(),
      paused: false,
    };
    const why = content.size === 0 ? "empty" : content.size > LARGEST ? "too_large" : null;
    const shown = { id: file.id, name: file.name, size: content.size, sent: 0 };
    if (why) {
      show({ ...shown, state: "refused", why });
      return file.id;
    }
    contents.set(file.id, file);
    // In line for its lock before the other tabs hear of it.
    queue(file.id, patiently(keep(file)));
    show({ ...shown, state: "waiting" });
    return file.id;
  });
}

/** Over with it, or after `PATIENCE`. */
function patiently(stored: Promise<void>): Promise<void> {
  return Promise.race([stored, new Promise<void>(resolve => setTimeout(resolve, PATIENCE))]);
}

async function keep(file: storage.KeptFile): Promise<void> {
  if (person === null) return;
  const kept = await storage.keepFile(person, file);
  const now = known.peek().get(file.id);
  if (now) show({ ...now, kept });
}

/** Wherever it goes up. */
export function pause(id: string): void {
  say({ say: "pause", id });
  halt(id);
}

function halt(id: string): void {
  change(id, { state: "paused" });
  running.get(id)?.abort();
  rekeep(id, true);
}

export function resume(id: string): void {
  say({ say: "resume", id });
  goOn(id);
}

function goOn(id: string): void {
  if (known.peek().get(id)?.state !== "paused") return;
  change(id, { state: "waiting" });
  rekeep(id, false);
  queue(id);
}

function rekeep(id: string, paused: boolean): void {
  const file = contents.get(id);
  if (file) void keep({ ...file, paused });
}

/** Gives a file up, here and on the server. */
export function remove(id: string): void {
  say({ say: "remove", id });
  forget(id);
  void call("file.discard", { file: id });
}

function forget(id: string): void {
  running.get(id)?.abort();
  contents.delete(id);
  void storage.dropFile(id);
  known.value = new Map([...known.peek()].filter(([other]) => other !== id));
}

function say(
  word: { say: "file"; file: Upload } | { say: "who" } | { say: "pause" | "resume" | "remove"; id: string },
) {
  if (person !== null) channel?.postMessage({ ...word, person } satisfies Word);
}

function put(file: Upload): void {
  known.value = new Map(known.peek()).set(file.id, file);
}

/** Here, and in the other tabs: what only the tab that sends a file knows of it. */
function show(file: Upload): void {
  put(file);
  say({ say: "file", file });
}

function change(id: string, values: Partial<Upload>): void {
  const now = known.peek().get(id);
  if (now) show({ ...now, ...values });
}

// Sending.

/** Sends it once this tab holds its lock, and after what is `stored`. Without locks a tab sends what was chosen in it. */
function queue(id: string, stored: Promise<void> = Promise.resolve()): void {
  if (queued.has(id)) return;
  queued.add(id);
  const held = async () => {
    await stored;
    queued.delete(id);
    await run(id);
  };
  if (navigator.locks) void navigator.locks.request(`relais.file.${id}`, held);
  else if (contents.has(id)) void held();
}

async function run(id: string): Promise<void> {
  const before = known.peek().get(id);
  if (!before || isSettled(before) || before.state === "paused") return;
  const file = contents.get(id) ?? (await kept(id));
  asked.delete(id);
  if (!file) return learn(id); // the tab that had it has finished, or is gone with it
  contents.set(id, file);
  await turn();
  try {
    const now = known.peek().get(id);
    if (now && !isSettled(now) && now.state !== "paused") await send(file);
  } finally {
    done();
  }
}

async function kept(id: string): Promise<storage.KeptFile | undefined> {
  const all = person === null ? [] : await storage.loadFiles(person);
  return all.find(file => file.id === id);
}

let underway = 0;
const inLine: (() => void)[] = [];

async function turn(): Promise<void> {
  if (underway >= AT_ONCE) await new Promise<void>(resolve => inLine.push(resolve));
  underway += 1;
}

function done(): void {
  underway -= 1;
  inLine.shift()?.();
}

async function send(file: storage.KeptFile): Promise<void> {
  const { id } = file;
  const stop = new AbortController();
  running.set(id, stop);
  let durable = 0;
  let toldAt = 0;
  const progress = (sent: number) => {
    const isTime = Date.now() - toldAt >= TELL_EVERY;
    if (stop.signal.aborted || (!isTime && known.peek().get(id)?.state === "sending")) return;
    toldAt = Date.now();
    change(id, { state: "sending", sent });
  };
  const outcome = await upload(file, {
    signal: stop.signal,
    request: (method, path, headers, body) =>
      request(
        method,
        path,
        headers,
        body,
        bytes => progress(Math.min(file.content.size, durable + bytes)),
        stop.signal,
      ),
    onDurable(offset) {
      durable = offset;
      toldAt = 0; // said whenever it comes: it may be the last word for long
      progress(offset);
    },
    async wait(seconds) {
      if (!stop.signal.aborted) change(id, { state: "cut" });
      await reachable(seconds, stop.signal);
    },
  });
  running.delete(id);
  await settle(file, outcome);
}

async function settle({ id, content }: storage.KeptFile, outcome: Outcome): Promise<void> {
  if (outcome.is === "stopped") return;
  contents.delete(id);
  await storage.dropFile(id);
  if (outcome.is === "refused") return change(id, { state: "refused", why: outcome.why });
  change(id, { state: "checking", sent: content.size });
  asked.delete(id);
  await learn(id);
}

/** So many seconds, or less when the network comes back. */
function reachable(seconds: number, aborted: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const over = () => {
      clearTimeout(timer);
      stop();
      removeEventListener("online", over);
      resolve();
    };
    const timer = setTimeout(over, seconds * 1000);
    addEventListener("online", over);
    aborted.addEventListener("abort", over, { once: true });
    let was = connection.peek().state;
    const stop = effect(() => {
      const is = connection.value.state;
      const isBack = is === "up-to-date" && was !== is;
      was = is;
      if (isBack) queueMicrotask(over);
    });
  });
}

// What the server says of a file.

async function learn(id: string): Promise<void> {
  if (asked.has(id) || person === null) return;
  asked.add(id);
  const outcome = await call("file.get", { file: id });
  await restored; // or a file that this device has would seem lost
  if (outcome.ok) return note(outcome.value.file);
  asked.delete(id);
  // Another tab may have it, and not have begun.
  if (outcome.problem.reason !== "not_found" || contents.has(id) || queued.has(id)) return;
  const before = known.peek().get(id) ?? { id, name: "", size: 0, sent: 0 };
  put({ ...before, state: "refused", why: "gone" });
}

function note(view: FileView): void {
  const { id, name, size, state } = view;
  const before = known.peek().get(id);
  if (state === "uploading") {
    asked.delete(id);
    if (contents.has(id) || (before && before.state !== "lost" && queued.has(id))) return;
    put({ id, name, size, sent: view.offset ?? 0, state: "lost" });
  } else {
    const why = view.refusal ? { why: view.refusal } : {};
    put({ id, name, size, sent: size, state, view, ...why });
  }
}

effect(() => {
  const refused = [...known.value.values()].filter(({ state }) => state === "refused" || state === "lost");
  refusedFiles.value = new Set(refused.map(({ id }) => id));
});

/** A message goes once none of its files has to be sent any more; what is wrong with one the server then says. */
effect(() => {
  for (const entry of outbox.value) {
    if (entry.method !== "message.send" || !entry.uploading) continue;
    const files = (entry.params.attachments ?? []).map(uploadOf);
    if (files.every(file => file && isSettled(file))) queueMicrotask(() => uploaded(entry.id));
  }
});

/** Files that the outbox holds, each with its conversation. Given up with their message, they are not sent on. */
let held = new Map<string, string>();
effect(() => {
  const now = new Map(
    outbox.value.flatMap(({ method, params, conversation }) =>
      method === "message.send" ? (params.attachments ?? []).map(id => [id, conversation] as const) : [],
    ),
  );
  const left = [...held].filter(([id]) => !now.has(id) && contents.has(id));
  held = now;
  for (const [id, conversation] of left)
    queueMicrotask(() => {
      if (contents.has(id) && !draft(conversation).peek().files?.includes(id)) remove(id);
    });
});

// Who is here, and the other tabs.

effect(() => {
  const id = me.value?.id ?? null;
  if (id !== null && id !== person) queueMicrotask(() => (restored = patiently(restore(id))));
});

/** What an earlier page was sending goes on. */
async function restore(id: string): Promise<void> {
  if (person === id) return;
  person = id;
  say({ say: "who" });
  for (const file of await storage.loadFiles(id)) {
    if (file.at < Date.now() - KEPT) void storage.dropFile(file.id);
    else if ((known.peek().get(file.id)?.state ?? "lost") === "lost") {
      const { name, content, paused } = file;
      const state = paused ? "paused" : "waiting";
      if (paused) contents.set(file.id, file);
      show({ id: file.id, name, size: content.size, sent: 0, state, kept: true });
      if (!paused) queue(file.id);
    }
  }
}

if (channel)
  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    if (data.person !== person) return;
    if (data.say === "who") {
      for (const file of known.peek().values()) if (contents.has(file.id)) show(file);
    } else if (data.say !== "file") hear(data.say, data.id);
    else if (!running.has(data.file.id)) {
      put(data.file);
      // In line behind the tab that sends it.
      if (["waiting", "sending", "cut"].includes(data.file.state)) queue(data.file.id);
    }
  };

function hear(wish: "pause" | "resume" | "remove", id: string): void {
  if (wish === "remove") forget(id);
  else if (wish === "resume") goOn(id);
  else if (contents.has(id)) halt(id);
}

addListener({
  onWelcome() {
    for (const { id, state } of known.peek().values()) {
      if (state !== "checking") continue;
      asked.delete(id);
      void learn(id);
    }
  },
  onEvent(event) {
    if (event.type === "file.changed" && !event.erased) note((event.data as { file: FileView }).file);
  },
  onErase(conversation) {
    for (const file of contents.values()) if (file.conversation === conversation) remove(file.id);
  },
  onClear() {
    for (const stop of running.values()) stop.abort();
    for (const all of [running, contents, queued, asked]) all.clear();
    known.value = new Map();
    person = null;
  },
});
