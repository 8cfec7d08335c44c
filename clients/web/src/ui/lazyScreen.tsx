/** A screen whose script is fetched when it is first shown; `quiet`: nothing stands in its place until then. */

import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { words } from "../i18n";

export function lazyScreen<P extends object>(
  load: () => Promise<{ default: ComponentType<P> }>,
  quiet = false,
): ComponentType<P> {
  const arrived = signal<{ screen: ComponentType<P> } | "missing" | null>(null);
  const fetch = () => {
    arrived.value = null;
    load().then(
      chunk => (arrived.value = { screen: chunk.default }),
      () => (arrived.value = "missing"),
    );
  };
  return function Lazy(props: P) {
    useEffect(() => {
      if (arrived.peek() === null) fetch();
    }, []);
    const now = arrived.value;
    if (now === null) return quiet ? null : <div class="empty late">{words.value.loading}</div>;
    if (now !== "missing") return <now.screen {...props} />;
    return (
      <div class="empty" role="alert">
        {words.value.chunkFailed}
        <button type="button" class="btn line" onClick={() => location.reload()}>
          {words.value.reload}
        </button>
      </div>
    );
  };
}
