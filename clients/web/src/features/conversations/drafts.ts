/** What is typed and not sent, for each conversation: kept on this device, the same in all tabs. */

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import * as offlineStorage from "../../runtime/offlineStorage";
import { addListener, me, tellDraft } from "../../runtime/runtime";
import type { Draft } from "../../tabs/messages";
import { isBlank } from "../../wire/text";

/** One signal each, so that a key pressed in one conversation touches no other. */
const drafts = new Map<string, Signal<Draft>>();
const replies = new Map<string, ReadonlySignal<string | undefined>>();

function draftOf(conversation: string): Signal<Draft> {
  let known = drafts.get(conversation);
  if (!known) {
    known = signal<Draft>({ conversation, body: "" });
    drafts.set(conversation, known);
  }
  return known;
}

export function draft(conversation: string): ReadonlySignal<Draft> {
  return draftOf(conversation);
}

/** The message that the draft answers. The same signal for the same conversation. */
export function replyOf(conversation: string): ReadonlySignal<string | undefined> {
  let known = replies.get(conversation);
  if (!known) {
    const from = draftOf(conversation);
    known = computed(() => from.value.reply);
    replies.set(conversation, known);
  }
  return known;
}

/** How many conversations have a text or files that are not sent. */
export function countDrafts(): number {
  return [...drafts.values()].filter(({ value }) => !isBlank(value.body) || value.files?.length).length;
}

/** Kept at once, here and in the other tabs: a page may go at any moment. */
export function saveDraft(next: Draft): void {
  draftOf(next.conversation).value = next;
  tellDraft(next);
  const person = me.peek()?.id;
  if (person !== undefined) void offlineStorage.keepDraft(person, next);
}

/** What is typed, the message that is answered, or the files change; the others stay. */
export function editDraft(conversation: string, change: Partial<Draft>): void {
  saveDraft({ ...draftOf(conversation).peek(), ...change });
}

addListener({
  onRestore(found) {
    for (const one of found) {
      const here = draftOf(one.conversation);
      if (!here.peek().body && !here.peek().files?.length) here.value = one;
    }
  },
  onDraft: next => {
    draftOf(next.conversation).value = next;
  },
  onErase: conversation => {
    draftOf(conversation).value = { conversation, body: "" };
  },
  onClear() {
    for (const [conversation, known] of drafts) known.value = { conversation, body: "" };
  },
});
