/** The people of a list: which column is what, and which rows cannot be sent as they are, with the reason. Pure. */

import { isFormula, type Row } from "./csv";

export const COLUMNS = ["email", "first_name", "last_name", "function"] as const;
export type Column = (typeof COLUMNS)[number];

/** What the heads of columns begin with, folded. Whoever exports a list writes them so. */
const HEADS: Record<Column, readonly string[]> = {
  email: ["email", "mail", "courriel", "adresse", "address"],
  first_name: ["prenom", "first", "given"],
  last_name: ["nom", "last", "surname", "family", "name"],
  function: ["fonction", "function", "role", "metier", "poste"],
};

/** Why a row is not sent: found here, or said by the server. */
export type Why =
  | "missing_email"
  | "incomplete_email"
  | "not_a_name"
  | "unknown_function"
  | "formula"
  | "twice_in_the_list"
  | "already_member"
  | "already_invited"
  | "too_long";

export interface Person {
  /** The line of the file. */
  line: number;
  cells: Record<Column, string>;
  why: Why | null;
}

const LONGEST = 300;
const EMAIL = /^[^@\s<>"(),;:\\[\]]+@(?:[\p{L}\p{N}](?:[\p{L}\p{N}_-]*[\p{L}\p{N}])?\.)+\p{L}{2,}$/u;

const folded = (text: string): string =>
  text
    .normalize("NFD")
    .replace(/[^\p{L}]/gu, "")
    .toLowerCase();

/** Which cell is which, by the heads; null when the first row is none. */
export function headsOf(row: Row): Partial<Record<Column, number>> | null {
  const found: Partial<Record<Column, number>> = {};
  row.cells.forEach((cell, at) => {
    const said = folded(cell);
    const column = COLUMNS.find(one => found[one] === undefined && HEADS[one].some(head => said.startsWith(head)));
    if (said && column) found[column] = at;
  });
  return found.email === undefined || EMAIL.test(row.cells[found.email] ?? "") ? null : found;
}

/** Without heads the address is where an @ is; the cells before and after it are taken in the order of the columns. */
function guessed(rows: readonly Row[]): Partial<Record<Column, number>> {
  const width = Math.max(0, ...rows.map(row => row.cells.length));
  const counts = Array.from({ length: width }, (_, at) => rows.filter(row => row.cells[at]?.includes("@")).length);
  const email = counts.indexOf(Math.max(0, ...counts));
  const others = Array.from({ length: width }, (_, at) => at).filter(at => at !== email);
  const found: Partial<Record<Column, number>> = { email: Math.max(0, email) };
  for (const [place, column] of (["first_name", "last_name", "function"] as const).entries()) {
    const at = others[place];
    if (at !== undefined) found[column] = at;
  }
  return found;
}

/** What people call the functions, folded, by the code that the server takes. */
const FUNCTIONS: Record<string, readonly string[]> = {
  practitioner: ["praticien", "praticienne", "medecin", "professionnel", "practitioner"],
  secretary: ["secretaire", "secretary"],
  assistant: ["assistant", "assistante"],
  administrative: ["administratif", "administrative", "personneladministratif"],
  operations_manager: ["responsableoperationnel", "responsableoperationnelle", "responsable", "operationsmanager"],
  dispatcher: ["regulateur", "regulatrice", "dispatcher"],
};

/** The code of a function as somebody typed it; what is not known stays as it is, and is refused by name. */
export function functionCode(typed: string): string {
  const said = folded(typed);
  return Object.keys(FUNCTIONS).find(code => said === folded(code) || FUNCTIONS[code]?.includes(said)) ?? typed.trim();
}

/** The people of a list, each with the reason why it cannot be sent as it stands. */
export function people(rows: readonly Row[]): Person[] {
  const [first] = rows;
  const heads = first ? headsOf(first) : null;
  const body = heads ? rows.slice(1) : rows;
  const where = heads ?? guessed(body);
  const read = body.map(({ line, cells }) => {
    const cell = (column: Column): string => (where[column] === undefined ? "" : (cells[where[column]] ?? ""));
    return {
      line,
      cells: {
        email: cell("email"),
        first_name: cell("first_name"),
        last_name: cell("last_name"),
        function: functionCode(cell("function")),
      },
    };
  });
  return checked(read);
}

/** Looks at all of them again, as when one was corrected. What the server said of a row holds until it changes. */
export function checked(rows: readonly { line: number; cells: Person["cells"]; said?: Why | null }[]): Person[] {
  const seen = new Set<string>();
  return rows.map(({ line, cells, said = null }) => {
    const address = cells.email.trim().toLowerCase();
    const why = wrong(cells) ?? (seen.has(address) ? "twice_in_the_list" : said);
    if (address) seen.add(address);
    return { line, cells, why };
  });
}

function wrong(cells: Person["cells"]): Why | null {
  const all = Object.values(cells);
  if (all.some(cell => cell.length > LONGEST)) return "too_long";
  if (all.some(isFormula)) return "formula";
  if (!cells.email.trim()) return "missing_email";
  return EMAIL.test(cells.email.trim()) ? null : "incomplete_email";
}

/** The refused ones first, each group in the order of the file. */
export const inOrder = (rows: readonly Person[]): Person[] => [
  ...rows.filter(({ why }) => why !== null),
  ...rows.filter(({ why }) => why === null),
];

/** A request holds this many rows. */
export const PORTION = 200;

export function portions<T>(rows: readonly T[], size: number = PORTION): T[][] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, at) => rows.slice(at * size, (at + 1) * size));
}
