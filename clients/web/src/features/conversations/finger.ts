/** A finger on a message: a swipe to the right answers it, a long press opens what can be done with it. Pure. */

/** How far a message goes with the finger, and how far it must have gone to be answered, in pixels. */
const FARTHEST = 72;
const FAR = 56;
/** A finger that has moved less still rests. */
const SLACK = 10;
/** From the edge of the screen a swipe is the browser's. */
const EDGE = 24;
/** How long a finger rests for a long press, in milliseconds. */
export const LONG_PRESS = 450;

export interface Finger {
  x: number;
  y: number;
  doing: "resting" | "swiping" | "scrolling";
  /** How far the message has gone with it, in pixels. */
  shift: number;
}

export function press(x: number, y: number): Finger {
  return { x, y, doing: x < EDGE ? "scrolling" : "resting", shift: 0 };
}

export function move(finger: Finger, x: number, y: number): Finger {
  const right = x - finger.x;
  const down = Math.abs(y - finger.y);
  if (finger.doing === "scrolling") return finger;
  if (finger.doing === "resting") {
    if (Math.abs(right) < SLACK && down < SLACK) return finger;
    if (right < down * 1.5) return { ...finger, doing: "scrolling" };
  }
  return { ...finger, doing: "swiping", shift: Math.max(0, Math.min(FARTHEST, right)) };
}

/** Lifted now, it answers the message. */
export function answers(finger: Finger): boolean {
  return finger.doing === "swiping" && finger.shift >= FAR;
}
