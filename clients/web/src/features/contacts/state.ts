/** Who may write to one, whom one blocks, and who asks: import it from lazily loaded screens only. */

import { kept } from "../../runtime/loaded";
import { call, type Outcome } from "../../runtime/runtime";
import { ownerOf } from "../../wire/frame";
import type { ContactSettings, SetContactRule } from "../../wire/types";

const MINE = "mine";
const settings = kept<ContactSettings>(
  () => call("contact.settings", {}),
  event => event.type.startsWith("contact.") && ownerOf("i", event.stream) !== null,
);

/** Live: a request that arrives is shown. */
export const contacts = settings.of(MINE);
export const reloadContacts = (): Promise<void> => settings.reload(MINE);

async function change(asked: Promise<Outcome<ContactSettings>>): Promise<Outcome> {
  const outcome = await asked;
  if (!outcome.ok) return outcome;
  settings.show(MINE, outcome.value);
  return { ok: true, value: undefined };
}

export const setRule = (rule: SetContactRule["rule"]): Promise<Outcome> => change(call("contact.rule", { rule }));
export const block = (person: string): Promise<Outcome> => change(call("contact.block", { person }));
export const unblock = (person: string): Promise<Outcome> => change(call("contact.unblock", { person }));
export const answer = (request: string, accept: boolean): Promise<Outcome> =>
  change(call("contact.answer", { request, accept }));
