/** An e-mail address as `identity/fields.py` reads it. Small: the first screen signs people in with it. */

import { plain } from "../wire/text";

/** The address of what was typed, or pasted from a mail program: "Odile Marchandeau <odile@exemple.fr>". */
export function address(typed: string): string {
  const said = plain(typed);
  const [, inner = said] = /^[^<>]*< ?([^<> ][^<>]*)>[,;]?$/.exec(said) ?? [];
  return inner
    .replace(/^mailto:/i, "")
    .replace(/ ?@ ?/, "@")
    .trim();
}
