/** For which of their activities somebody comes: the register knows several, and Pro Santé Connect does not ask. */

import { useState } from "preact/hooks";
import { Icon } from "../../ui/Icon";
import { type Activity, chooseActivity, identified } from "./offers";
import { StepTitle } from "./StepTitle";
import { signUpWords } from "./words";

export function ActivityStep() {
  const w = signUpWords.value.activity;
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const all = identified.value?.activities ?? [];
  const choose = (one: Activity) => {
    if (busy) return;
    setBusy(true);
    void chooseActivity(one).then(isChosen => {
      setBusy(false);
      setFailed(!isChosen);
    });
  };
  const place = (one: Activity) =>
    [[one.address, one.postal_code, one.city].filter(Boolean).join(" "), one.mode && w.modes[one.mode]]
      .filter(Boolean)
      .join(", ");
  return (
    <>
      <div>
        <StepTitle>{w.title}</StepTitle>
        <p class="lead">{w.lead}</p>
      </div>
      {failed && (
        <p class="note urgent" role="alert">
          <Icon name="alert" size="s" />
          <span class="grow">{w.failed}</span>
        </p>
      )}
      {all.map(one => (
        <button type="button" class="way" key={one.activity} aria-disabled={busy} onClick={() => choose(one)}>
          <Icon name="pin" />
          <span class="grow">
            {one.name || one.city || w.unnamed}
            <small>{place(one)}</small>
          </span>
          <Icon name="right" size="s" />
        </button>
      ))}
    </>
  );
}
