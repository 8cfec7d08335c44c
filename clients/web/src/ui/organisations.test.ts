import { expect, test } from "vitest";
import { organisationName } from "./organisations";

const redon = { id: "1", name: "Cabinet des Lices", city: "Redon" };
const rennes = { id: "2", name: "Cabinet des Lices", city: "Rennes" };
const service = { id: "3", name: "Cardiologie", parent_name: "CHU de Rennes", city: "Rennes" };

test("a name that nobody else has stands alone", () => {
  expect(organisationName(redon, [redon, service])).toBe("Cabinet des Lices");
});

test("two of one name say their towns", () => {
  expect([redon, rennes].map(one => organisationName(one, [redon, rennes]))).toEqual([
    "Cabinet des Lices, Redon",
    "Cabinet des Lices, Rennes",
  ]);
});

test("a service says its establishment", () => {
  const other = { id: "4", name: "Cardiologie", parent_name: "Clinique du Marais", city: "Redon" };
  expect(organisationName(service, [service, other])).toBe("Cardiologie, CHU de Rennes");
});

test("without a town there is nothing to add", () => {
  const nowhere = { id: "5", name: "Cabinet des Lices" };
  expect(organisationName(nowhere, [redon, nowhere])).toBe("Cabinet des Lices");
});
