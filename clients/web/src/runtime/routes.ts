/** The route on the screen, kept in step with the address bar. No address says anything about a patient. */

import { type ReadonlySignal, signal } from "@preact/signals";

export type Route =
  | { name: "sign-in" }
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
  | { name: "not-found" };

/** The parts of what concerns an organisation. */
export type TeamTab = "members" | "settings";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const REFERRAL_STEPS = { "": "search", creneaux: "slots", patient: "patient" } as const;
const TEAM_TABS: Record<string, TeamTab> = {
  fiche: "settings",
};
const REFERRAL_PATHS = { search: "", slots: "/creneaux", patient: "/patient" } as const;

export function parse(path: string): Route {
  const [first = "", second = "", third = "", ...rest] = path.split("/").slice(1);
  if (rest.length) return { name: "not-found" };
  if (first === "discussions" && UUID.test(second) && !third) return { name: "conversation", id: second };
  if (first === "agenda" && UUID.test(second) && DAY.test(third)) return { name: "agenda", id: second, day: third };
  if (first === "adressages" && !third) return referrals(second);
  if (first === "equipe") return team(second, third);
  if (third) return { name: "not-found" };
  if (first === "adressage" && second in REFERRAL_STEPS) {
    return { name: "referral", step: REFERRAL_STEPS[second as keyof typeof REFERRAL_STEPS] };
  }
  if (second) return { name: "not-found" };
  if (first === "" || first === "discussions") return { name: "conversations" };
  if (first === "connexion") return { name: "sign-in" };
  if (first === "annuaire") return { name: "directory" };
  if (first === "agenda") return { name: "agendas" };
  if (first === "moi") return { name: "me" };
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
    case "sign-in":
      return "/connexion";
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
    case "directory":
      return "/annuaire";
    case "agendas":
      return "/agenda";
    case "agenda":
      return `/agenda/${to.id}/${to.day}`;
    case "me":
      return "/moi";
    case "team": {
      const tab = Object.keys(TEAM_TABS).find(path => TEAM_TABS[path] === to.tab);
      return ["/equipe", to.organisation, to.person ?? tab].filter(Boolean).join("/");
    }
    case "not-found":
      return "/";
  }
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
