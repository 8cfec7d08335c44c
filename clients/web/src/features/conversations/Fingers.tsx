/**
 * Fingers on the messages of a thread, as `finger.ts` understands them, and what can be done with the one that was
 * pressed long. The keyboard's menu key opens that too; a mouse keeps the browser's own menu.
 */

import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { answers, type Finger, LONG_PRESS, move, press } from "./finger";
import { isGone, quoted, type Reply } from "./Message";
import MessageMenu from "./MessageMenu";
import type { ThreadItem } from "./types";

interface FingersProps {
  /** What holds the messages. */
  box: RefObject<HTMLElement | null>;
  items: ThreadItem[];
  onReply: ((to: Reply) => void) | undefined;
}

export default function Fingers({ box, items, onReply }: FingersProps) {
  const [menu, setMenu] = useState<Reply | null>(null);
  const latest = useRef({ items, onReply });
  latest.current = { items, onReply };

  useEffect(() => {
    const held = box.current;
    if (!held) return;
    let finger: Finger | null = null;
    let row: HTMLElement | null = null;
    let timer = 0;
    let pointer = "";
    const show = (shift: number) => row?.style.setProperty("--shift", `${shift}px`);
    const of = (event: Event): HTMLElement | null => (event.target as Element).closest<HTMLElement>("[data-id]");
    const message = (): Reply | null => {
      const item = latest.current.items.find(({ key }) => key === row?.dataset["key"]);
      return item?.kind === "message" && !isGone(item.message) ? quoted(item) : null;
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
          setMenu(message());
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
        if (answered) latest.current.onReply?.(answered);
      },
      pointercancel: end,
      contextmenu(event: PointerEvent) {
        // Safari does not say by what; then it was what touched the message last.
        const by = event.pointerType ?? pointer;
        if (by === "mouse" || (event.target as Element).closest("a")) return;
        row = of(event);
        const pressed = message();
        if (!pressed) return;
        event.preventDefault();
        // A finger has its own way to it; what remains is the keyboard.
        if (by !== "touch") setMenu(pressed);
      },
    };
    const all = Object.entries(handlers) as [string, EventListener][];
    for (const [name, handle] of all) held.addEventListener(name, handle);
    return () => {
      clearTimeout(timer);
      for (const [name, handle] of all) held.removeEventListener(name, handle);
    };
  }, []);
  return menu && <MessageMenu message={menu} onReply={onReply} onClose={() => setMenu(null)} />;
}
