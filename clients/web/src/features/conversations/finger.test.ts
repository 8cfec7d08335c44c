import { expect, test } from "vitest";
import { answers, type Finger, move, press } from "./finger";

const drawn = (...points: [number, number][]): Finger =>
  points.slice(1).reduce((finger, [x, y]) => move(finger, x, y), press(...points[0]!));

test("a swipe to the right answers when it went far enough", () => {
  expect(answers(drawn([100, 300], [130, 302], [160, 305]))).toBe(true);
  expect(answers(drawn([100, 300], [130, 302]))).toBe(false);
  expect(answers(drawn([100, 300], [180, 302], [120, 302]))).toBe(false);
});

test("the message goes with the finger, to the right and not without end", () => {
  expect(drawn([100, 300], [140, 300]).shift).toBe(40);
  expect(drawn([100, 300], [390, 300]).shift).toBe(72);
});

test("scrolling, once begun, is nothing else", () => {
  expect(drawn([100, 300], [104, 330], [200, 330])).toMatchObject({ doing: "scrolling", shift: 0 });
  expect(drawn([200, 300], [150, 300], [300, 300]).doing).toBe("scrolling");
});

test("a finger that trembles rests", () => {
  expect(drawn([100, 300], [104, 296], [97, 303]).doing).toBe("resting");
});

test("a swipe from the edge of the screen is left to the browser", () => {
  expect(answers(drawn([10, 300], [100, 300]))).toBe(false);
});
