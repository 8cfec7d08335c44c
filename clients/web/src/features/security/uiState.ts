/** The question "is it really you?", which any screen may raise before something sensitive; what must stay on the screen. */

import { signal } from "@preact/signals";

interface Confirmation {
  /** The ways in which the server takes a proof, by its names; empty when it did not say. */
  ways: string[];
  /** Called once: whether the proof was given. */
  done: (isProven: boolean) => void;
}

export const confirmation = signal<Confirmation | null>(null);

/** Whether the codes of a first factor are on the screen: they stay until their owner has kept them. */
export const keepingCodes = signal(false);

/** Asks whoever is here to prove that it is them; false when they give up. */
export function confirmIdentity(ways: string[] = []): Promise<boolean> {
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
