import { words } from "../../i18n";
import { Icon } from "../../ui/Icon";

/** The steps of the wizard. `now` counts from 0; 4 is past the end. */
export function Steps({ now }: { now: number }) {
  const w = words.value.steps;
  return (
    <ol class="steps" aria-label={w.label}>
      {w.names.map((name, at) => (
        <li key={name} class={at < now ? "ok" : at === now ? "now" : ""} aria-current={at === now ? "step" : undefined}>
          <span class="n">{at < now ? <Icon name="check" size="xs" label={w.done} /> : at + 1}</span>
          <span>{name}</span>
        </li>
      ))}
    </ol>
  );
}
