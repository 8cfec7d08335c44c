/**
 * The outbox of all tabs of this browser. Each tab stores what is written in it; the one that leads sends everything that
 * is stored, whoever wrote it, and tells the others what it holds.
 */

import type { Entry, Outbox } from "../outbox/outbox";
import type { Draft, Message } from "../tabs/messages";
import * as offlineStorage from "./offlineStorage";
import * as tabs from "./tabs";

/** The outbox of this tab's device, and what changes it. */
export interface OutboxOwner {
  /** Who is signed in, once the server has said so. */
  person(): string | undefined;
  outbox(): Outbox;
  /** What was written here and is not known to have reached the tab that leads. */
  unshared(): Entry[];
  /** Nothing goes before what was stored has been read. */
  hold(): void;
  /** Takes in what was stored, to be sent. */
  restore(entries: Entry[]): void;
  /** Takes in what was written in another tab. */
  adopt(entry: Entry): void;
  markPersisted(id: string): void;
  retry(id: string): void;
  discard(id: string): void;
  uploaded(id: string): void;
  /** Shows what the tab that leads holds. */
  mirror(outbox: Outbox): void;
  onDrafts(drafts: Draft[]): void;
}

let owner: OutboxOwner;
let isRestored = false;
let isReading = false;
let isReadAgain = false;

export function own(by: OutboxOwner): void {
  owner = by;
}

/** What is stored is read anew for whoever comes next. */
export function forget(): void {
  isRestored = false;
}

/** Stores what was written here; only then does it go. */
export async function persist(entry: Entry): Promise<void> {
  const person = owner.person();
  if (person !== undefined) await offlineStorage.keepEntry(person, entry);
  owner.markPersisted(entry.id);
  handOver();
}

/** Sends a refused command once more. */
export function retry(id: string): void {
  if (tabs.isLeader()) owner.retry(id);
  else tabs.tellLeader({ say: "retry", id });
}

/** Gives up a command that is not on its way. */
export function discard(id: string): void {
  if (tabs.isLeader()) owner.discard(id);
  else tabs.tellLeader({ say: "discard", id });
}

/** All files of a message have arrived: it may go. */
export function uploaded(id: string): void {
  if (tabs.isLeader()) owner.uploaded(id);
  else tabs.tellLeader({ say: "uploaded", id });
}

/** What was stored before: drafts in every tab, commands in the one that sends them. */
export async function restore(person: string): Promise<void> {
  if (isRestored) {
    readStored();
    return;
  }
  isRestored = true;
  owner.hold();
  const { entries, drafts } = await offlineStorage.load(person);
  if (owner.person() !== person) return; // signed out meanwhile
  if (tabs.isLeader()) owner.restore(entries);
  else tabs.tellLeader({ say: "stored" });
  owner.onDrafts(drafts);
}

/**
 * Where this tab leads, what other pages have stored is taken in: one may have gone, or crashed, before it could tell.
 * Called again meanwhile, it reads once more.
 */
export function readStored(): void {
  isReadAgain = true;
  if (!isReading) void keepReading();
}

async function keepReading(): Promise<void> {
  isReading = true;
  try {
    while (isReadAgain) {
      isReadAgain = false;
      const person = owner.person();
      if (person === undefined || !tabs.isLeader()) continue; // done when the server has said who is here
      const { entries } = await offlineStorage.load(person);
      if (owner.person() === person && tabs.isLeader()) owner.restore(entries);
    }
  } finally {
    isReading = false;
  }
}

/** Gives the leader what was written here: again after each change of leader, since commands keep their ids. */
export function handOver(): void {
  const person = owner.person();
  if (person === undefined || tabs.isLeader()) return;
  for (const entry of owner.unshared()) tabs.tellLeader({ say: "command", person, entry });
}

/** Where this tab leads, tells the others, or the one named, what it holds. */
export function tell(to?: string): void {
  const person = owner.person();
  if (person === undefined || !tabs.isLeader()) return;
  tabs.say({ word: { say: "outbox", person, outbox: owner.outbox() }, ...(to === undefined ? {} : { to }) });
}

/** What another tab says of the outbox to the one that leads, and that one to the others. */
export function hear(message: Message): void {
  if (!tabs.isLeader()) {
    const isLeading = message.from === tabs.leader();
    if (isLeading && message.say === "outbox" && message.person === owner.person()) owner.mirror(message.outbox);
    return;
  }
  switch (message.say) {
    case "command":
      if (message.person === owner.person()) owner.adopt(message.entry);
      break;
    case "retry":
    case "discard":
    case "uploaded":
      owner[message.say](message.id);
      break;
    case "stored":
      readStored();
      break;
  }
}
