/** What people wrote, as plain text: isolated in its direction, never as markup, with links but no previews. */

import { firstOf } from "./graphemes";
import { partsOf } from "./links";

/** How much of a message stands for it in a list or a quotation. */
const EXCERPT = 160;

export function Body({ text }: { text: string }) {
  return (
    <bdi class="body" dir="auto">
      {partsOf(text).map(part =>
        typeof part === "string" ? (
          part
        ) : part.href.startsWith("tel:") ? (
          <a href={part.href} dir="ltr">
            {part.text}
          </a>
        ) : (
          <a href={part.href} target="_blank" rel="noopener noreferrer nofollow" dir="ltr">
            {part.text}
          </a>
        ),
      )}
    </bdi>
  );
}

/** One line of it, for a list or a quotation; where it is cut is said. */
export function excerpt(body: string): string {
  const line = body
    .slice(0, EXCERPT * 8)
    .replace(/\s+/g, " ")
    .trim();
  const first = firstOf(line, EXCERPT);
  return first === line ? line : `${first}…`;
}
