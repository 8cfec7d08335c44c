/** Shown to somebody signed in whose identity is not verified yet: what is still closed, and why. */

import { Icon } from "../../ui/Icon";
import type { IconName } from "../../ui/icons";
import type { Me } from "../../wire/types";
import { AuthLayout } from "../entrance";
import { signInWords } from "./signInWords";
import { askAgain, signOut } from "./state";

const LOOKS: [string, IconName][] = [
  ["", "check"],
  ["w", "clock"],
  ["n", "lock"],
];

export default function NotVerified({ me }: { me: Me | null }) {
  const w = signInWords.value.notVerified;
  return (
    <AuthLayout wider>
      <div>
        <span class="tag clock big">
          <Icon name="clock" size="xs" />
          {w.tag}
        </span>
        <h1>{w.title(me?.first_name ?? "")}</h1>
        <p class="lead">{w.lead}</p>
      </div>
      <ol class="card vsteps">
        {w.steps.map(([title, text], at) => {
          const [look, icon] = LOOKS[at] ?? LOOKS[2]!;
          return (
            <li key={title}>
              <span class={`vi ${look}`}>
                <Icon name={icon} size="s" />
              </span>
              <div>
                <b>{title}</b>
                <span class="sub">{text}</span>
              </div>
              {at === 1 && <span class="tag clock">{w.todo}</span>}
            </li>
          );
        })}
      </ol>
      <div class="note accent">
        <Icon name="mail" size="s" />
        <span>{w.note}</span>
      </div>
      <div class="row wrap">
        <button type="button" class="btn main tall grow" onClick={askAgain}>
          {w.again}
        </button>
        <button type="button" class="btn line tall" onClick={() => void signOut()}>
          {w.signOut}
        </button>
      </div>
    </AuthLayout>
  );
}
