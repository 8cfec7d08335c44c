/** The function and the marks of a member, changed one by one at once, and the end of their membership. */

import { useState } from "preact/hooks";
import { words } from "../../i18n";
import { me } from "../../runtime/runtime";
import { toast } from "../../ui/announcer";
import { Field } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { badgeText } from "../../ui/members";
import { explain } from "../../ui/problem";
import { MEMBER_FUNCTIONS } from "../../wire/constants";
import type { OrganisationMember, OrganisationProfile, UpdateMembership } from "../../wire/types";
import { Check } from "./Profiles";
import { RemoveDialog } from "./RemoveDialog";
import { members, updateMember } from "./state";
import { teamWords } from "./words";

interface AccountCardProps {
  organisation: OrganisationProfile;
  member: OrganisationMember;
}

export function AccountCard({ organisation, member }: AccountCardProps) {
  const w = teamWords.value.member;
  const [busy, setBusy] = useState(false);
  const [removing, setRemoving] = useState(false);
  const may = (ability: NonNullable<OrganisationMember["abilities"]>[number]) => member.abilities?.includes(ability);
  const decides = organisation.abilities?.includes("manage_owners") ?? false;
  const person = member.person ?? "";
  const isMe = person === me.value?.id;
  const change = async (what: Partial<UpdateMembership>) => {
    setBusy(true);
    const outcome = await updateMember({ organisation: organisation.id, person, ...what });
    setBusy(false);
    toast(outcome.ok ? teamWords.value.saved : explain(outcome.problem));
  };
  const isVouched = member.badge?.method === "vouched";
  return (
    <section class="card tm-blk" aria-label={w.account}>
      <h2>{w.account}</h2>
      <div class="tm-in stack">
        <p class="t13 soft">
          {member.badge ? badgeText(member.badge) : teamWords.value.notVerified}
          {isVouched && <>. {teamWords.value.vouchedHere}</>}
        </p>
        {may("edit") && (
          <Field label={w.function}>
            {parts => (
              <>
                <select
                  {...parts}
                  value={member.function}
                  disabled={busy}
                  onChange={event =>
                    void change({ function: event.currentTarget.value as OrganisationMember["function"] })
                  }
                >
                  {MEMBER_FUNCTIONS.map(each => (
                    <option key={each} value={each} disabled={isVouched && each === "practitioner"}>
                      {words.value.functions[each]}
                    </option>
                  ))}
                </select>
                <Icon name="down" size="s" />
              </>
            )}
          </Field>
        )}
      </div>
      {may("edit") && (
        <div class="tm-checks">
          <Check
            words={decides ? w.administrator : [w.administrator[0], w.ownersDecide]}
            checked={member.administrator ?? false}
            disabled={busy || !decides}
            onChange={administrator => void change({ administrator })}
          />
          <Check
            words={
              decides ? (isVouched ? [w.owner[0], w.vouchedOwner] : ownerWords(member)) : [w.owner[0], w.ownersDecide]
            }
            checked={member.owner ?? false}
            disabled={busy || !decides || isVouched || !member.verified}
            onChange={owner => void change({ owner })}
          />
          <Check
            words={w.coordinator}
            checked={member.coordinator ?? false}
            disabled={busy}
            onChange={coordinator => void change({ coordinator })}
          />
        </div>
      )}
      {may("remove") && (
        <div class="tm-in">
          <button type="button" class="btn risk-line wide" onClick={() => setRemoving(true)}>
            {isMe ? teamWords.value.remove.leave : teamWords.value.remove.button(member.first_name || member.name)}
          </button>
        </div>
      )}
      {removing && <RemoveDialog organisation={organisation} member={member} onClose={() => setRemoving(false)} />}
    </section>
  );
}

/** Says beforehand what the server would refuse, as far as the list on the screen tells. */
function ownerWords(member: OrganisationMember): [string, string] {
  const w = teamWords.value.member;
  const { items, more, counts } = members.value;
  const isWhole = counts !== null && !more && items.filter(one => one.person).length === counts.total;
  const isLast = isWhole && items.filter(one => one.owner).length === 1;
  return member.owner && isLast ? [w.owner[0], w.lastOwner] : w.owner;
}
