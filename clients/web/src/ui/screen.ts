/** The size of the screen, for what CSS alone cannot do. In em: with a large font the same screen counts as smaller. */

import { signal } from "@preact/signals";

function follows(query: string) {
  const media = matchMedia(query);
  const now = signal(media.matches);
  media.addEventListener("change", () => (now.value = media.matches));
  return now;
}

/** Fingers rather than a keyboard: Enter goes to a new line, and the button sends. */
export function onTouchDevice(): boolean {
  return matchMedia("(max-width: 44.9375em), (pointer: coarse)").matches;
}

/** One pane at a time, tabs at the bottom. */
export const phone = follows("(max-width: 44.9375em)");
/** Room for a column beside a form. */
export const roomy = follows("(min-width: 62.5em)");
/** Room for a third column. */
export const wide = follows("(min-width: 80em)");
