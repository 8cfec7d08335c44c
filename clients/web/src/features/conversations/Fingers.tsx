/**
 * Fingers on the messages of a thread, as `finger.ts` understands them: one that is pressed long opens what can be done
 * with the message. The keyboard's menu key and the mouse's other button open that too.
 */

import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { answers, type Finger, LONG_PRESS, move, press } from "./finger";
import { isGone, quoted, type Reply } from "./Message";
import type { MessageItem, ThreadItem } from "./types";

interface FingersProps {
  /** What holds the messages. */
  box: RefObject<HTMLElement | null>;
  items: ThreadItem[];
  onReply: ((to: Reply) => void) | undefined;
  onMenu: (item: MessageItem) => void;
}

export default function Fingers({ box, items, onReply, onMenu }: FingersProps) {
  const latest = useRef({ items, onReply, onMenu });
  latest.current = { items, onReply, onMenu };

  useEffect(() => {
    const held = box.current;
    if (!held) return;
    let finger: Finger | null = null;
    let row: HTMLElement | null = null;
    let timer = 0;
    let pointer = "";
    const show = (shift: number) => row?.style.setProperty("--shift", `${shift}px`);
    const of = (event: Event): HTMLElement | null => (event.target as Element).closest<HTMLElement>("[data-id]");
    const message = (): MessageItem | null => {
      const item = latest.current.items.find(({ key }) => key === row?.dataset["key"]);
      return item?.kind === "message" && !isGone(item.message) ? item : null;
    };
    const open = () => {
      const pressed = message();
      if (pressed) latest.current.onMenu(pressed);
    };
    const end = () => {
      clearTimeout(timer);
      show(0);
      finger = null;
    };
    const handlers = {
      pointerdown(event: PointerEvent) {
        pointer = event.pointerType;
        if (pointer !== "touch" || !event.isPrimary || (event.target as Element).closest("a, button")) return;
        row = of(event);
        if (!message()) return;
        finger = press(event.clientX, event.clientY);
        timer = setTimeout(() => {
          if (finger?.doing !== "resting") return;
          finger = null;
          navigator.vibrate?.(10);
          open();
        }, LONG_PRESS) as unknown as number;
      },
      pointermove(event: PointerEvent) {
        if (!finger) return;
        finger = move(finger, event.clientX, event.clientY);
        if (finger.doing !== "resting") clearTimeout(timer);
        show(finger.shift);
      },
      pointerup() {
        const answered = finger && answers(finger) ? message() : null;
        end();
        if (answered) latest.current.onReply?.(quoted(answered));
      },
      pointercancel: end,
      contextmenu(event: PointerEvent) {
        // Safari does not say by what; then it was what touched the message last.
        const by = event.pointerType ?? pointer;
        // Over what is selected, or a link, the browser's own menu is the one that is wanted.
        if (!getSelection()?.isCollapsed || (event.target as Element).closest("a")) return;
        row = of(event);
        if (!message()) return;
        event.preventDefault();
        // A finger has its own way to it; what remains is the mouse and the keyboard.
        if (by !== "touch") open();
      },
    };
    const all = Object.entries(handlers) as [string, EventListener][];
    for (const [name, handle] of all) held.addEventListener(name, handle);
    return () => {
      clearTimeout(timer);
      for (const [name, handle] of all) held.removeEventListener(name, handle);
    };
  }, []);
  return null;
}
