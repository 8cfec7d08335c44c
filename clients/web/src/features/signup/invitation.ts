/** The link by which somebody comes: who invites, for what, until when. */

import { signal } from "@preact/signals";
import type { Problem } from "../../engine/problem";
import { ask, problemIn } from "../../runtime/http";
import { call } from "../../runtime/runtime";
import type { Joined } from "../../wire/types";
import { signedIn } from "../account/state";

/** What an invitation says to whoever holds its link. */
export interface Invited {
  state: "open" | "expired" | "revoked" | "used";
  kind: "mail" | "link" | "account";
  invited_by: string;
  expires_at: string;
  function: string;
  organisation?: string;
  email?: string;
  first_name?: string;
  last_name?: string;
  known?: boolean;
}

/** Null until the server has said it; "over" for a link that it does not know. */
export const invited = signal<Invited | "over" | null>(null);

export async function open(token: string): Promise<Problem | null> {
  const answer = await ask("POST", "/auth/invitation", { token });
  if (answer.status === 200) invited.value = answer.data as Invited;
  else if (answer.status === 404 || answer.status === 400) invited.value = "over";
  else return problemIn(answer);
  return null;
}

/** Takes it up, for whoever is signed in. */
export async function accept(token: string): Promise<{ ok: true; value: Joined } | { ok: false; problem: Problem }> {
  return call("invitation.accept", { token });
}

export async function decline(token: string): Promise<Problem | null> {
  const outcome = await call("invitation.decline", { token });
  return outcome.ok ? null : outcome.problem;
}

/** Opens an account that was prepared. Null when its owner is signed in; else the code of the password's fault. */
export async function activate(
  token: string,
  password: string,
  versions: { terms: string; data_agreement: string },
): Promise<Problem | { why: string } | null> {
  const answer = await ask("POST", "/auth/invitation/activate", { token, password, ...versions });
  if (answer.status === 200) {
    signedIn();
    return null;
  }
  const wrong = answer.errors[0];
  if (answer.status === 400 && wrong?.param === "password") return { why: wrong.code };
  if (answer.status === 400 && wrong?.code === "outdated") return { why: "outdated" };
  if (wrong?.code === "invitation_over" || answer.status === 404) return { reason: "invitation_over" };
  return problemIn(answer);
}
