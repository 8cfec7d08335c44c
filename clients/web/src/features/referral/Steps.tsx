import { words } from "../../i18n";
import { Icon } from "../../ui/Icon";
import { back } from "./state";
import { referralWords } from "./words";

/** The title of a step that can be left backwards. */
export function StepHeader({ title, now }: { title: string; now: number }) {
  return (
    <header class="bar back">
      <button type="button" class="icon-btn" aria-label={words.value.back} onClick={back}>
        <Icon name="left" size="l" />
      </button>
      <h1 class="cut">{title}</h1>
      <Steps now={now} />
    </header>
  );
}

/** The steps of the wizard. `now` counts from 0; 4 is past the end. */
export function Steps({ now }: { now: number }) {
  const w = referralWords.value.steps;
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
