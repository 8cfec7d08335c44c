/** Icons of screens that are fetched later: their drawings are no part of the first screen. */

const DRAWINGS = {
  scan: "M4 8V5.5A1.5 1.5 0 0 1 5.5 4H8M16 4h2.5A1.5 1.5 0 0 1 20 5.5V8M20 16v2.5a1.5 1.5 0 0 1-1.5 1.5H16M8 20H5.5A1.5 1.5 0 0 1 4 18.5V16M8 12h8",
  finger:
    "M7 19c.8-2 1-4 1-6.5a4 4 0 0 1 8 0c0 1.5 0 3-.3 4.5M12 12.5c0 3-.3 5.5-1.300 8M5 15.5c.3-1 .4-2 .4-3a6.600 6.600 0 0 1 11.300-4.700M14.800 20.5c.3-.8.5-1.700.7-2.600M19 10.5c.4 2 .3 4 0 6",
  copy: "M10.5 8.5h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-8a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2zM15.5 8.5v-3a2 2 0 0 0-2-2h-8a2 2 0 0 0-2 2v8a2 2 0 0 0 2 2h3",
  print:
    "M7 9V4h10v5M7 17H5.5A1.5 1.5 0 0 1 4 15.5v-5A1.5 1.5 0 0 1 5.5 9h13a1.5 1.5 0 0 1 1.5 1.5v5a1.5 1.5 0 0 1-1.5 1.5H17M7 14h10v6H7z",
  locate: "M12 2.5v3M12 18.5v3M2.5 12h3M18.5 12h3M5.5 12a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0z",
  trash: "M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13M10 11v5.5M14 11v5.5",
  download: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14",
  up: "M12 15V4M7.5 8.5L12 4l4.5 4.5M5 19.5h14",
  filter: "M4 7h16M7 12h10M10 17h4",
  clip: "M20 11.5l-8 8a5 5 0 0 1-7.1-7.1l8.5-8.5a3.4 3.4 0 0 1 4.8 4.8l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4l7.8-7.8",
  pause: "M9 5.5v13M15 5.5v13",
  play: "M8 5.5l10.5 6.5L8 18.5z",
};

/** Decorative beside words, as `Icon` is. */
export function FurtherIcon({ name, size = "" }: { name: keyof typeof DRAWINGS; size?: "xs" | "s" | "" | "l" }) {
  return (
    <svg class={`i ${size}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={DRAWINGS[name]} />
    </svg>
  );
}
