import { expect, test, vi } from "vitest";
import type { Route } from "./routes";

vi.stubGlobal("location", { pathname: "/" });
const { href, parse } = await import("./routes");

const ID = "0193a000-0000-7000-8000-0000000000c3";

test.each<Route>([
  { name: "sign-in" },
  { name: "conversations" },
  { name: "conversation", id: ID },
  { name: "referral", step: "search" },
  { name: "referral", step: "slots" },
  { name: "referral", step: "patient" },
  { name: "one-referral", id: ID },
  { name: "referrals", side: "made" },
  { name: "referrals", side: "received" },
  { name: "directory" },
  { name: "agendas" },
  { name: "agenda", id: ID, day: "2026-12-01" },
  { name: "me" },
  { name: "profile" },
  { name: "security" },
  { name: "sign-up" },
  { name: "invitation" },
  { name: "activation" },
  { name: "forgotten" },
  { name: "new-password" },
  { name: "verification" },
  { name: "contacts" },
  { name: "team", organisation: null, tab: "members" },
  { name: "team", organisation: ID, tab: "members" },
  { name: "team", organisation: ID, tab: "members", person: ID },
  { name: "team", organisation: ID, tab: "settings" },
  { name: "team", organisation: ID, tab: "invitations" },
  { name: "team", organisation: ID, tab: "import" },
  { name: "team", organisation: ID, tab: "journal" },
  { name: "moderation", id: null },
  { name: "moderation", id: ID },
])("the address of %j leads back to it", route => {
  expect(parse(href(route))).toEqual(route);
});

test("the beginning is the conversations", () => {
  expect(parse("/")).toEqual({ name: "conversations" });
});

test.each([
  "/rien",
  "/discussions/12",
  `/discussions/${ID}/plus`,
  "/adressage/ailleurs",
  "/agenda/x/2026-12-01",
  "/moi/meme",
  "/equipe/12",
  `/equipe/${ID}/constructor`,
  `/verifications/${ID}/plus`,
  `/agenda/${ID}/2026-12-01/plus`,
])("%s is no address", path => expect(parse(path)).toEqual({ name: "not-found" }));
