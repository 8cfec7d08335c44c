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
/** With `tell`, whoever is refused is told so. */
export const answer = (request: string, accept: boolean, tell = false): Promise<Outcome> =>
  change(call("contact.answer", { request, accept, ...(tell ? { tell } : {}) }));

/** Asks somebody to be allowed to write to them. The same `id` asks once. */
export async function request(id: string, person: string, reason: string): Promise<Outcome> {
  const outcome = await call("contact.request", { id, person, ...(reason ? { reason } : {}) });
  if (!outcome.ok) return outcome;
  await settings.reload(MINE);
  return { ok: true, value: undefined };
}
