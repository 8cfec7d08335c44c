/** Where one is signed in: each device can be closed, and a lost one is. */

import { useState } from "preact/hooks";
import type { Problem } from "../../engine/problem";
import { ago, words } from "../../i18n";
import { minute } from "../../runtime/clock";
import { toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { Icon } from "../../ui/Icon";
import { explain } from "../../ui/problem";
import type { SessionView } from "../../wire/types";
import { endOthers, endSession, foundSession, sessions, wipeSession } from "./state";
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
  const say = (problem: Problem | null, done: string) => {
    if (problem?.reason !== "cancelled") toast(problem ? explain(problem) : done);
  };
  const wipe = (one: SessionView) => {
    close();
    void wipeSession(one.id).then(problem => say(problem, w.wipeAsked));
  };
  const found = (one: SessionView) => void foundSession(one.id).then(problem => say(problem, w.foundDone));
  const about = (one: SessionView) => {
    if (one.wipe === "done") return w.wipedAt(ago(one.wiped_at ?? one.last_seen_at, minute.value));
    if (one.wipe) return w.lostAt(ago(one.wipe_asked_at ?? one.last_seen_at, minute.value));
    const by = one.opened_by ? w.openedBy[one.opened_by] : one.kind === "token" ? w.program : undefined;
    const seen = one.current ? w.active : w.seen(ago(one.last_seen_at, minute.value));
    return [seen, by, one.strong && w.strong, one.has_code && w.hasCode].filter(Boolean).join(", ");
  };
  return (
    <section class="card block">
      <h2>
        {w.title}
        {sessions.value && <span class="t13 soft num">{w.open(all.filter(one => !one.wipe).length)}</span>}
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
              {one.wipe && (
                <span class={`tag ${one.wipe === "done" ? "done" : "clock"}`}>
                  <Icon name={one.wipe === "done" ? "check" : "clock"} size="xs" />
                  {one.wipe === "done" ? w.wiped : w.wiping}
                </span>
              )}
              {one.current && (
                <span class="tag accent">
                  <Icon name="check" size="xs" />
                  {w.here}
                </span>
              )}
            </span>
            {one.wipe === "asked" && (
              <span class="row wrap acts">
                <button type="button" class="btn line small" onClick={() => found(one)}>
                  {w.found}
                </button>
              </span>
            )}
            {!one.current && !one.wipe && (
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
      {all.filter(one => !one.wipe).length > 1 && (
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
              <button type="button" class="btn risk" onClick={() => wipe(open)}>
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
          <p class="note clock">
            <Icon name="alert" size="s" />
            <span class="grow">{w.lostWarning}</span>
          </p>
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
