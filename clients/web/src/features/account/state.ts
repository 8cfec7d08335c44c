/** Who is signed in: signing in and out, and sessions that end elsewhere. */

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type {} from "../../early";
import type { Route } from "../../runtime/routes";
import { go, route } from "../../runtime/routes";
import type { Outcome } from "../../runtime/runtime";
import * as runtime from "../../runtime/runtime";
import { plain } from "../../wire/text";
import type { Me } from "../../wire/types";
import * as auth from "./auth";

/** Why somebody is signed out who did not ask for it. */
type SignedOut = "ended" | "suspended";

/** `me` is null until the server has answered `hello`. */
type Session =
  | { state: "unknown" }
  | { state: "signed-out"; why?: SignedOut }
  | { state: "not-verified"; me: Me | null }
  | { state: "signed-in"; me: Me | null };

type State =
  | { state: "unknown" }
  | { state: "signed-out"; why?: SignedOut }
  | { state: "signed-in" }
  | { state: "not-verified" };

const current = signal<State>({ state: "unknown" });
/** Set while the server does not know of a sign-out. It is told first of all, after a reload too. */
const LEAVING = "relais.leaving";
let leaving = false;
let wanted: Route | null = null;

export const session: ReadonlySignal<Session> = computed(() => {
  const now = current.value;
  return now.state === "signed-in" || now.state === "not-verified" ? { ...now, me: runtime.me.value } : now;
});

runtime.addListener({
  onWelcome(welcome) {
    current.value = { state: welcome.me.verified ? "signed-in" : "not-verified" };
    if (route.value.name === "sign-in") arrive();
  },
  onEnd(why) {
    if (why === "not-allowed") void signedOut("suspended");
    if (why === "signed-out") void signedOut(current.value.state === "unknown" || leaving ? undefined : "ended");
  },
});

async function signedOut(why?: SignedOut): Promise<void> {
  if (current.value.state === "signed-out") return;
  current.value = why ? { state: "signed-out", why } : { state: "signed-out" };
  if (route.value.name !== "sign-in") {
    wanted = leaving ? null : route.value;
    go({ name: "sign-in" }, { replace: true });
  }
  await runtime.clear();
}

/** Goes to the route that was asked for before signing in. */
function arrive(): void {
  go(wanted ?? { name: "conversations" }, { replace: true });
  wanted = null;
}

export function begin(): void {
  if (!remembered()) {
    runtime.start();
    return;
  }
  window.relaisSocket = null; // the next person to sign in gets a socket of their own
  current.value = { state: "signed-out" };
  go({ name: "sign-in" }, { replace: true });
  void tellServer();
}

async function tellServer(): Promise<void> {
  remember(true);
  if (await auth.signOut()) remember(false);
  else addEventListener("online", () => void (remembered() && tellServer()), { once: true });
}

function remembered(): boolean {
  try {
    return localStorage.getItem(LEAVING) !== null;
  } catch {
    return false; // storage is blocked: the sign-out is forgotten with the page
  }
}

function remember(yes: boolean): void {
  try {
    if (yes) localStorage.setItem(LEAVING, "1");
    else localStorage.removeItem(LEAVING);
  } catch {
    return;
  }
}

export async function signIn(email: string, password: string): Promise<Outcome> {
  const answer = await auth.signIn(plain(email), password);
  if (!answer.ok) return answer;
  remember(false);
  current.value = { state: "unknown" }; // `hello` says whether everything is open, or only verification
  arrive();
  runtime.start();
  return { ok: true, value: undefined };
}

/** Erases everything of the person on this device, even when the server cannot be reached. */
export async function signOut(): Promise<void> {
  leaving = true;
  runtime.step({ type: "stop" });
  await Promise.all([tellServer(), signedOut()]);
  leaving = false;
}

/** Says `hello` again, on a new socket: the server may have verified the person meanwhile. */
export function askAgain(): void {
  runtime.step({ type: "stop" });
  runtime.start();
}
