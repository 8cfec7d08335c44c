/**
 * A screen whose script is fetched, with its words, when it is first shown, or before, when there is nothing else to do;
 * `quiet`: nothing stands in its place until then.
 */

import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { words, wordsArrived } from "../i18n";

interface Waiting {
  /** Fetches the script unless it is there; true when it is then. */
  fetch(): Promise<boolean>;
}

const screens: Waiting[] = [];
/** Between two attempts while the screen is wanted, in milliseconds. */
const AGAIN_AFTER = 3_000;

/** `hasNetwork` says whether it is worth trying, and why nothing is shown when it is not. */
export function lazyScreen<P extends object>(
  load: () => Promise<{ default: ComponentType<P> }>,
  hasNetwork: () => boolean,
  quiet = false,
): ComponentType<P> & Waiting {
  const arrived = signal<{ screen: ComponentType<P> } | "missing" | null>(null);
  const fetch = async (): Promise<boolean> => {
    if (arrived.peek() && arrived.peek() !== "missing") return true;
    try {
      const screen = (await load()).default;
      await wordsArrived();
      arrived.value = { screen };
      return true;
    } catch {
      arrived.value = "missing";
      return false;
    }
  };
  screens.push({ fetch });
  return Object.assign(Lazy, { fetch });

  function Lazy(props: P) {
    const now = arrived.value;
    const isMissing = now === "missing";
    const isWorthTrying = hasNetwork();
    useEffect(() => {
      if (isMissing && !isWorthTrying) return;
      if (!isMissing) void fetch();
      const timer = setInterval(() => void fetch(), AGAIN_AFTER);
      return () => clearInterval(timer);
    }, [isMissing, isWorthTrying]);
    if (now === null || (quiet && isMissing)) return quiet ? null : <div class="empty late">{words.value.loading}</div>;
    if (now !== "missing") return <now.screen {...props} />;
    return (
      <div class="empty" role="alert">
        {isWorthTrying ? words.value.chunkFailed : words.value.chunkOffline}
        {isWorthTrying && (
          <button type="button" class="btn line" onClick={() => location.reload()}>
            {words.value.reload}
          </button>
        )}
      </div>
    );
  }
}

/** Something else than a screen, fetched along with them; `fetch` gives true when it is there. */
export function fetchedWhenIdle(fetch: () => Promise<boolean>): void {
  screens.push({ fetch });
}

/** Fetches the other screens one after the other while nothing else happens; what fails is fetched when it is shown. */
export function fetchWhenIdle(): void {
  const next = [...screens];
  const step = async (): Promise<void> => {
    const isThere = await next.shift()?.fetch();
    if (isThere && next.length) whenIdle(() => void step());
  };
  whenIdle(() => void step());
}

/** Safari has no idle callback: a moment later does as well. */
function whenIdle(act: () => void): void {
  if (typeof requestIdleCallback === "function") requestIdleCallback(act, { timeout: 5_000 });
  else setTimeout(act, 1_000);
}
