import { describe, expect, test } from "vitest";
import { decode, delimiterOf, isFormula, parse, write } from "./csv";

const cells = (text: string, delimiter?: string): string[][] => parse(text, delimiter).map(row => row.cells);

describe("the text of a file", () => {
  const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);
  test("is UTF-8 with or without its mark, UTF-16 by its mark, else what Windows writes", () => {
    expect(decode(new TextEncoder().encode("Hélène"))).toBe("Hélène");
    expect(decode(bytes(0xef, 0xbb, 0xbf, 0xc3, 0xa9))).toBe("é");
    expect(decode(bytes(0xff, 0xfe, 0xe9, 0x00))).toBe("é");
    expect(decode(bytes(0xfe, 0xff, 0x00, 0xe9))).toBe("é");
    expect(decode(bytes(0x48, 0xe9))).toBe("Hé");
  });
});

describe("the rows", () => {
  test("come with any delimiter, mark and line end", () => {
    for (const delimiter of [";", ",", "\t", "|"])
      for (const end of ["\n", "\r\n", "\r"]) {
        const text = `\ufeffa@b.fr${delimiter}Zoé${end}c@d.fr${delimiter}Yann${end}`;
        expect(cells(text)).toEqual([
          ["a@b.fr", "Zoé"],
          ["c@d.fr", "Yann"],
        ]);
      }
  });

  test("keep what is quoted: delimiters, line ends, quotation marks and spaces", () => {
    expect(cells('a@b.fr;"LE GALL; née ""Bé"""\r\n"x\r\ny@d.fr";" z "')).toEqual([
      ["a@b.fr", 'LE GALL; née "Bé"'],
      ["x\ny@d.fr", " z "],
    ]);
  });

  test("are numbered by their line in the file, quoted line ends and empty lines counted", () => {
    expect(parse('a;b\n\n"c\nd";e\r\nf;g').map(row => row.line)).toEqual([1, 3, 5]);
  });

  test("are told from rows without content", () => {
    expect(cells(";;\n  \n;x\n")).toEqual([["", "x"]]);
    expect(cells("")).toEqual([]);
  });

  test("a quotation that nobody closed ends with the text", () => {
    expect(cells('a;"b\nc')).toEqual([["a", "b\nc"]]);
  });
});

test("the delimiter is what stands on every line, not what stands in somebody's name", () => {
  expect(delimiterOf("a@b.fr;Le Gall, Zoé\nc@d.fr;Bot")).toBe(";");
  expect(delimiterOf('a@b.fr,"x;y;z"\nc@d.fr,Bot')).toBe(",");
  expect(delimiterOf("a@b.fr\nc@d.fr")).toBe(";");
});

test("a formula is what a spreadsheet would carry out; a telephone number is none", () => {
  for (const cell of ["=1+1", " =A1", "@SUM(1)", "+cmd|' /C calc'!A0", "-2+3+A1", "\t=1"])
    expect(isFormula(cell)).toBe(true);
  for (const cell of ["", "Zoé", "+33 6 39 98 41 07", "-12", "a=b", "Le Gall-Bot"]) expect(isFormula(cell)).toBe(false);
});

/** Small numbers that look random, the same in every run. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

test("whatever people type is read back as it was written, and no cell of the file is a formula", () => {
  const random = numbers(7);
  const next = (below: number): number => Math.floor(random.next().value * below);
  const alphabet = ['"', ";", ",", "\t", "|", "\n", " ", "=", "+", "@", "-", "'", "é", "a", "1", "😀"];
  for (let round = 0; round < 400; round += 1) {
    const width = 1 + next(4);
    const rows = Array.from({ length: 1 + next(5) }, () =>
      Array.from({ length: width }, () =>
        Array.from({ length: next(6) }, () => alphabet[next(alphabet.length)]).join(""),
      ),
    );
    const text = write(rows);
    const read = parse(text, ";").map(row => row.cells);
    expect(read.flat().filter(isFormula)).toEqual([]);
    const expected = rows
      .map(row => row.map(cell => (/^\s*[=@+\-\t\r]/.test(cell) ? `'${cell}` : cell)))
      .filter(row => row.some(cell => cell.trim()))
      .map(row => row.map(cell => (/[";\r\n]/.test(cell) ? cell : cell.trim())));
    expect(read).toEqual(expected);
  }
});
