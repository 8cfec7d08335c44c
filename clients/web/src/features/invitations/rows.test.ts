import { expect, test } from "vitest";
import { parse } from "./csv";
import { checked, functionCode, inOrder, people, portions } from "./rows";

const read = (text: string) => people(parse(text));

test("columns are found by their heads, in any order, with accents or without", () => {
  const [one] = read("Nom;Prénom;Fonction;Adresse e-mail\nLe Gall;Zoé;secrétaire;zoe@cabinet.fr");
  expect(one).toEqual({
    line: 2,
    cells: { email: "zoe@cabinet.fr", first_name: "Zoé", last_name: "Le Gall", function: "secretary" },
    why: null,
  });
});

test("without heads the address is where the @ is, and the first row counts", () => {
  const [one, two] = read("Zoé;Le Gall;zoe@cabinet.fr\nYann;Bot;yann@cabinet.fr");
  expect(one?.cells).toEqual({ email: "zoe@cabinet.fr", first_name: "Zoé", last_name: "Le Gall", function: "" });
  expect(two?.line).toBe(2);
});

test("a list of addresses alone is a list", () => {
  expect(read("zoe@cabinet.fr\nyann@cabinet.fr").map(({ cells }) => cells.email)).toEqual([
    "zoe@cabinet.fr",
    "yann@cabinet.fr",
  ]);
});

test("each row that cannot be sent says why", () => {
  const rows = read(
    [
      "email;nom",
      "zoe@cabinet.fr;Z",
      "ZOE@cabinet.fr;Z",
      "b@hopital;B",
      ";C",
      "d@e.fr;=HYPERLINK(1)",
      `f@g.fr;${"x".repeat(301)}`,
    ].join("\n"),
  );
  expect(rows.map(({ why }) => why)).toEqual([
    null,
    "twice_in_the_list",
    "incomplete_email",
    "missing_email",
    "formula",
    "too_long",
  ]);
  expect(inOrder(rows).map(({ line }) => line)).toEqual([3, 4, 5, 6, 7, 2]);
});

test("correcting one row frees the other that was twice in the list", () => {
  const rows = read("email\na@b.fr\na@b.fr");
  const [one, two] = rows;
  const again = checked([{ ...one!, cells: { ...one!.cells, email: "c@d.fr" } }, two!]);
  expect(again.map(({ why }) => why)).toEqual([null, null]);
});

test("what the server said of a row holds, unless something worse is found here", () => {
  const [one] = read("email\na@b.fr");
  expect(checked([{ ...one!, said: "already_member" }])[0]?.why).toBe("already_member");
  expect(checked([{ ...one!, cells: { ...one!.cells, email: "a@b" }, said: "already_member" }])[0]?.why).toBe(
    "incomplete_email",
  );
});

test("portions hold everything once, and no more than a request takes", () => {
  const all = Array.from({ length: 401 }, (_, at) => at);
  const parts = portions(all);
  expect(parts.map(part => part.length)).toEqual([200, 200, 1]);
  expect(parts.flat()).toEqual(all);
  expect(portions([])).toEqual([]);
});

test("functions are known by what people call them, in both languages, and by their codes", () => {
  const codes = [
    "Secrétaire",
    "Praticienne",
    "régulateur",
    "Responsable opérationnel",
    "operations_manager",
    "Dispatcher",
  ];
  expect(codes.map(functionCode)).toEqual([
    "secretary",
    "practitioner",
    "dispatcher",
    "operations_manager",
    "operations_manager",
    "dispatcher",
  ]);
  expect([functionCode(""), functionCode(" jardinier ")]).toEqual(["", "jardinier"]);
});
