/** The question "is it really you?", which any screen may raise before something sensitive; what must stay on the screen. */

import { signal } from "@preact/signals";
import { type Answer, ask } from "../../runtime/http";
import { onSensitive } from "../../runtime/runtime";

interface Confirmation {
  /**
   * The ways in which the server takes a proof: "password", "totp", "webauthn", "recovery_codes", "psc", "psc_push". None
   * when it takes none of this account; null when it did not say.
   */
  ways: string[] | null;
  /** Called once: whether the proof was given. */
  done: (isProven: boolean) => void;
}

export const confirmation = signal<Confirmation | null>(null);

/** Whether the codes of a first factor are on the screen: they stay until their owner has kept them. */
export const keepingCodes = signal(false);

/** Asks whoever is here to prove that it is them; false when they give up. */
export function confirmIdentity(ways: string[] | null): Promise<boolean> {
  confirmation.peek()?.done(false);
  return new Promise(resolve => {
    confirmation.value = {
      ways,
      done: isProven => {
        confirmation.value = null;
        resolve(isProven);
      },
    };
  });
}

/** The ways to prove oneself again that an answer names; null when it is no answer to that. */
export function waysOf(answer: Answer): string[] | null {
  if (answer.status !== 200 && answer.status !== 401) return null;
  return answer.flows.flatMap(flow => {
    if (flow.id === "reauthenticate") return ["password"];
    if (flow.id === "mfa_reauthenticate") return flow.types ?? [];
    return flow.id.startsWith("psc") ? [flow.id] : [];
  });
}

// Several requests may be refused at once: one proof is for all of them.
let asking: Promise<boolean> | null = null;

onSensitive(() => {
  asking ??= ask("GET", "/auth/confirmation")
    .then(answer => confirmIdentity(waysOf(answer)))
    .finally(() => {
      asking = null;
    });
  return asking;
});

/** Said by the page to which Pro Santé Connect returns, to the one that waits for it. */
export const CONFIRMED_CHANNEL = "relais.confirmed";
