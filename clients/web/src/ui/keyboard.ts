/** Keys: which are ours, and moving with the arrows in lists and grids. */

/** The code of a key that an input method takes, in browsers that do not say `isComposing` of the last one. */
const PROCESSED = 229;

/**
 * A handler of keys that are meant for us. Those of an input method are not: Enter accepts what it proposes, Escape gives
 * it up, and the arrows choose. Every handler of keys is made by this.
 */
export function onKeys<E extends KeyboardEvent>(act: (event: E) => void): (event: E) => void {
  return event => {
    if (!event.isComposing && event.keyCode !== PROCESSED) act(event);
  };
}

/** True when the key is meant for a text field. */
export function isTypingIn(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Focuses the search field of the screen; false when it has none. */
export function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>("main [data-search]");
  field?.focus();
  field?.select();
  return field !== null;
}

const VERTICAL: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };

/** ↑ ↓ Home End move the focus among the elements that `selector` finds inside the element with this handler. */
export function arrows(selector: string): (event: KeyboardEvent) => void {
  return onKeys(event => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const items = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>(selector)];
    const at = items.findIndex(item => item.contains(document.activeElement));
    const to =
      event.key === "Home" ? 0 : event.key === "End" ? items.length - 1 : at + (VERTICAL[event.key] ?? Number.NaN);
    const next = items[to];
    if (!next || (isTypingIn(event.target) && event.key !== "ArrowDown")) return;
    event.preventDefault();
    next.focus();
  });
}

/** ↓ in a search field moves the focus to the first result. */
export function downTo(selector: string): (event: KeyboardEvent) => void {
  return onKeys(event => {
    const first = event.key === "ArrowDown" ? document.querySelector<HTMLElement>(selector) : null;
    if (!first) return;
    event.preventDefault();
    first.focus();
  });
}

/** The four arrow keys in a grid of buttons: to the nearest button on the screen in that direction. */
export function arrowsInGrid(selector: string): (event: KeyboardEvent) => void {
  const ways: Record<string, [number, number]> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };
  return onKeys(event => {
    const way = ways[event.key];
    const from = event.target instanceof HTMLElement && event.target.matches(selector) ? event.target : null;
    if (!way || !from) return;
    const next = nearest(from, [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>(selector)], way);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}

function nearest(from: HTMLElement, items: HTMLElement[], [x, y]: [number, number]): HTMLElement | null {
  const origin = from.getBoundingClientRect();
  let best: HTMLElement | null = null;
  let least = Infinity;
  for (const item of items) {
    const place = item.getBoundingClientRect();
    const right = place.x - origin.x;
    const down = place.y - origin.y;
    const ahead = right * x + down * y;
    const aside = Math.abs(right * y) + Math.abs(down * x);
    if (item === from || ahead < 4) continue;
    const cost = ahead + aside * 4;
    if (cost < least) [least, best] = [cost, item];
  }
  return best;
}
