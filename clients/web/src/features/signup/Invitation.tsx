/** The page behind an invitation's link: an account is made for it, or it is taken up with the one that there is. */

import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../../engine/problem";
import { go, href } from "../../runtime/routes";
import { toast } from "../../ui/announcer";
import { Failed } from "../../ui/Empty";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import { SignOut } from "../account";
import { askAgain, returnTo, session } from "../account/state";
import { AuthLayout } from "../entrance";
import { InvitationCard } from "./InvitationCard";
import { accept, decline, invited, open } from "./invitation";
import { invitation, leaveInvitation, takeInvitation } from "./link";
import SignUp from "./SignUp";
import { signUp } from "./state";
import { signUpWords } from "./words";

export default function Invitation() {
  const w = signUpWords.value.invitation;
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const seen = invited.value;
  const here = session.value;
  const isHere = here.state !== "signed-out";
  const me = here.state === "signed-out" || here.state === "unknown" ? null : here.me;
  const look = () => {
    takeInvitation(location.hash);
    setProblem(null);
    if (invitation.peek()) void open(invitation.peek()!).then(setProblem);
    else invited.value = "over";
  };
  useEffect(() => {
    look();
    // Another link that is pasted into this tab changes what stands behind the # alone.
    addEventListener("hashchange", look);
    return () => removeEventListener("hashchange", look);
  }, []);
  const isOpen = seen !== null && seen !== "over" && seen.state === "open";
  if (!isHere && isOpen && (!seen.known || signUp.value.step !== "way")) return <SignUp />;
  const take = async () => {
    if (busy) return;
    setBusy(true);
    const outcome = await accept(invitation.peek() ?? "");
    setBusy(false);
    if (!outcome.ok) return setProblem(outcome.problem);
    const { state, organisation_name: name = "" } = outcome.value;
    toast(state === "joined" ? w.joined(name) : state === "waiting" ? w.waiting(name) : w.welcome);
    leave();
    askAgain();
  };
  const leave = () => {
    leaveInvitation();
    invited.value = null;
    go({ name: "conversations" }, { replace: true });
  };
  return (
    <AuthLayout wider>
      {problem && seen === null && <Failed problem={problem} onRetry={look} />}
      {seen !== null && seen !== "over" && <InvitationCard invited={seen} />}
      {isOpen ? (
        <>
          <div>
            <h1>{w.title}</h1>
            <p class="lead">{isHere ? w.lead : w.known}</p>
          </div>
          {me && (
            <div class="note">
              <Icon name="info" size="s" />
              <span class="grow">{w.here(me.name)}</span>
              <SignOut class="btn bare small" />
            </div>
          )}
          {problem && (
            <div class="note urgent" role="alert">
              <Icon name="alert" size="s" />
              <span class="grow">{explain(problem)}</span>
            </div>
          )}
          {isHere ? (
            <>
              <button type="button" class="btn main tall wide" aria-disabled={busy} onClick={() => void take()}>
                {w.accept}
              </button>
              <button
                type="button"
                class="btn line tall wide"
                onClick={() =>
                  void decline(invitation.peek() ?? "").then(refused => (refused ? setProblem(refused) : leave()))
                }
              >
                {w.decline}
              </button>
            </>
          ) : (
            <a
              class="btn main tall wide"
              href={href({ name: "sign-in" })}
              onClick={() => returnTo({ name: "invitation" })}
            >
              {signUpWords.value.way.signInInvited}
            </a>
          )}
        </>
      ) : (
        seen !== null && (
          <>
            <div>
              <h1>{w.overTitle}</h1>
              <p class="lead">{seen === "over" ? w.over.unknown : (w.over[seen.state] ?? w.over.unknown)}</p>
            </div>
            <a class="btn main tall wide" href={href({ name: isHere ? "conversations" : "sign-up" })}>
              {isHere ? w.home : w.create}
            </a>
          </>
        )
      )}
    </AuthLayout>
  );
}
