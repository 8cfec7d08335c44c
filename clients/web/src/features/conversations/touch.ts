/** Fingers on messages, as `finger.ts` understands them. */

import { useRef } from "preact/hooks";
import { answers, type Finger, LONG_PRESS, move, press } from "./finger";

interface Touchable {
  onPointerDown(event: PointerEvent): void;
  onPointerMove(event: PointerEvent): void;
  onPointerUp(event: PointerEvent): void;
  onPointerCancel(event: PointerEvent): void;
  onContextMenu(event: Event): void;
}

/** Handlers for the row of one message. The keyboard's menu key opens the menu too, and so does a mouse. */
export function useTouch(onReply: () => void, onMenu: () => void): Touchable {
  const finger = useRef<Finger | null>(null);
  const timer = useRef(0);
  const pointer = useRef("");
  const show = (event: Event, shift: number) =>
    (event.currentTarget as HTMLElement).style.setProperty("--shift", `${shift}px`);
  const end = (event: PointerEvent) => {
    clearTimeout(timer.current);
    show(event, 0);
    finger.current = null;
  };
  return {
    onPointerDown(event) {
      pointer.current = event.pointerType;
      if (event.pointerType !== "touch" || !event.isPrimary || (event.target as Element).closest("a, button")) return;
      finger.current = press(event.clientX, event.clientY);
      timer.current = setTimeout(() => {
        if (finger.current?.doing !== "resting") return;
        finger.current = null;
        navigator.vibrate?.(10);
        onMenu();
      }, LONG_PRESS) as unknown as number;
    },
    onPointerMove(event) {
      if (!finger.current) return;
      finger.current = move(finger.current, event.clientX, event.clientY);
      if (finger.current.doing !== "resting") clearTimeout(timer.current);
      show(event, finger.current.shift);
    },
    onPointerUp(event) {
      const isReply = finger.current !== null && answers(finger.current);
      end(event);
      if (isReply) onReply();
    },
    onPointerCancel: end,
    onContextMenu(event) {
      // Safari does not say by what; then it was what touched the message last.
      const by = (event as PointerEvent).pointerType ?? pointer.current;
      // Over what is selected, or a link, the browser's own menu is the one that is wanted.
      if (!getSelection()?.isCollapsed || (event.target as Element).closest("a")) return;
      event.preventDefault();
      // A finger has its own way to it; what remains is the mouse and the keyboard.
      if (by !== "touch") onMenu();
    },
  };
}
