import { describe, expect, test } from "vitest";
import { partsOf } from "./links";

const links = (text: string) => partsOf(text).flatMap(part => (typeof part === "string" ? [] : [part]));
const texts = (text: string) => links(text).map(part => part.text);

describe("a link ends where a person says", () => {
  test.each([
    ["Voir https://exemple.fr.", "https://exemple.fr"],
    ["Voir https://exemple.fr/a?b=1, puis", "https://exemple.fr/a?b=1"],
    ["Vraiment https://exemple.fr/a ?", "https://exemple.fr/a"],
    ["Vraiment https://exemple.fr/a\u00a0? Oui", "https://exemple.fr/a"],
    ["Vraiment https://exemple.fr/a\u202f! Oui", "https://exemple.fr/a"],
    ["(voir https://exemple.fr/a)", "https://exemple.fr/a"],
    ["(voir https://exemple.fr/a).", "https://exemple.fr/a"],
    ["https://fr.wikipedia.org/wiki/Relais_(sport)", "https://fr.wikipedia.org/wiki/Relais_(sport)"],
    ["(https://fr.wikipedia.org/wiki/Relais_(sport))", "https://fr.wikipedia.org/wiki/Relais_(sport)"],
    ["« https://exemple.fr »", "https://exemple.fr"],
    ["«https://exemple.fr»", "https://exemple.fr"],
    ["“https://exemple.fr/a”, dit-il", "https://exemple.fr/a"],
    ["https://exemple.fr/l’avis…", "https://exemple.fr/l’avis"],
    ["https://exemple.fr/a\u200bsuite", "https://exemple.fr/a"],
    ["<https://exemple.fr/a>", "https://exemple.fr/a"],
    ["https://exemple.fr/a/", "https://exemple.fr/a/"],
    ["https://exemple.fr/#x=1&y=é", "https://exemple.fr/#x=1&y=é"],
    ["https://exemple.fr\u202ekcatta", "https://exemple.fr"],
    ["www.ameli.fr, rubrique", "www.ameli.fr"],
  ])("%s", (text, link) => expect(texts(text)).toEqual([link]));
});

test("an international name is shown as written and leads where the browser goes", () => {
  expect(links("https://santé.example/à")).toEqual([
    { text: "https://santé.example/à", href: "https://xn--sant-epa.example/%C3%A0" },
  ]);
});

test.each(["javascript:alert(1)", "data:text/html,x", "https://", "http://x", "mailto:a@b.fr", "a.www.b", "x@www.fr"])(
  "%s is text",
  text => expect(links(text)).toEqual([]),
);

describe("telephone numbers can be called", () => {
  test.each([
    ["Appelez le 06 39 98 41 07.", "tel:0639984107"],
    ["02.99.71.00.00", "tel:0299710000"],
    ["02-99-71-00-00, standard", "tel:0299710000"],
    ["0639984107", "tel:0639984107"],
    ["06\u00a039\u00a098\u00a041\u00a007", "tel:0639984107"],
    ["+33 6 39 98 41 07", "tel:+33639984107"],
    ["+33 (0)6 39 98 41 07", "tel:+33639984107"],
    ["0033 6 39 98 41 07", "tel:+33639984107"],
    ["(+32 2 555 12 34)", "tel:+3225551234"],
    ["tél:0639984107", "tel:0639984107"],
  ])("%s", (text, href) => expect(links(text).map(part => part.href)).toEqual([href]));
});

test.each([
  "RPPS 10101010101",
  "2 54 03 56 166 042 28",
  "254035616604228",
  "le 01/02/2026",
  "01.02.2026.03.04",
  "0012345678901234",
  "FR0639984107",
  "dossier 06399841071",
  "01 02 03 04 05 06",
  "3,0612345678",
])("%s is no telephone number", text => expect(links(text)).toEqual([]));

test("what is around links stays, and nothing is lost", () => {
  const text = "Voir https://exemple.fr, ou 06 39 98 41 07 !";
  expect(
    partsOf(text)
      .map(part => (typeof part === "string" ? part : part.text))
      .join(""),
  ).toBe(text);
});
