/** Who is here, in a browser played by the test. */

import { beforeEach, expect, test, vi } from "vitest";
import { FakeSocket, ME, settle, socket, start, stubBrowser, stubFetch, welcome } from "../../runtime/fakeBrowser";

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
  expect(routes.route.value).toEqual({ name: "agendas" });
  await welcome();
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
  expect(await account.signIn("aude@exemple.test", "secret")).toEqual({ ok: true, value: undefined });
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

test("a person who is not verified is told so", () => {
  socket().onclose?.({ code: 4403 });
  expect(account.session.value).toEqual({ state: "not-verified", me: null });
});
