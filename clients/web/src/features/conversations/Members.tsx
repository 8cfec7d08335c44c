/** The members of a conversation, and what the person may change: by the abilities that the server sends. */

import { useState } from "preact/hooks";
import { words } from "../../i18n";
import { go } from "../../runtime/routes";
import { toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { Field, tooLong, Wrong } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { Avatar, Badge, BadgeLine, MemberLine, occupation } from "../../ui/members";
import { UPDATE_CONVERSATION_LENGTHS } from "../../wire/constants";
import { isBlank } from "../../wire/text";
import type { MemberView } from "../../wire/types";
import { session } from "../account/state";
import { Block } from "../contacts";
import { Actions, useAction } from "./actions";
import CasePanel from "./CasePanel";
import { MemberPicker } from "./MemberPicker";
import { memberWords } from "./memberWords";
import { Refer } from "./Refer";
import { hide } from "./requests";
import { addMember, leave, removeMember, rename, setRole } from "./state";
import type { ConversationItem } from "./types";
import { conversationWords } from "./words";

type Named = Pick<MemberView, "person" | "name">;

type Open =
  | { dialog: "add" | "rename" | "leave" }
  | { dialog: "remove"; member: Named }
  | { dialog: "role"; member: MemberView }
  | null;

export default function Members({ conversation, onClose }: { conversation: ConversationItem; onClose: () => void }) {
  const w = memberWords.value.members;
  const [open, setOpen] = useState<Open>(null);
  const may = (ability: string): boolean => conversation.abilities.includes(ability);
  const close = () => setOpen(null);
  const group = conversation.kind !== "direct";
  return (
    <aside class="pane ctx" aria-label={w.title}>
      <div class="bar back">
        <button type="button" class="icon-btn only-phone" aria-label={words.value.back} onClick={onClose}>
          <Icon name="left" size="l" />
        </button>
        <h2 class="grow">{conversation.case ? w.case : group ? w.group : w.direct}</h2>
        <button type="button" class="icon-btn only-desk" aria-label={words.value.close} onClick={onClose}>
          <Icon name="x" />
        </button>
      </div>
      <div class="scroll">
        {conversation.case && <CasePanel conversation={conversation} of={conversation.case} />}
        {group ? (
          <GroupCard
            conversation={conversation}
            onRename={may("update") ? () => setOpen({ dialog: "rename" }) : undefined}
          />
        ) : (
          <ColleagueCard conversation={conversation} />
        )}
        <Refer conversation={conversation} class={conversation.case ? "btn line wide" : "btn main wide"} />
        {may("hide") && <Hide conversation={conversation} />}
        {!group && conversation.others[0] && (
          <Block
            person={conversation.others[0].person}
            name={conversation.others[0].name}
            isBlocked={conversation.blocked}
          />
        )}
        <section class="sec">
          <h3>
            {conversationWords.value.participants(conversation.members.length)}
            {may("add") && (
              <button type="button" class="btn bare small" onClick={() => setOpen({ dialog: "add" })}>
                {w.add}
              </button>
            )}
          </h3>
          <ul>
            {conversation.members.map(member => (
              <li key={member.person}>
                <MemberRow
                  member={member}
                  onRole={may("role") ? () => setOpen({ dialog: "role", member }) : undefined}
                  onRemove={group && may("remove") ? () => setOpen({ dialog: "remove", member }) : undefined}
                />
              </li>
            ))}
          </ul>
        </section>
        {conversation.asked.length > 0 && (
          <section class="sec">
            <h3>{w.asked}</h3>
            <p class="hint">{w.askedNote}</p>
            <ul>
              {conversation.asked.map(one => (
                <li key={one.person}>
                  <MemberLine id={one.person} name={one.name} verified={false} sub="">
                    {may("remove") && (
                      <button
                        type="button"
                        class="icon-btn tiny"
                        aria-label={w.remove(one.name)}
                        onClick={() => setOpen({ dialog: "remove", member: one })}
                      >
                        <Icon name="x" size="s" />
                      </button>
                    )}
                  </MemberLine>
                </li>
              ))}
            </ul>
          </section>
        )}
        {may("leave") && (
          <button type="button" class="btn risk-line wide" onClick={() => setOpen({ dialog: "leave" })}>
            {w.leave}
          </button>
        )}
      </div>
      {open?.dialog === "add" && <Add conversation={conversation} onClose={close} />}
      {open?.dialog === "rename" && <Rename conversation={conversation} onClose={close} />}
      {open?.dialog === "remove" && <Remove conversation={conversation} member={open.member} onClose={close} />}
      {open?.dialog === "role" && <SetRole conversation={conversation} member={open.member} onClose={close} />}
      {open?.dialog === "leave" && <Leave conversation={conversation} onClose={close} />}
    </aside>
  );
}

function GroupCard({ conversation, onRename }: { conversation: ConversationItem; onRename: (() => void) | undefined }) {
  return (
    <section class="card pat">
      <div class="row">
        <Avatar id={conversation.id} name={conversation.title} group />
        <div class="pn grow">
          <bdi>{conversation.title}</bdi>
        </div>
      </div>
      {onRename && (
        <button type="button" class="btn line small wide" onClick={onRename}>
          {memberWords.value.members.rename}
        </button>
      )}
    </section>
  );
}

function ColleagueCard({ conversation }: { conversation: ConversationItem }) {
  const other = conversation.others[0];
  if (!other) return null;
  return (
    <section class="card pat">
      <div class="row">
        <Avatar id={other.person} name={other.name} />
        <div class="grow">
          <div class="pn">
            <bdi>{other.name}</bdi>
            {"\u00a0"}
            <Badge badge={other.badge} />
          </div>
          <div class="t13 soft">{occupation(other)}</div>
          <BadgeLine badge={other.badge} />
        </div>
      </div>
    </section>
  );
}

interface MemberRowProps {
  member: MemberView;
  onRole: (() => void) | undefined;
  onRemove: (() => void) | undefined;
}

function MemberRow({ member, onRole, onRemove }: MemberRowProps) {
  const w = memberWords.value;
  const here = session.value;
  const mine = here.state === "signed-in" && here.me?.id === member.person;
  const sub = [occupation(member), member.role === "owner" ? w.members.owner : "", mine ? w.you : ""]
    .filter(Boolean)
    .join(", ");
  return (
    <MemberLine id={member.person} name={member.name} badge={member.badge} sub={sub}>
      {onRole && (
        <button type="button" class="icon-btn tiny" aria-label={w.members.role(member.name)} onClick={onRole}>
          <Icon name="key" size="s" />
        </button>
      )}
      {onRemove && !mine && (
        <button type="button" class="icon-btn tiny" aria-label={w.members.remove(member.name)} onClick={onRemove}>
          <Icon name="x" size="s" />
        </button>
      )}
    </MemberLine>
  );
}

/** Out of the list, for oneself alone, until something happens in it. */
function Hide({ conversation }: { conversation: ConversationItem }) {
  const w = memberWords.value.members;
  const { busy, wrong, run } = useAction(() => {
    toast(w.hidden);
    go({ name: "conversations" });
  });
  return (
    <>
      <button type="button" class="btn line wide" aria-disabled={busy} onClick={() => run(() => hide(conversation.id))}>
        {w.hide}
      </button>
      {wrong && <Wrong text={wrong} />}
    </>
  );
}

interface DialogProps {
  conversation: ConversationItem;
  onClose: () => void;
}

function Add({ conversation, onClose }: DialogProps) {
  const w = memberWords.value.members;
  const [name, setName] = useState("");
  const { wrong, run } = useAction(() => {
    toast(w.added(name));
    onClose();
  });
  return (
    <Dialog title={w.addTitle} onClose={onClose}>
      <MemberPicker
        present={conversation.members.map(member => member.person)}
        picked={[]}
        onPick={person => {
          setName(person.name);
          run(() => addMember(conversation.id, person.person));
        }}
      />
      {wrong && <Wrong text={wrong} />}
    </Dialog>
  );
}

function Rename({ conversation, onClose }: DialogProps) {
  const w = memberWords.value.members;
  const [title, setTitle] = useState(conversation.title);
  const { busy, wrong, run } = useAction(onClose);
  const missing = isBlank(title)
    ? memberWords.value.create.groupNameMissing
    : tooLong(title, UPDATE_CONVERSATION_LENGTHS.title);
  return (
    <Dialog
      title={w.renameTitle}
      onClose={onClose}
      onSubmit={() => !missing && run(() => rename(conversation.id, title.trim()))}
      footer={<Actions safe={words.value.cancel} onSafe={onClose} act={w.save} busy={busy} />}
    >
      <Field label={w.name} hint={memberWords.value.create.groupNameHint} error={missing ?? wrong}>
        {parts => (
          <input
            {...parts}
            type="text"
            autofocus
            value={title}
            onInput={event => setTitle(event.currentTarget.value)}
          />
        )}
      </Field>
    </Dialog>
  );
}

function Remove({ conversation, member, onClose }: DialogProps & { member: Named }) {
  const w = memberWords.value.members;
  const { busy, wrong, run } = useAction(() => {
    toast(w.removed(member.name));
    onClose();
  });
  return (
    <Dialog
      title={w.removeTitle}
      onClose={onClose}
      onSubmit={() => run(() => removeMember(conversation.id, member.person))}
      footer={<Actions safe={words.value.cancel} onSafe={onClose} act={w.removeConfirm} busy={busy} risk />}
    >
      <p>{w.removeText(member.name)}</p>
      {wrong && <Wrong text={wrong} />}
    </Dialog>
  );
}

/** Lets somebody look after the conversation too, or no longer. */
function SetRole({ conversation, member, onClose }: DialogProps & { member: MemberView }) {
  const w = memberWords.value.members;
  const { busy, wrong, run } = useAction(onClose);
  const isOwner = member.role === "owner";
  return (
    <Dialog
      title={isOwner ? w.relieveTitle : w.appointTitle}
      onClose={onClose}
      onSubmit={() => run(() => setRole(conversation.id, member.person, isOwner ? "member" : "owner"))}
      footer={
        <Actions
          safe={words.value.cancel}
          onSafe={onClose}
          act={isOwner ? w.relieveConfirm : w.appoint}
          busy={busy}
          risk={isOwner}
        />
      }
    >
      <p>{(isOwner ? w.relieveText : w.appointText)(member.name)}</p>
      {wrong && <Wrong text={wrong} />}
    </Dialog>
  );
}

function Leave({ conversation, onClose }: DialogProps) {
  const w = memberWords.value.members;
  const { busy, wrong, run } = useAction(() => {
    onClose();
    go({ name: "conversations" });
  });
  return (
    <Dialog
      title={w.leaveTitle}
      onClose={onClose}
      onSubmit={() => run(() => leave(conversation.id))}
      footer={<Actions safe={words.value.cancel} onSafe={onClose} act={w.leaveConfirm} busy={busy} risk />}
    >
      <p>{w.leaveText}</p>
      {wrong && <Wrong text={wrong} />}
    </Dialog>
  );
}
