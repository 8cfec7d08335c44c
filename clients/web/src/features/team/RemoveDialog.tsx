/** Ending a membership: what ends, what stays, and that there is no way back. */

import { useState } from "preact/hooks";
import { words } from "../../i18n";
import { go } from "../../runtime/routes";
import { me } from "../../runtime/runtime";
import { toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { Wrong } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import type { OrganisationMember, OrganisationProfile } from "../../wire/types";
import { removeMember } from "./state";
import { teamWords } from "./words";

interface RemoveDialogProps {
  organisation: OrganisationProfile;
  member: OrganisationMember;
  onClose: () => void;
}

export function RemoveDialog({ organisation, member, onClose }: RemoveDialogProps) {
  const w = teamWords.value.remove;
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string>();
  const isMe = member.person === me.value?.id;
  const remove = async () => {
    setBusy(true);
    const outcome = await removeMember(organisation.id, member.person ?? "");
    setBusy(false);
    if (!outcome.ok) return setWrong(explain(outcome.problem));
    onClose();
    toast(isMe ? w.left : w.done(member.name));
    go({ name: "team", organisation: isMe ? null : organisation.id, tab: "members" }, { replace: true });
  };
  const ends = member.badge?.method === "vouched" ? [...w.endsList, w.vouchedEnds] : w.endsList;
  return (
    <Dialog
      title={isMe ? w.leaveTitle(organisation.name) : w.title(member.name)}
      onClose={onClose}
      footer={
        <>
          <button type="button" class="btn line" onClick={onClose}>
            {words.value.cancel}
          </button>
          <button type="button" class="btn risk" disabled={busy} onClick={() => void remove()}>
            {isMe ? w.confirmLeave : w.confirm}
          </button>
        </>
      }
    >
      <Listed title={w.ends} icon="x" items={ends} />
      <Listed title={w.stays} icon="check" items={w.staysList} />
      <p class="note clock">
        <Icon name="alert" size="s" />
        <span>{w.noUndo}</span>
      </p>
      {wrong && <Wrong text={wrong} />}
    </Dialog>
  );
}

function Listed({ title, icon, items }: { title: string; icon: "x" | "check"; items: readonly string[] }) {
  return (
    <div class="tm-listed">
      <h3>{title}</h3>
      <ul>
        {items.map(item => (
          <li key={item}>
            <Icon name={icon} size="s" />
            <span>{item}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
