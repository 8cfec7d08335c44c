/** Who is here, in a browser played by the test. */

import { beforeEach, expect, test, vi } from "vitest";
import {
  FakeSocket,
  LIMITS,
  ME,
  settle,
  socket,
  start,
  stubBrowser,
  stubFetch,
  welcome,
} from "../../runtime/fakeBrowser";

let account: typeof import("./state");
let routes: typeof import("../../runtime/routes");
let conversations: typeof import("../conversations/state");

beforeEach(async () => {
  stubBrowser();
  conversations = await import("../conversations/state");
  ({ account, routes } = await start());
});

test("without a session it goes to sign-in, and from there to where the person was going", async () => {
  routes.go({ name: "agendas" });
  socket().onclose?.({ code: 4401 });
  expect(account.session.value).toEqual({ state: "signed-out" });
  expect(routes.route.value).toEqual({ name: "sign-in" });
  await account.signIn("aude@exemple.test", "secret");
  await welcome();
  expect(routes.route.value).toEqual({ name: "agendas" });
  expect(account.session.value).toMatchObject({ state: "signed-in", me: { id: ME } });
});

test("a wrong password is reported as one", async () => {
  socket().onclose?.({ code: 4401 });
  stubFetch({ ok: false, status: 400 });
  expect(await account.signIn("aude@exemple.test", "wrong")).toEqual({ ok: false, problem: { reason: "credentials" } });
  expect(account.session.value.state).toBe("signed-out");
});

test("a session left in this browser is ended before somebody signs in", async () => {
  socket().onclose?.({ code: 4401 });
  const statuses = [409, 401, 200];
  const told = vi.fn((_: string, __: RequestInit) =>
    Promise.resolve({ status: statuses[0], ok: statuses.shift() === 200 }),
  );
  vi.stubGlobal("fetch", told);
  expect(await account.signIn("aude@exemple.test", "secret")).toEqual({ ok: true });
  expect(told.mock.calls.map(([, request]) => request.method)).toEqual(["POST", "DELETE", "POST"]);
});

test("a session ended elsewhere is reported, and nothing of the person is left", async () => {
  await welcome();
  socket().onclose?.({ code: 4401 });
  expect(account.session.value).toEqual({ state: "signed-out", why: "ended" });
  expect(conversations.conversations.value).toMatchObject({ loaded: false, items: [] });
});

test("signed out without network, the server is told before anything else the next time", async () => {
  await welcome();
  const offline = vi.fn(() => Promise.reject(new TypeError("no network")));
  vi.stubGlobal("fetch", offline);
  await account.signOut();
  expect(account.session.value).toEqual({ state: "signed-out" });
  vi.resetModules();
  const told = stubFetch({ ok: false, status: 401 });
  const sockets = FakeSocket.opened.length;
  const reloaded = await start();
  await settle();
  expect(told.mock.calls[0]?.[1]).toMatchObject({ method: "DELETE" });
  expect(FakeSocket.opened).toHaveLength(sockets);
  expect(reloaded.account.session.value).toEqual({ state: "signed-out" });
  expect(localStorage.getItem("relais.leaving")).toBeNull();
});

test("a person who is not verified is told so, and nothing else is asked for", async () => {
  socket().onopen?.();
  const me = { id: ME, first_name: "Aude", verified: false };
  await socket().answer("hello", { me, limits: LIMITS, server_time: new Date().toISOString(), streams: [] });
  expect(account.session.value).toMatchObject({ state: "not-verified", me: { id: ME, first_name: "Aude" } });
  expect(socket().sent.map(frame => frame.method)).toEqual(["hello"]);
  socket().onclose?.({ code: 1012 });
  await vi.advanceTimersByTimeAsync(5_000);
  await welcome();
  expect(account.session.value).toMatchObject({ state: "signed-in" });
});

test("somebody just signed in sees nothing of the application before the server said who they are", async () => {
  socket().onclose?.({ code: 4401 });
  await account.signIn("aude@exemple.test", "secret");
  expect(account.session.value).toEqual({ state: "unknown" });
});

test("asking again says hello on a new socket", async () => {
  await welcome();
  const before = FakeSocket.opened.length;
  account.askAgain();
  expect(FakeSocket.opened).toHaveLength(before + 1);
});

test("a suspended person is signed out and told so, and nothing of theirs is left", async () => {
  await welcome();
  socket().onclose?.({ code: 4403 });
  expect(account.session.value).toEqual({ state: "signed-out", why: "suspended" });
  expect(conversations.conversations.value).toMatchObject({ loaded: false, items: [] });
  const errors = [{ code: "suspended", message: "No." }];
  const answer = { ok: false, status: 403, json: () => Promise.resolve({ errors }) };
  vi.stubGlobal(
    "fetch",
    vi.fn(() => Promise.resolve(answer)),
  );
  expect(await account.signIn("aude@exemple.test", "secret")).toEqual({ ok: false, problem: { reason: "suspended" } });
});
