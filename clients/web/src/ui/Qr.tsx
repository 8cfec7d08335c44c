/** A text as a square that a phone's camera reads. */

import { generate } from "lean-qr";
import { useMemo } from "preact/hooks";

/** Clear modules around it, as the standard asks. */
const MARGIN = 4;

export function Qr({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => {
    const code = generate(text);
    const dark: string[] = [];
    for (let y = 0; y < code.size; y++)
      for (let x = 0; x < code.size; x++) if (code.get(x, y)) dark.push(`M${x + MARGIN} ${y + MARGIN}h1v1h-1z`);
    return { size: code.size + 2 * MARGIN, path: dark.join("") };
  }, [text]);
  // Dark on light in every theme: many cameras read nothing else.
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#12242a" />
    </svg>
  );
}
