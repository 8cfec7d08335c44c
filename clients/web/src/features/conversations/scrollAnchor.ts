/** Keeps what is being read in place: at the end when the end is in view, else at the same row when others arrive. */

import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

const END = 48;

/**
 * `count` changes when rows do. `onMove` is called after each scroll and each change, with whether the end is in
 * view; `onTop` when the oldest row is near. Returns a function that scrolls to the end.
 */
export function useScrollAnchor(
  box: RefObject<HTMLElement | null>,
  count: unknown,
  onMove: (atEnd: boolean) => void,
  onTop: () => void,
): () => void {
  const anchor = useRef<{ atEnd: boolean; key: string | null; offset: number; placed: boolean }>({
    atEnd: true,
    key: null,
    offset: 0,
    placed: false,
  });

  const note = () => {
    const element = box.current;
    if (!element) return;
    anchor.current.atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < END;
    const top = element.getBoundingClientRect().top;
    const first = [...element.querySelectorAll<HTMLElement>("[data-key]")].find(
      row => row.getBoundingClientRect().bottom > top,
    );
    anchor.current.key = first?.dataset["key"] ?? null;
    // Its lower edge: the author above its text disappears when a message of the same author arrives before it.
    anchor.current.offset = first ? first.getBoundingClientRect().bottom - top : 0;
    onMove(anchor.current.atEnd);
    if (element.scrollTop < 300) onTop();
  };

  const settle = () => {
    const element = box.current;
    if (!element) return;
    const now = anchor.current;
    if (!now.placed) {
      const divider = element.querySelector<HTMLElement>("[data-new]");
      if (divider) element.scrollTop = divider.offsetTop - element.clientHeight / 3;
      else element.scrollTop = element.scrollHeight;
      now.placed = element.querySelector("[data-key]") !== null;
    } else if (now.atEnd) {
      element.scrollTop = element.scrollHeight;
    } else if (now.key) {
      const row = element.querySelector<HTMLElement>(`[data-key="${CSS.escape(now.key)}"]`);
      if (row)
        element.scrollTop += row.getBoundingClientRect().bottom - element.getBoundingClientRect().top - now.offset;
    }
    note();
  };

  useLayoutEffect(settle, [count]);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const onScroll = () => note();
    const watcher = new ResizeObserver(settle);
    element.addEventListener("scroll", onScroll, { passive: true });
    watcher.observe(element);
    return () => {
      element.removeEventListener("scroll", onScroll);
      watcher.disconnect();
    };
  }, []);

  return () => {
    const element = box.current;
    if (!element) return;
    // Noted at once: what is added before the browser reports the scroll is added at the end, and is seen.
    anchor.current.atEnd = true;
    anchor.current.placed = true;
    element.scrollTop = element.scrollHeight;
  };
}
