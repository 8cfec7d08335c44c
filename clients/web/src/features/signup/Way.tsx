/** How somebody identifies themselves: three ways, each with its duration. */

import { href } from "../../runtime/routes";
import { cpsAddress, pscAddress, ways } from "../../runtime/signInWays";
import { Icon } from "../../ui/Icon";
import { returnTo } from "../account/state";
import { InvitationCard } from "./InvitationCard";
import { invited } from "./invitation";
import { invitation } from "./link";
import { StepTitle } from "./StepTitle";
import { toStep } from "./state";
import { signUpWords } from "./words";

export function Way() {
  const w = signUpWords.value.way;
  const { psc, cps } = ways.value;
  const seen = invited.value;
  return (
    <>
      {seen !== null && seen !== "over" && <InvitationCard invited={seen} />}
      <div>
        <StepTitle>{w.title}</StepTitle>
        <p class="lead">{psc || cps ? w.lead : w.leadManual}</p>
      </div>
      {psc && (
        <a class="psc" href={pscAddress("/inscription?par=psc")}>
          <Icon name="plus" />
          <span class="grow">
            {w.psc}
            <small>{w.pscText}</small>
          </span>
          <Icon name="right" size="s" />
        </a>
      )}
      {cps && (
        <a class="way" href={cpsAddress("/inscription?par=cps")}>
          <Icon name="card" />
          <span class="grow">
            {w.cps}
            <small>{w.cpsText}</small>
          </span>
          <Icon name="right" size="s" />
        </a>
      )}
      <button type="button" class="way" onClick={() => toStep("form")}>
        <Icon name="pen" />
        <span class="grow">
          {w.manual}
          <small>{w.manualText}</small>
        </span>
        <Icon name="right" size="s" />
      </button>
      <div class="note">
        <Icon name="info" size="s" />
        <span class="grow">{w.staff}</span>
      </div>
      <p class="t14 soft center">
        {w.known}{" "}
        <a href={href({ name: "sign-in" })} onClick={() => invitation.peek() && returnTo({ name: "invitation" })}>
          {invitation.value ? w.signInInvited : w.signIn}
        </a>
      </p>
    </>
  );
}
