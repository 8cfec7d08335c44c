/** What moderators look after: identities, and organisations that nobody looks after. */

import { href } from "../../runtime/routes";
import { moderationWords } from "./words";

export function Parts({ current }: { current: "identities" | "claims" }) {
  const w = moderationWords.value;
  const parts = [
    ["identities", href({ name: "moderation", id: null })],
    ["claims", href({ name: "claims" })],
  ] as const;
  return (
    <nav class="tm-nav" aria-label={w.title}>
      {parts.map(([part, to]) => (
        <a key={part} href={to} aria-current={part === current ? "page" : undefined}>
          {w.parts[part]}
        </a>
      ))}
    </nav>
  );
}
