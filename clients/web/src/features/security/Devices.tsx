/** Where one is signed in: each device can be closed, and a lost one is. */

import { useState } from "preact/hooks";
import { ago, words } from "../../i18n";
import { minute } from "../../runtime/clock";
import { toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { Icon } from "../../ui/Icon";
import type { SessionView } from "../../wire/types";
import { endOthers, endSession, sessions } from "./state";
import { securityWords } from "./words";

const PHONES = /iphone|ipad|android|mobile|galaxy/i;

export function Devices() {
  const w = securityWords.value.devices;
  const [open, setOpen] = useState<SessionView | "others" | null>(null);
  const all = sessions.value ?? [];
  const close = () => setOpen(null);
  const end = (one: SessionView) => {
    close();
    void endSession(one.id).then(isEnded => isEnded && toast(w.ended));
  };
  const about = (one: SessionView) => {
    const by = one.opened_by ? w.openedBy[one.opened_by] : one.kind === "token" ? w.program : undefined;
    const seen = one.current ? w.active : w.seen(ago(one.last_seen_at, minute.value));
    return [seen, by, one.strong && w.strong].filter(Boolean).join(", ");
  };
  return (
    <section class="card block">
      <h2>
        {w.title}
        {sessions.value && <span class="t13 soft num">{w.open(all.length)}</span>}
      </h2>
      <ul class="settings">
        {all.map(one => (
          <li key={one.id}>
            <span class="tile">
              <Icon name={PHONES.test(one.label) ? "mobile" : "laptop"} />
            </span>
            <span class="grow">
              <b>
                <bdi>{one.label}</bdi>
              </b>
              <span class="t13 soft">{about(one)}</span>
              {one.current && (
                <span class="tag accent">
                  <Icon name="check" size="xs" />
                  {w.here}
                </span>
              )}
            </span>
            {!one.current && (
              <span class="row wrap acts">
                <button type="button" class="btn line small" onClick={() => end(one)}>
                  {w.end}
                </button>
                <button type="button" class="btn risk-line small" onClick={() => setOpen(one)}>
                  {w.lost}
                </button>
              </span>
            )}
          </li>
        ))}
      </ul>
      {all.length > 1 && (
        <div class="block-foot">
          <button type="button" class="btn risk-line grow" onClick={() => setOpen("others")}>
            <Icon name="out" size="s" />
            {w.endOthers}
          </button>
        </div>
      )}
      {open === "others" && (
        <Dialog
          title={w.endOthers}
          onClose={close}
          footer={
            <>
              <button type="button" class="btn line" onClick={close}>
                {words.value.cancel}
              </button>
              <button
                type="button"
                class="btn risk"
                onClick={() => {
                  close();
                  void endOthers().then(isEnded => isEnded && toast(w.endedAll));
                }}
              >
                {w.endOthers}
              </button>
            </>
          }
        >
          <p>{w.endOthersText}</p>
        </Dialog>
      )}
      {open !== null && open !== "others" && (
        <Dialog
          title={w.lostTitle(open.label)}
          onClose={close}
          footer={
            <>
              <button type="button" class="btn line" onClick={close}>
                {w.nothing}
              </button>
              <button type="button" class="btn risk" onClick={() => end(open)}>
                {w.lostConfirm}
              </button>
            </>
          }
        >
          <p class="note">
            <Icon name="mobile" size="s" />
            <span class="grow">{about(open)}</span>
          </p>
          <Effects title={w.lostNow} list={w.lostEffects} />
          <Effects title={w.lostAfter} list={w.lostThen} />
        </Dialog>
      )}
    </section>
  );
}

function Effects({ title, list }: { title: string; list: string[] }) {
  return (
    <section class="stack">
      <h3 class="lbl">{title}</h3>
      <ul class="stack">
        {list.map(text => (
          <li key={text} class="row">
            <Icon name="check" size="xs" />
            <span>{text}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
