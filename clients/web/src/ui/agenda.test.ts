import { expect, test } from "vitest";
import { placeOf } from "./agenda";

const marais = { name: "Consultations", place: "Clinique du Marais", city: "Redon" };
const pipriac = { name: "Consultations", place: "Maison de santé", city: "Pipriac" };
const echo = { name: "Échographies", place: "Clinique du Marais", city: "Redon" };

test("two agendas are told apart by site and town", () => {
  expect([marais, pipriac].map(one => placeOf(one, [marais, pipriac]))).toEqual([
    "Clinique du Marais, Redon",
    "Maison de santé, Pipriac",
  ]);
});

test("two at one site are told apart by their own names", () => {
  expect(placeOf(echo, [marais, echo])).toBe("Échographies, Clinique du Marais, Redon");
  expect(placeOf(pipriac, [marais, echo, pipriac])).toBe("Maison de santé, Pipriac");
});

test("one whose site is not known goes by its name", () => {
  expect(placeOf({ name: "Consultations" }, [])).toBe("Consultations");
});
