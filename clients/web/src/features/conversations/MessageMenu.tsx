/** What can be done with a message: a sheet on the phone, a dialog elsewhere. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { limits, serverNow } from "../../runtime/runtime";
import { announce, toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { FurtherIcon } from "../../ui/FurtherIcon";
import { Icon } from "../../ui/Icon";
import { excerpt } from "../../ui/Text";
import { quoted, type Reply } from "./Message";
import { DeleteMessage, EditMessage, Versions } from "./MessageChanges";
import { messageWords } from "./messageWords";
import type { MessageItem, MessageStep } from "./types";
import { conversationWords } from "./words";

interface MessageMenuProps {
  item: MessageItem;
  /** What is shown first; the menu when it is left out. */
  first?: MessageStep | undefined;
  onReply: ((to: Reply) => void) | undefined;
  onClose: () => void;
}

export default function MessageMenu({ item, first = "menu", onReply, onClose }: MessageMenuProps) {
  const [step, setStep] = useState(first);
  if (step === "edit") return <EditMessage item={item} onClose={onClose} />;
  if (step === "delete") return <DeleteMessage item={item} onClose={onClose} />;
  if (step === "versions") return <Versions item={item} onClose={onClose} />;
  return <Choices item={item} onReply={onReply} onClose={onClose} onStep={setStep} />;
}

function Choices({ item, onReply, onClose, onStep }: MessageMenuProps & { onStep: (step: MessageStep) => void }) {
  const w = messageWords.value;
  const { message, mine } = item;
  const reply = quoted(item);
  const changes = mine && onReply !== undefined && message.referral === undefined;
  const editable = changes ? timeLeft(message.at, limits.value?.edit_seconds) : 0;
  const deletable = changes ? timeLeft(message.at, limits.value?.delete_seconds) : 0;
  const copy = async () => {
    onClose();
    try {
      await navigator.clipboard.writeText(message.body);
      toast(w.copied);
    } catch {
      announce(w.notCopied, "now");
    }
  };
  const answer = () => {
    onClose();
    onReply?.(reply);
  };
  return (
    <Dialog title={conversationWords.value.thread.menu} onClose={onClose}>
      <p class="about">
        <b>
          <bdi>{reply.name}</bdi>
        </b>
        <bdi>{excerpt(reply.body)}</bdi>
      </p>
      <div class="choices">
        {onReply && (
          <Choice icon={<Icon name="reply" />} label={conversationWords.value.thread.reply} onClick={answer} />
        )}
        {message.body && <Choice icon={<FurtherIcon name="copy" />} label={w.copy} onClick={() => void copy()} />}
        {message.edited_at && (
          <Choice icon={<Icon name="clock" />} label={w.versions} onClick={() => onStep("versions")} />
        )}
        {editable > 0 && message.body && (
          <Choice
            icon={<Icon name="pen" />}
            label={w.edit}
            more={editable === Infinity ? "" : w.minutesLeft(Math.ceil(editable / 60_000))}
            onClick={() => onStep("edit")}
          />
        )}
        {deletable > 0 && (
          <Choice icon={<FurtherIcon name="trash" />} label={w.delete} onClick={() => onStep("delete")} />
        )}
      </div>
    </Dialog>
  );
}

interface ChoiceProps {
  icon: ComponentChildren;
  label: string;
  /** What is said beside it. */
  more?: string;
  onClick: () => void;
}

function Choice({ icon, label, more, onClick }: ChoiceProps) {
  return (
    <button type="button" onClick={onClick}>
      {icon}
      {label}
      {more && <small>{more}</small>}
    </button>
  );
}

/** For how many milliseconds what was sent then may still be changed. */
function timeLeft(at: string, seconds: number | undefined): number {
  return seconds === undefined ? Infinity : Date.parse(at) + seconds * 1000 - serverNow();
}
