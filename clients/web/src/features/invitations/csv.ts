/**
 * A list of people as spreadsheets write it: any of the usual delimiters, quoted fields, a byte order mark, line ends of
 * any system. Pure.
 */

const DELIMITERS = [";", ",", "\t", "|"] as const;
/** How many lines are looked at to tell the delimiter. */
const SAMPLE = 20;

export interface Row {
  /** The line of the file on which the row begins, from 1. */
  line: number;
  cells: string[];
}

/** The text of a file: UTF-8 or UTF-16 with their mark, else UTF-8, else what Windows writes in France. */
export function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** The rows of a text, those without any content left out. An open quotation ends with the text. */
export function parse(text: string, delimiter: string = delimiterOf(text)): Row[] {
  const rows: Row[] = [];
  let cells: string[] = [];
  let cell = "";
  let isQuoted = false;
  let wasQuoted = false;
  let line = 1;
  let begun = 1;
  const endCell = (): void => {
    cells.push(wasQuoted ? cell : cell.trim());
    cell = "";
    wasQuoted = false;
  };
  const endRow = (): void => {
    endCell();
    if (cells.some(one => one.trim())) rows.push({ line: begun, cells });
    cells = [];
  };
  const source = text.replace(/^\ufeff/, "");
  for (let at = 0; at < source.length; at += 1) {
    const char = source[at]!;
    if (char === "\n" || (char === "\r" && source[at + 1] !== "\n")) line += 1;
    if (isQuoted) {
      if (char !== '"') cell += char === "\r" && source[at + 1] === "\n" ? "" : char;
      else if (source[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
    } else if (char === '"' && !cell.trim() && !wasQuoted) {
      cell = "";
      isQuoted = true;
      wasQuoted = true;
    } else if (char === delimiter) endCell();
    else if (char === "\n" || char === "\r") {
      if (char === "\r" && source[at + 1] === "\n") continue;
      endRow();
      begun = line;
    } else if (!wasQuoted || char.trim()) cell += char;
  }
  endRow();
  return rows;
}

/** The delimiter that stands equally often in each of the first lines, outside quotations; a semicolon where none does. */
export function delimiterOf(text: string): string {
  const lines = text
    .replace(/^\ufeff/, "")
    .replace(/"(?:[^"]|"")*"/g, "")
    .split(/\r\n|\r|\n/)
    .filter(each => each.trim())
    .slice(0, SAMPLE);
  let best: string = DELIMITERS[0];
  let most = 0;
  for (const delimiter of DELIMITERS) {
    const counts = lines.map(each => each.split(delimiter).length - 1);
    const least = Math.min(...counts);
    // A comma in somebody's name stands on one line alone; what separates stands on every line.
    const score = least * SAMPLE + counts.filter(count => count === counts[0] && count > 0).length;
    if (score > most) [most, best] = [score, delimiter];
  }
  return best;
}

/** What a spreadsheet would carry out when it opens the file. A sign before digits is a number, as in "+33 6". */
export function isFormula(cell: string): boolean {
  return /^\s*(?:[=@]|[+-](?![\d\s().]*$))|^[\t\r]/.test(cell);
}

/** A file of these rows that a spreadsheet opens without carrying anything out: formulas are written as text. */
export function write(rows: readonly (readonly string[])[]): string {
  const field = (cell: string): string => {
    const safe = /^\s*[=@+\-\t\r]/.test(cell) ? `'${cell}` : cell;
    return /[";\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `\ufeff${rows.map(row => row.map(field).join(";")).join("\r\n")}\r\n`;
}
