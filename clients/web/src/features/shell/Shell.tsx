/** The frame around every screen: sections at the left (rail) or below (tabs), connection notice, shortcuts. */

import { useSignalEffect } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { dayOf, words } from "../../i18n";
import { minute } from "../../runtime/clock";
import { holdsOf, keptForms } from "../../runtime/keptForms";
import type { Route } from "../../runtime/routes";
import { go, href, route } from "../../runtime/routes";
import { connection, isReachable, me, reconnect, takeOver } from "../../runtime/runtime";
import { announce } from "../../ui/announcer";
import { Icon, Logo } from "../../ui/Icon";
import type { IconName } from "../../ui/icons";
import { focusSearch, isTypingIn, onKeys } from "../../ui/keyboard";
import { fetchWhenIdle, lazyScreen } from "../../ui/lazyScreen";
import { Avatar } from "../../ui/members";
import { excerpt } from "../../ui/Text";
import { session } from "../account/state";
import { Discussions } from "../conversations";
import { conversations } from "../conversations/state";
import { conversationWords } from "../conversations/words";
import { newConversationOpen, shortcutsOpen } from "./uiState";
import { shellWords } from "./words";

const Referral = lazyScreen(() => import("../referral/Referral"), isReachable);
const Referrals = lazyScreen(() => import("../referral/Referrals"), isReachable);
const ReferralPage = lazyScreen(() => import("../referral/ReferralPage"), isReachable);
const HeldPills = lazyScreen(() => import("../referral/HeldPill"), isReachable, true);
const NewConversation = lazyScreen(() => import("../conversations/NewConversation"), isReachable, true);
const Shortcuts = lazyScreen(() => import("./Shortcuts"), isReachable, true);
const Agenda = lazyScreen(() => import("../agenda/Agenda"), isReachable);
const Directory = lazyScreen(() => import("../directory/Directory"), isReachable);
const Profile = lazyScreen(() => import("../profile/Profile"), isReachable);
const Security = lazyScreen(() => import("../security/Security"), isReachable);
const Team = lazyScreen(() => import("../team/Team"), isReachable);
const Invitations = lazyScreen(() => import("../invitations/Invitations"), isReachable);
const Import = lazyScreen(() => import("../invitations/Import"), isReachable);
const Journal = lazyScreen(() => import("../journal/Journal"), isReachable);
const Moderation = lazyScreen(() => import("../moderation/Moderation"), isReachable);
const Claims = lazyScreen(() => import("../moderation/Claims"), isReachable);
const Contacts = lazyScreen(() => import("../contacts/Contacts"), isReachable);
const Account = lazyScreen(() => import("../account/Account"), isReachable);

interface Section {
  name: "conversations" | "referral" | "agenda" | "directory" | "me" | "team";
  icon: IconName;
  to: Route;
  routes: Route["name"][];
}

const SECTIONS: Section[] = [
  { name: "conversations", icon: "chat", to: { name: "conversations" }, routes: ["conversations", "conversation"] },
  {
    name: "referral",
    icon: "refer",
    to: { name: "referral", step: "search" },
    routes: ["referral", "referrals", "one-referral"],
  },
  { name: "agenda", icon: "cal", to: { name: "agendas" }, routes: ["agendas", "agenda"] },
  { name: "directory", icon: "book", to: { name: "directory" }, routes: ["directory"] },
  { name: "me", icon: "user", to: { name: "me" }, routes: ["me", "profile", "security", "contacts"] },
  {
    name: "team",
    icon: "users",
    to: { name: "team", organisation: null, tab: "members" },
    routes: ["team", "moderation", "claims"],
  },
];
/** On a phone the team is under "me". */
const TABS = SECTIONS.filter(section => section.name !== "team");
/** At the end of the rail. */
const LAST: Section["name"][] = ["team", "me"];
const FIRST = TABS.filter(section => !LAST.includes(section.name));

export function Shell() {
  const now = route.value;
  const main = useRef<HTMLElement>(null);
  const section = SECTIONS.find(known => known.routes.includes(now.name))?.name;
  useShortcuts();
  useMessageAnnouncements();
  usePageTitle();
  useEffect(fetchWhenIdle, []);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) main.current?.focus();
    first.current = false;
  }, [section]);
  const bare =
    now.name === "conversation" ||
    (now.name === "team" && now.person !== undefined) ||
    (now.name === "referral" && (now.step === "slots" || now.step === "patient"));
  return (
    <>
      <a class="skip" href="#main">
        {shellWords.value.skip}
      </a>
      <div class={`app ${bare ? "no-tabs" : ""}`}>
        <Sections kind="rail" current={section} />
        <ConnectionNotice />
        <main id="main" ref={main} tabIndex={-1}>
          <Screen now={now} />
        </main>
        {(keptForms.value.some(form => form.until !== undefined) || holdsOf(me.value).length > 0) && <HeldPills />}
        <Sections kind="tabs" current={section} />
      </div>
      {newConversationOpen.value && <NewConversation />}
      {shortcutsOpen.value && <Shortcuts />}
    </>
  );
}

/** How many messages wait, and nothing about them: the title is seen by whoever sees the screen. */
function usePageTitle(): void {
  useSignalEffect(() => {
    const { unread } = conversations.value;
    const { name } = words.value;
    document.title = unread ? `(${unread}) ${name}` : name;
  });
  useEffect(
    () => () => {
      document.title = words.peek().name;
    },
    [],
  );
}

function Screen({ now }: { now: Route }) {
  switch (now.name) {
    case "conversation":
      return <Discussions id={now.id} />;
    case "referral":
      return <Referral />;
    case "referrals":
      return <Referrals side={now.side} />;
    case "one-referral":
      return <ReferralPage key={now.id} id={now.id} />;
    case "directory":
      return <Directory />;
    case "agendas":
      return <Agenda id={null} day={dayOf(minute.value)} />;
    case "agenda":
      return <Agenda id={now.id} day={now.day} />;
    case "me":
      return <Account />;
    case "profile":
      return <Profile />;
    case "security":
      return <Security />;

    case "team":
      return <TeamScreen now={now} />;
    case "moderation":
      return <Moderation id={now.id} />;
    case "claims":
      return <Claims />;
    case "contacts":
      return <Contacts />;
    case "not-found":
      return (
        <div class="empty">
          <h1>{shellWords.value.notFound}</h1>
          <a class="btn line" href={href({ name: "conversations" })}>
            {words.value.backHome}
          </a>
        </div>
      );
    default:
      return <Discussions id={null} />;
  }
}

function TeamScreen({ now }: { now: Extract<Route, { name: "team" }> }) {
  const { organisation, tab } = now;
  if (organisation === null || tab === "members" || tab === "settings") return <Team {...now} />;
  if (tab === "invitations") return <Invitations key={organisation} organisation={organisation} />;
  if (tab === "import") return <Import key={organisation} organisation={organisation} />;
  return <Journal key={organisation} organisation={organisation} />;
}

function Sections({ kind, current }: { kind: "rail" | "tabs"; current: Section["name"] | undefined }) {
  const w = shellWords.value.nav;
  const unread = conversations.value.unread;
  const here = session.value;
  const me = here.state === "signed-in" ? here.me : null;
  const shown = kind === "tabs" && current === "team" ? "me" : current;
  const link = (section: Section) => (
    <a key={section.name} href={href(section.to)} aria-current={section.name === shown ? "page" : undefined}>
      {section.name === "me" && kind === "rail" && me ? (
        <Avatar id={me.id} name={me.name} size="s" />
      ) : (
        <Icon name={section.icon} size="l" />
      )}
      <span>{w.sections[section.name]}</span>
      {section.name === "conversations" && unread > 0 && (
        <span class="count" role="img" aria-label={words.value.unread(unread)}>
          {unread > 99 ? "99+" : unread}
        </span>
      )}
    </a>
  );
  return (
    <nav class={kind} aria-label={w.label}>
      {kind === "rail" && <Logo />}
      {kind === "tabs" ? TABS.map(link) : FIRST.map(link)}
      {kind === "rail" && (
        <div class="end">
          {LAST.map(name => SECTIONS.find(section => section.name === name)).map(found => found && link(found))}
        </div>
      )}
    </nav>
  );
}

/** What is wrong with the connection, and what the person can do about it. */
function ConnectionNotice() {
  const w = shellWords.value.bar;
  const { state, elsewhere, waiting } = connection.value;
  if (elsewhere)
    return (
      <div class="notice" role="alert">
        <span class="grow">{w.elsewhere}</span>
        <button type="button" class="btn bare small" onClick={takeOver}>
          {w.takeOver}
        </button>
      </div>
    );
  const said = { offline: w.offline(waiting), away: w.away(waiting), connecting: w.connecting };
  const icons = { offline: "wifioff", away: "alert", connecting: "refresh" } as const;
  if (state !== "offline" && state !== "away" && state !== "connecting") return null;
  return (
    <div class={`notice ${state === "connecting" ? "late" : ""}`} role="status">
      <Icon name={icons[state]} size="s" />
      <span class="grow">{said[state]}</span>
      <button type="button" class="btn bare small" onClick={reconnect}>
        {w.now}
      </button>
    </div>
  );
}

/** Announces a new message: in full in the conversation on the screen, its author alone elsewhere. */
function useMessageAnnouncements(): void {
  const announced = useRef<Map<string, string> | null>(null);
  useSignalEffect(() => {
    const { loaded, items } = conversations.value;
    if (!loaded) return;
    const before = announced.current;
    announced.current = new Map(items.map(item => [item.id, item.last?.at ?? ""]));
    if (!before) return;
    const here = route.peek();
    for (const item of items) {
      const { last } = item;
      if (!last || last.mine || !last.author || last.at <= (before.get(item.id) ?? "")) continue;
      const open = here.name === "conversation" && here.id === item.id;
      const w = conversationWords.peek().list;
      announce(open ? w.newMessage(last.author.name, excerpt(last.body)) : w.inOther(last.author.name));
    }
  });
}

/** In a layout effect, so that keys work from the first frame on. */
function useShortcuts(): void {
  useLayoutEffect(() => {
    const onKey = onKeys((event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
      const section =
        event.altKey && !event.ctrlKey && /^[1-6]$/.test(event.key) ? SECTIONS[Number(event.key) - 1] : undefined;
      if (section) go(section.to);
      else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") search();
      else if (isTypingIn(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      else if (event.key === "/") search();
      else if (event.key === "?") shortcutsOpen.value = true;
      else if (event.key === "n" || event.key === "N") newConversationOpen.value = true;
      else return;
      event.preventDefault();
    });
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

function search(): void {
  if (focusSearch()) return;
  go({ name: "conversations" });
  requestAnimationFrame(focusSearch);
}
