/** Who may write to one: the rule, the requests that wait, and the people who are blocked. */

import "../team/team.css";
import { useState } from "preact/hooks";
import { dayOf, shortDay, words } from "../../i18n";
import { go, href } from "../../runtime/routes";
import type { Outcome } from "../../runtime/runtime";
import { toast } from "../../ui/announcer";
import { Dialog } from "../../ui/Dialog";
import { Failed, Skeleton } from "../../ui/Empty";
import { Icon } from "../../ui/Icon";
import { MemberLine, occupation } from "../../ui/members";
import { explain } from "../../ui/problem";
import type { ContactRequestView, ContactSettings } from "../../wire/types";
import { openDirect } from "../conversations/state";
import { Sent } from "./AskFirst";
import { Block } from "./Block";
import { ProfileRequests } from "./ProfileRequests";
import { answer, contacts, reloadContacts, setRule, unblock } from "./state";
import { contactWords } from "./words";

const RULES: ContactSettings["rule"][] = ["everybody", "my_organisations", "ask_first"];

export default function Contacts() {
  const w = contactWords.value;
  const { value, problem } = contacts.value;
  return (
    <section class="page">
      <header class="bar back">
        <a class="icon-btn" href={href({ name: "me" })} aria-label={words.value.back}>
          <Icon name="left" size="l" />
        </a>
        <h1 class="grow">{w.title}</h1>
      </header>
      <div class="scroll">
        <div class="narrow">
          {problem && <Failed problem={problem} onRetry={() => void reloadContacts()} />}
          {!value && !problem && <Skeleton rows={4} />}
          {value && <Whole settings={value} />}
        </div>
      </div>
    </section>
  );
}

function Whole({ settings }: { settings: ContactSettings }) {
  const w = contactWords.value;
  const [busy, setBusy] = useState(false);
  const [refusing, setRefusing] = useState<ContactRequestView | null>(null);
  const sent = settings.sent ?? [];
  const write = async (person: string) => {
    const outcome = await openDirect(person);
    if (outcome.ok) go({ name: "conversation", id: outcome.value });
    else toast(explain(outcome.problem));
  };
  const perform = async (done: string, outcome: Promise<Outcome>) => {
    setBusy(true);
    const { ok, ...rest } = await outcome;
    setBusy(false);
    toast(ok || !("problem" in rest) ? done : explain(rest.problem));
  };
  return (
    <>
      <fieldset class="card tm-blk">
        <legend class="tm-legend2">{w.ruleTitle}</legend>
        <div class="tm-checks">
          {RULES.map(rule => (
            <label class="tm-check" key={rule}>
              <input
                type="radio"
                name="contact-rule"
                class="tm-box round"
                checked={settings.rule === rule}
                disabled={busy}
                onChange={() => void perform(w.saved, setRule(rule))}
              />
              <span class="tm-what">
                <b>{w.rules[rule]?.[0]}</b>
                <span class="t13 soft">{w.rules[rule]?.[1]}</span>
              </span>
            </label>
          ))}
          <p class="hint">{w.goesOn}</p>
        </div>
      </fieldset>
      <ProfileRequests />
      <section class="card tm-blk" aria-label={w.requests}>
        <h2>
          {w.requests}
          {settings.requests.length > 0 && <span class="count">{settings.requests.length}</span>}
        </h2>
        <div class="tm-in">
          {settings.requests.length === 0 && <p class="hint">{w.noRequests}</p>}
          <ul class="tm-asked">
            {settings.requests.map(one => (
              <li key={one.id}>
                <MemberLine id={one.person} name={one.name} verified sub={occupation(one)}>
                  <time class="t13 muted" dateTime={one.at}>
                    {shortDay(dayOf(one.at))}
                  </time>
                </MemberLine>
                {one.reason && <bdi class="t14">{one.reason}</bdi>}
                <div class="row wrap">
                  <button
                    type="button"
                    class="btn main small"
                    disabled={busy}
                    onClick={() => void perform(w.accepted(one.name), answer(one.id, true))}
                  >
                    {w.accept}
                  </button>
                  <button type="button" class="btn line small" disabled={busy} onClick={() => setRefusing(one)}>
                    {w.refuse}
                  </button>
                  <Block person={one.person} name={one.name} class="small" />
                </div>
              </li>
            ))}
          </ul>
          {settings.requests.length > 0 && <p class="hint">{w.refuseNote}</p>}
        </div>
      </section>
      <section class="card tm-blk" aria-label={w.sentTitle}>
        <h2>{w.sentTitle}</h2>
        <div class="tm-in">
          {sent.length === 0 && <p class="hint">{w.noneSent}</p>}
          <ul class="tm-asked">
            {sent.map(one => (
              <li key={one.id}>
                <MemberLine id={one.person} name={one.name} verified sub={occupation(one)}>
                  {one.state === "accepted" && (
                    <button type="button" class="btn main small" disabled={busy} onClick={() => void write(one.person)}>
                      {w.write}
                    </button>
                  )}
                </MemberLine>
                <Sent sent={one} />
              </li>
            ))}
          </ul>
        </div>
      </section>
      <section class="card tm-blk" aria-label={w.blocked}>
        <h2>{w.blocked}</h2>
        <div class="tm-in">
          {settings.blocked.length === 0 && <p class="hint">{w.nobody}</p>}
          {settings.blocked.map(one => (
            <MemberLine key={one.person} id={one.person} name={one.name} sub={shortDay(dayOf(one.at))}>
              <button
                type="button"
                class="btn line small"
                disabled={busy}
                onClick={() => void perform(w.unblocked(one.name), unblock(one.person))}
              >
                {w.unblock}
              </button>
            </MemberLine>
          ))}
        </div>
      </section>
      {refusing && (
        <Refusal
          asked={refusing}
          onClose={() => setRefusing(null)}
          onRefuse={tell => {
            setRefusing(null);
            void perform(w.refused, answer(refusing.id, false, tell));
          }}
        />
      )}
    </>
  );
}

interface RefusalProps {
  asked: ContactRequestView;
  onClose: () => void;
  onRefuse: (tell: boolean) => void;
}

/** Whether whoever asked is told of the refusal is for the one who refuses to say. */
function Refusal({ asked, onClose, onRefuse }: RefusalProps) {
  const w = contactWords.value;
  const [tell, setTell] = useState(false);
  return (
    <Dialog
      title={w.refuseTitle(asked.name)}
      onClose={onClose}
      onSubmit={() => onRefuse(tell)}
      footer={
        <>
          <button type="button" class="btn line" onClick={onClose}>
            {words.value.cancel}
          </button>
          <button type="submit" class="btn risk">
            {w.refuse}
          </button>
        </>
      }
    >
      <p>{w.refuseNote}</p>
      <label class="tm-check">
        <input type="checkbox" class="tm-box" checked={tell} onChange={event => setTell(event.currentTarget.checked)} />
        <span class="tm-what">{w.tell}</span>
      </label>
    </Dialog>
  );
}
