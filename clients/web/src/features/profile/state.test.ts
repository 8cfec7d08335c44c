import { expect, test, vi } from "vitest";
import { stubBrowser } from "../../runtime/fakeBrowser";

stubBrowser();
const { changes, draftOf, fieldAt } = await import("./state");
vi.useRealTimers();

const kept = draftOf({
  id: "0193a000-0000-7000-8000-0000000000a1",
  email: "r@cabinet.example",
  first_name: "Rozenn",
  last_name: "Tadvilliers",
  function: "practitioner",
  language: "fr",
  postal_code: "56380",
  city: "Guer",
  languages: ["fr"],
  places: [{ name: "Cabinet" }],
});

test("nothing is sent of what was not changed", () => {
  expect(changes(kept, kept)).toBeNull();
  expect(changes(kept, { ...kept, phone: "02 97 12 34 56" })).toEqual({ phone: "02 97 12 34 56" });
});

test("an emptied text and list are sent, an unsaid choice is not", () => {
  expect(changes({ ...kept, phone: "0297123456" }, { ...kept, languages: [], fee_sector: "" })).toEqual({
    phone: "",
    languages: [],
  });
  expect(changes({ ...kept, fee_sector: "1" }, kept)).toBeNull();
});

test("a town goes with its postal code", () => {
  expect(changes(kept, { ...kept, postal_code: "35600" })).toEqual({ postal_code: "35600", city: "Guer" });
});

test("places are sent as a whole, and a refusal finds its field", () => {
  const places = [...kept.places, { name: "Hôpital", address: "", postal_code: "56800", city: "", phone: "" }];
  expect(changes(kept, { ...kept, places })).toEqual({ places });
  expect(fieldAt("$.params.places[1].postal_code")).toBe("places[1].postal_code");
  expect(fieldAt("$.phone")).toBe("phone");
});
