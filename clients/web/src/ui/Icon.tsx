import type { IconName } from "./icons";
import { ICONS } from "./icons";

/** Decorative beside words; with `label` it stands alone and is read aloud. */
export function Icon({ name, size = "", label }: { name: IconName; size?: "xs" | "s" | "" | "l"; label?: string }) {
  const drawing = <path d={ICONS[name]} />;
  if (!label)
    return (
      <svg class={`i ${size}`} viewBox="0 0 24 24" aria-hidden="true">
        {drawing}
      </svg>
    );
  return (
    <svg class={`i ${size}`} viewBox="0 0 24 24" role="img" aria-label={label}>
      {drawing}
    </svg>
  );
}

export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 44 44" fill="none" aria-hidden="true">
      <rect width="44" height="44" rx="13" fill="#145460" />
      <path d="M15.5 28.5l13-13" stroke="#7FD3DB" stroke-width="4.5" stroke-linecap="round" />
      <circle cx="13.5" cy="30.5" r="5.5" fill="#fff" />
      <circle cx="30.5" cy="13.5" r="5.5" stroke="#fff" stroke-width="3" />
    </svg>
  );
}
