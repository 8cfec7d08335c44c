/** A question on the e-CPS of somebody's phone: the code that stands on both screens, and how long there is left. */

import { useEffect, useRef, useState } from "preact/hooks";
import { askPhone, type PhonePurpose, type PhoneRefusal, phoneAnswer, type Question } from "../../runtime/phoneProof";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import { entranceWords } from "./words";

interface PhoneProofProps {
  purpose: PhonePurpose;
  /** The RPPS or ADELI number whose phone is asked; the account's own without one. */
  identifier?: string;
  onProven: (state: "signed_in" | "confirmed" | "unknown") => void;
}

export function PhoneProof({ purpose, identifier, onProven }: PhoneProofProps) {
  const w = entranceWords.value.phone;
  const [attempt, setAttempt] = useState(0);
  const [question, setQuestion] = useState<Question | null>(null);
  const [refused, setRefused] = useState<PhoneRefusal | "late" | null>(null);
  const [left, setLeft] = useState(0);
  const done = useRef(onProven);
  done.current = onProven;
  useEffect(() => {
    let timer = 0;
    let isGone = false;
    const after = (wait: number, act: () => void) => {
      timer = setTimeout(() => !isGone && act(), wait) as unknown as number;
    };
    const look = async (asked: Question) => {
      if (Date.now() >= asked.until) return setRefused("late");
      const state = await phoneAnswer();
      if (isGone) return;
      // A cut of the network is no answer: the phone may still be asked.
      const isWaiting = state === "pending" || (typeof state === "object" && state.problem.reason === "offline");
      if (isWaiting) return after(asked.interval, () => void look(asked));
      if (typeof state === "object") setRefused(state);
      else done.current(state);
    };
    setQuestion(null);
    setRefused(null);
    void askPhone(purpose, identifier).then(asked => {
      if (isGone) return;
      if ("why" in asked) return setRefused(asked);
      setQuestion(asked);
      setLeft(asked.until - Date.now());
      after(asked.interval, () => void look(asked));
    });
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [attempt, purpose, identifier]);
  useEffect(() => {
    if (!question || refused) return;
    const ticking = setInterval(() => setLeft(Math.max(0, question.until - Date.now())), 1000);
    return () => clearInterval(ticking);
  }, [question, refused]);
  if (refused)
    return (
      <div class="stack phone-proof">
        <p class="note urgent" role="alert">
          <Icon name="alert" size="s" />
          <span class="grow">
            {refused === "late" ? w.refused["late"] : (w.refused[refused.why] ?? explain(refused.problem))}
          </span>
        </p>
        <button type="button" class="btn line tall wide" onClick={() => setAttempt(attempt + 1)}>
          <Icon name="refresh" size="s" />
          {w.again}
        </button>
      </div>
    );
  return (
    <div class="stack phone-proof" role="status" aria-live="polite">
      <p>{question ? w.text : w.asking}</p>
      {question && (
        <>
          <output class="phone-code num" aria-label={w.code(question.code.split("").join(" "))}>
            {question.code}
          </output>
          <p class="t13 soft center">{w.compare}</p>
          <p class="t13 muted center num" aria-hidden="true">
            {w.left(Math.ceil(left / 1000))}
          </p>
        </>
      )}
    </div>
  );
}
