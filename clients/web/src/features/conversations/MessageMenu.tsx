/** What can be done with a message: a sheet on the phone, a dialog elsewhere. */

import { announce, toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { FurtherIcon } from "../../ui/FurtherIcon";
import { Icon } from "../../ui/Icon";
import { excerpt } from "../../ui/Text";
import type { Reply } from "./Message";
import { conversationWords } from "./words";

interface MessageMenuProps {
  message: Reply;
  onReply: ((to: Reply) => void) | undefined;
  onClose: () => void;
}

export default function MessageMenu({ message, onReply, onClose }: MessageMenuProps) {
  const w = conversationWords.value.thread;
  const copy = async () => {
    onClose();
    try {
      await navigator.clipboard.writeText(message.body);
      toast(w.copied);
    } catch {
      announce(w.notCopied, "now");
    }
  };
  return (
    <Dialog title={w.menu} onClose={onClose}>
      <p class="about">
        <b>
          <bdi>{message.name}</bdi>
        </b>
        <bdi>{excerpt(message.body)}</bdi>
      </p>
      <div class="choices">
        {onReply && (
          <button
            type="button"
            onClick={() => {
              onClose();
              onReply(message);
            }}
          >
            <Icon name="reply" />
            {w.reply}
          </button>
        )}
        <button type="button" onClick={() => void copy()}>
          <FurtherIcon name="copy" />
          {w.copy}
        </button>
      </div>
    </Dialog>
  );
}
