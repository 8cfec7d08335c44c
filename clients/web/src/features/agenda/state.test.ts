/** Agendas, in a browser played by the test. */

import { effect } from "@preact/signals";
import { beforeEach, expect, test, vi } from "vitest";
import { AGENDA, agenda, END, START, settle, socket, start, stubBrowser, welcome } from "../../runtime/fakeBrowser";

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

test("what is booked while two answers are on their way is shown once both are there", async () => {
  await welcome();
  const day = agendas.day(AGENDA, "2026-12-01");
  const stop = effect(() => void day.value);
  await settle();
  await socket().answer("agenda.watch", { stream: `a:${AGENDA}`, head: 4 });
  const loaded = { agenda, head: 4, appointments: [], holds: [], openings: [], absences: [] };
  await socket().answer("agenda.day", loaded);
  const tell = (seq: number, type: string, data: object) =>
    socket().say({ method: "event", params: { stream: `a:${AGENDA}`, seq, at: START, type, data } });
  const appointment = (id: string) => ({ id, agenda: AGENDA, start: START, end: END, state: "booked" });
  tell(5, "appointment.booked", { start: START, end: END, appointment: appointment("first") });
  tell(6, "appointment.cancelled", {
    start: START,
    end: END,
    appointment: { ...appointment("first"), state: "cancelled" },
  });
  await settle();
  const [one, other] = socket().requests("agenda.day").slice(-2);
  tell(7, "appointment.booked", { start: START, end: END, appointment: appointment("second") });
  for (const asked of [one, other]) {
    socket().say({ id: asked!.id, result: { ...loaded, head: 6 } });
    await settle();
  }
  expect(day.value.appointments.map(shown => shown.id)).toEqual(["second"]);
  stop();
});
