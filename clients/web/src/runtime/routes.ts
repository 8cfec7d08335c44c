/** The route on the screen, kept in step with the address bar. No address says anything about a patient. */

import { type ReadonlySignal, signal } from "@preact/signals";

export type Route =
  | { name: "sign-in" }
  | { name: "sign-up" }
  | { name: "invitation" }
  | { name: "forgotten" }
  | { name: "new-password" }
  | { name: "activation" }
  | { name: "confirmed" }
  | { name: "verification" }
  | { name: "conversations" }
  | { name: "conversation"; id: string }
  | { name: "referral"; step: "search" | "slots" | "patient" }
  | { name: "referrals"; side: "made" | "received" }
  | { name: "one-referral"; id: string }
  | { name: "directory" }
  | { name: "agendas" }
  | { name: "agenda"; id: string; day: string }
  | { name: "me" }
  | { name: "team"; organisation: string | null; tab: TeamTab; person?: string }
  | { name: "moderation"; id: string | null }
  | { name: "claims" }
  | { name: "contacts" }
  | { name: "profile" }
  | { name: "security" }
  | { name: "not-found" };

/** The parts of what concerns an organisation. */
export type TeamTab = "members" | "settings" | "invitations" | "import" | "journal";

/** Pages with a path of their own and nothing else in it. What is secret in a link stands behind its #, which no server sees. */
const PLAIN = {
  connexion: "sign-in",
  inscription: "sign-up",
  invitation: "invitation",
  "mot-de-passe-oublie": "forgotten",
  "mot-de-passe": "new-password",
  activation: "activation",
  confirme: "confirmed",
  verification: "verification",
  annuaire: "directory",
} as const;
const MINE = { "": "me", contacts: "contacts", profil: "profile", securite: "security" } as const;
/** Screens for people who are not signed in, or whether they are or not. */
const OUTSIDE: ReadonlySet<Route["name"]> = new Set([
  "sign-in",
  "sign-up",
  "invitation",
  "forgotten",
  "new-password",
  "activation",
  "confirmed",
]);

export function isOutside(one: Route): boolean {
  return OUTSIDE.has(one.name);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const REFERRAL_STEPS = { "": "search", creneaux: "slots", patient: "patient" } as const;
const TEAM_TABS: Record<string, TeamTab> = {
  fiche: "settings",
  invitations: "invitations",
  import: "import",
  journal: "journal",
};
const REFERRAL_PATHS = { search: "", slots: "/creneaux", patient: "/patient" } as const;

export function parse(path: string): Route {
  const [first = "", second = "", third = "", ...rest] = path.split("/").slice(1);
  if (rest.length) return { name: "not-found" };
  if (first === "discussions" && UUID.test(second) && !third) return { name: "conversation", id: second };
  if (first === "agenda" && UUID.test(second) && DAY.test(third)) return { name: "agenda", id: second, day: third };
  if (first === "adressages" && !third) return referrals(second);
  if (first === "equipe") return team(second, third);
  if (first === "verifications" && second === "organisations" && !third) return { name: "claims" };
  if (first === "verifications" && !third && (!second || UUID.test(second)))
    return { name: "moderation", id: second || null };
  if (third) return { name: "not-found" };
  if (first === "adressage" && second in REFERRAL_STEPS) {
    return { name: "referral", step: REFERRAL_STEPS[second as keyof typeof REFERRAL_STEPS] };
  }
  if (first === "moi" && second in MINE) return { name: MINE[second as keyof typeof MINE] };
  if (second) return { name: "not-found" };
  if (first === "" || first === "discussions") return { name: "conversations" };
  if (Object.hasOwn(PLAIN, first)) return { name: PLAIN[first as keyof typeof PLAIN] };
  if (first === "agenda") return { name: "agendas" };
  return { name: "not-found" };
}

function referrals(side: string): Route {
  if (UUID.test(side)) return { name: "one-referral", id: side };
  if (side === "") return { name: "referrals", side: "made" };
  return side === "recus" ? { name: "referrals", side: "received" } : { name: "not-found" };
}

function team(organisation: string, what: string): Route {
  if (!organisation) return { name: "team", organisation: null, tab: "members" };
  if (!UUID.test(organisation)) return { name: "not-found" };
  if (!what) return { name: "team", organisation, tab: "members" };
  if (UUID.test(what)) return { name: "team", organisation, tab: "members", person: what };
  const tab = Object.hasOwn(TEAM_TABS, what) ? TEAM_TABS[what] : undefined;
  return tab ? { name: "team", organisation, tab } : { name: "not-found" };
}

export function href(to: Route): string {
  switch (to.name) {
    case "conversations":
      return "/discussions";
    case "conversation":
      return `/discussions/${to.id}`;
    case "referral":
      return `/adressage${REFERRAL_PATHS[to.step]}`;
    case "referrals":
      return to.side === "made" ? "/adressages" : "/adressages/recus";
    case "one-referral":
      return `/adressages/${to.id}`;
    case "agendas":
      return "/agenda";
    case "agenda":
      return `/agenda/${to.id}/${to.day}`;
    case "team": {
      const tab = Object.keys(TEAM_TABS).find(path => TEAM_TABS[path] === to.tab);
      return ["/equipe", to.organisation, to.person ?? tab].filter(Boolean).join("/");
    }
    case "moderation":
      return to.id === null ? "/verifications" : `/verifications/${to.id}`;
    case "claims":
      return "/verifications/organisations";
    case "me":
    case "contacts":
    case "profile":
    case "security":
      return `/moi/${pathOf(MINE, to.name)}`.replace(/\/$/, "");
    case "not-found":
      return "/";
    default:
      return `/${pathOf(PLAIN, to.name)}`;
  }
}

function pathOf(pages: Record<string, string>, name: string): string {
  return Object.entries(pages).find(([, known]) => known === name)?.[0] ?? "";
}

const current = signal<Route>(parse(location.pathname));

export const route: ReadonlySignal<Route> = current;

export function go(to: Route, options: { replace?: boolean } = {}): void {
  const path = href(to);
  if (path !== location.pathname) {
    if (options.replace) history.replaceState(null, "", path);
    else history.pushState(null, "", path);
  }
  current.value = to;
}

/** Follows the back button, and turns plain clicks on links to our own pages into `go`. */
export function listen(): void {
  addEventListener("popstate", () => (current.value = parse(location.pathname)));
  document.addEventListener("click", event => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
      return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin || link.hash) return;
    const to = parse(link.pathname);
    if (to.name === "not-found") return;
    event.preventDefault();
    go(to);
  });
}
