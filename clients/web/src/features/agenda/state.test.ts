/** Agendas, in a browser played by the test. */

import { beforeEach, expect, test, vi } from "vitest";
import { AGENDA, agenda, settle, socket, start, stubBrowser, welcome } from "../../runtime/fakeBrowser";

let agendas: typeof import("./state");

beforeEach(async () => {
  stubBrowser();
  agendas = await import("./state");
  await start();
});

test("agendas that could not be loaded are loaded again on reconnection and on request", async () => {
  await welcome();
  expect(agendas.agendas.value.state).toBe("loading");
  await settle();
  await socket().refuse("agenda.list", { incident: "a1" }, -32603);
  expect(agendas.agendas.value).toMatchObject({ state: "failed", problem: { reason: "internal" } });
  socket().onclose?.({ code: 1006 });
  await vi.advanceTimersByTimeAsync(30_000);
  await welcome();
  await socket().refuse("agenda.list", { incident: "a2" }, -32603);
  agendas.reloadAgendas();
  await socket().answer("agenda.list", { agendas: [agenda] });
  expect(agendas.agendas.value).toMatchObject({ state: "ready", items: [{ id: AGENDA }] });
});
