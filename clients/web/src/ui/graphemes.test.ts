import { expect, test } from "vitest";
import { firstLetter, firstOf } from "./graphemes";

test.each([
  ["Bonjour", 3, "Bon"],
  ["Bonjour", 20, "Bonjour"],
  ["", 3, ""],
  ["e\u0301te\u0301", 1, "e\u0301"],
  ["👩‍⚕️👍🏽🇫🇷", 2, "👩‍⚕️👍🏽"],
  ["👩‍⚕️👍🏽🇫🇷", 1, "👩‍⚕️"],
  ["क्षि", 1, "क्षि"],
])("%s cut after %i", (text, count, kept) => expect(firstOf(text, count)).toBe(kept));

test("signs piled up without end do not make a cut endless", () => {
  expect(firstOf(`a${"\u0301".repeat(5_000)}b`, 10)).toBe("");
  expect(firstOf(`ab${"\u0301".repeat(5_000)}c`, 10)).toBe("a");
});

test.each([
  ["Élodie", "É"],
  ["E\u0301lodie", "E\u0301"],
  ["« Équipe »", "É"],
  ["👩‍⚕️ Maud", "M"],
  ["…", ""],
])("the first letter of %s", (text, letter) => expect(firstLetter(text)).toBe(letter));
