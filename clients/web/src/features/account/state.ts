/** Who is signed in: signing in and out, and sessions that end elsewhere. */

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type {} from "../../early";
import { address } from "../../fields/email";
import type { Route } from "../../runtime/routes";
import { go, href, isOutside, route } from "../../runtime/routes";
import * as runtime from "../../runtime/runtime";
import type { Me } from "../../wire/types";
import * as auth from "./auth";

/** Why somebody is signed out who did not ask for it. */
type SignedOut = "ended" | "suspended" | "wiped";

/** `me` is null until the server has answered `hello`. */
type Session =
  | { state: "unknown" }
  | { state: "signed-out"; why?: SignedOut }
  | { state: "not-verified"; me: Me | null }
  /** Verified, by a password alone: a second factor comes first. */
  | { state: "single-factor"; me: Me | null }
  | { state: "signed-in"; me: Me | null };

type State =
  | { state: "unknown" }
  | { state: "signed-out"; why?: SignedOut }
  | { state: "signed-in" }
  | { state: "single-factor" }
  | { state: "not-verified" };

const current = signal<State>({ state: "unknown" });
/** Set while the server does not know of a sign-out. It is told first of all, after a reload too. */
const LEAVING = "relais.leaving";
let leaving = false;
/** Where the person was, or wanted to go, before signing in; and who it was, when that is known. */
let wanted: { to: Route; by: string | undefined } | null = null;
/** Changes with each sign-in and sign-out in this browser: a page that slept meanwhile shows somebody who may be gone. */
const STAMP = "relais.session";
let stamp = stored(STAMP);

export const session: ReadonlySignal<Session> = computed(() => {
  const now = current.value;
  return now.state === "unknown" || now.state === "signed-out" ? now : { ...now, me: runtime.me.value };
});

runtime.addListener({
  onWelcome(welcome) {
    current.value = { state: standingOf(welcome.me) };
    if (wanted?.by !== undefined && wanted.by !== welcome.me.id) wanted = null;
    if (route.value.name === "sign-in") arrive();
  },
  onEnd(why) {
    if (why === "wiped") void wiped();
    if (why === "not-allowed") void signedOut({ why: "suspended" });
    if (why === "signed-out") {
      const isNews = current.value.state !== "unknown" && !leaving;
      void signedOut(isNews ? { why: "ended", kept: true } : { kept: true });
    }
  },
  onSession(change) {
    stamp = stored(STAMP);
    if (change === "in") restart();
    else {
      runtime.stop();
      // The tab in which it was asked for erases what is stored.
      void signedOut({ kept: true, returns: false });
    }
  },
  onReturn() {
    if (stored(STAMP) !== stamp) location.reload();
  },
});

function standingOf(me: Me): "signed-in" | "single-factor" | "not-verified" {
  if (!me.verified) return "not-verified";
  return me.second_factor_missing ? "single-factor" : "signed-in";
}

/** How often a wiped device says so, at most: after a reload it is told to be wiped, and says so again. */
const WIPED_TOLD = 5;

interface SigningOut {
  why?: SignedOut;
  /** What is stored stays for the person: they did not ask to leave. */
  kept?: boolean;
  /** Whoever signs in next is taken to where the person was. */
  returns?: boolean;
}

async function signedOut({ why, kept = false, returns = !leaving }: SigningOut): Promise<void> {
  if (current.value.state === "signed-out") return;
  const by = runtime.me.peek()?.id;
  current.value = why ? { state: "signed-out", why } : { state: "signed-out" };
  if (!isOutside(route.value)) {
    wanted = returns ? { to: route.value, by } : null;
    go({ name: "sign-in" }, { replace: true });
  }
  await runtime.clear({ kept });
}

/** The owner has declared this device lost: what it keeps goes first, then the server is told. */
async function wiped(): Promise<void> {
  // No screen meanwhile: what it would ask for has the browser forget by which session it is known as the lost one.
  current.value = { state: "unknown" };
  wanted = null;
  await runtime.destroy();
  for (let tries = 0; tries < WIPED_TOLD && !(await auth.tellWiped()); tries++)
    await new Promise(resolve => setTimeout(resolve, 1000 * 2 ** tries));
  current.value = { state: "signed-out", why: "wiped" };
  if (!isOutside(route.value)) go({ name: "sign-in" }, { replace: true });
}

/** Whoever signs in next goes on here, by whatever way they do. */
export function returnTo(to: Route): void {
  wanted = { to, by: undefined };
}

/** Where the browser comes back to from a card. */
export function returnPath(): string {
  return wanted ? href(wanted.to) : "/";
}

/** Goes to the route that was asked for before signing in. */
function arrive(): void {
  go(wanted?.to ?? { name: "conversations" }, { replace: true });
  wanted = null;
}

/** Says `hello` as whoever is signed in now. */
function restart(): void {
  current.value = { state: "unknown" }; // `hello` says whether everything is open, or only verification
  runtime.stop();
  runtime.start();
}

export function begin(): void {
  if (!remembered()) {
    current.value = { state: "unknown" };
    runtime.start();
    return;
  }
  runtime.stop();
  current.value = { state: "signed-out" };
  if (!isOutside(route.value)) go({ name: "sign-in" }, { replace: true });
  void tellServer();
}

async function tellServer(): Promise<void> {
  remember(true);
  if (await auth.signOut()) remember(false);
  else addEventListener("online", () => void (remembered() && tellServer()), { once: true });
}

function remembered(): boolean {
  return stored(LEAVING) !== null;
}

/** Null where storage is blocked: then a sign-out is forgotten with the page. */
function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
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

function tellTabs(change: "in" | "out"): void {
  stamp = runtime.newId();
  try {
    localStorage.setItem(STAMP, stamp);
  } catch {
    stamp = null;
  }
  runtime.tellSession(change);
}

export async function signIn(email: string, password: string): Promise<auth.SignedIn> {
  const answer = await auth.signIn(address(email), password);
  if (answer.ok) signedIn();
  return answer;
}

export async function giveCode(code: string): Promise<auth.SignedIn> {
  const answer = await auth.giveCode(code);
  if (answer.ok) signedIn();
  return answer;
}

export async function signInByPasskey(step: "login" | "authenticate"): Promise<auth.SignedIn> {
  const answer = await auth.givePasskey(step);
  if (answer.ok) signedIn();
  return answer;
}

/** The server has opened a session for this browser, by whatever way. */
export function signedIn(): void {
  remember(false);
  tellTabs("in");
  restart();
}

/** Erases everything of the person on this device, even when the server cannot be reached. */
export async function signOut(): Promise<void> {
  leaving = true;
  runtime.stop();
  remember(true);
  tellTabs("out");
  await Promise.all([tellServer(), signedOut({})]);
  leaving = false;
}

/** Says `hello` again, on a new socket: the server may have verified the person meanwhile. */
export function askAgain(): void {
  tellTabs("in");
  restart();
}
