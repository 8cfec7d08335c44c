/** Who invites, for what, and until when. */

import { dayOf, longDay, words } from "../../i18n";
import { Avatar } from "../../ui/members";
import type { Invited } from "./invitation";
import { signUpWords } from "./words";

export function InvitationCard({ invited }: { invited: Invited }) {
  const w = signUpWords.value.invitation;
  const day = longDay(dayOf(invited.expires_at));
  return (
    <div class="card invitation">
      <Avatar id={invited.invited_by} name={invited.invited_by} />
      <div class="grow">
        <b>{w.from(invited.invited_by)}</b>
        <p class="t13 soft">
          {invited.organisation ? w.to(invited.organisation) : w.toRelais}{" "}
          {invited.kind === "account" && `${w.as(words.value.functions[invited.function] ?? invited.function)} `}
          {invited.email ? w.sentUntil(invited.email, day) : w.until(day)}
        </p>
      </div>
    </div>
  );
}
