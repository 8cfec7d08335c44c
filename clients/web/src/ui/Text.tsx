/** What people wrote, as plain text: isolated in its direction, never as markup, with links but no previews. */

const LINK = /https?:\/\/[^\s<>"'\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;
const TRAILING = /[.,;:!?)\]»]+$/;

function parts(body: string): (string | { href: string })[] {
  const found: (string | { href: string })[] = [];
  let from = 0;
  for (const match of body.matchAll(LINK)) {
    const href = match[0].replace(TRAILING, "");
    if (!URL.canParse(href)) continue;
    found.push(body.slice(from, match.index), { href });
    from = match.index + href.length;
  }
  found.push(body.slice(from));
  return found;
}

export function Body({ text }: { text: string }) {
  return (
    <bdi class="body" dir="auto">
      {parts(text).map(part =>
        typeof part === "string" ? (
          part
        ) : (
          <a href={part.href} target="_blank" rel="noopener noreferrer nofollow" dir="ltr">
            {part.href}
          </a>
        ),
      )}
    </bdi>
  );
}

/** One line of it, for a list or a quotation. */
export function excerpt(body: string): string {
  return body.replace(/\s+/g, " ").trim().slice(0, 160);
}
