/** The invitations of an organisation: import it from lazily loaded screens only. */

import { kept } from "../../runtime/loaded";
import { call, type Outcome } from "../../runtime/runtime";
import { ownerOf } from "../../wire/frame";
import type { CreateInvitation, Invitations, InvitationView, ListInvitations } from "../../wire/types";

export type Only = NonNullable<ListInvitations["only"]> | "all";

const keyOf = (organisation: string, only: Only): string => `${organisation}/${only}`;

function asked(organisation: string, only: Only, cursor?: string): Promise<Outcome<Invitations>> {
  return call("invitation.list", {
    organisation,
    ...(only === "all" ? {} : { only }),
    ...(cursor === undefined ? {} : { cursor }),
  });
}

const lists = kept<Invitations>(
  key => {
    const [organisation = "", only = "all"] = key.split("/");
    return asked(organisation, only as Only);
  },
  event => event.type.startsWith("membership.") && ownerOf("i", event.stream) !== null,
);

export const invitations = (organisation: string, only: Only) => lists.of(keyOf(organisation, only));
export const reloadInvitations = lists.reloadAll;

export async function moreInvitations(organisation: string, only: Only): Promise<void> {
  const { value } = invitations(organisation, only).peek();
  if (value?.cursor === undefined) return;
  const outcome = await asked(organisation, only, value.cursor);
  if (!outcome.ok) return;
  const all = [...value.invitations, ...outcome.value.invitations];
  lists.show(keyOf(organisation, only), { ...outcome.value, invitations: all });
}

export async function create(params: CreateInvitation): Promise<Outcome<InvitationView>> {
  const outcome = await call("invitation.create", params);
  if (!outcome.ok) return outcome;
  reloadInvitations();
  return { ok: true, value: outcome.value.invitation };
}

async function changed<T>(asking: Promise<Outcome<T>>): Promise<Outcome<T>> {
  const outcome = await asking;
  if (outcome.ok) reloadInvitations();
  return outcome;
}

export const remind = (some: string[]) => changed(call("invitation.remind", { invitations: some }));
export const revoke = (invitation: string) => changed(call("invitation.revoke", { invitation }));
export const correct = (invitation: string, email: string) =>
  changed(call("invitation.correct", { invitation, email }));
export const admit = (invitation: string, person: string, yes: boolean) =>
  changed(call("invitation.admit", { invitation, person, admit: yes }));
