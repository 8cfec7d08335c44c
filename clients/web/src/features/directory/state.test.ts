/** The directory as one types, in a browser played by the test. */

import { beforeEach, expect, test, vi } from "vitest";
import { settle, socket, start, stubBrowser, welcome } from "../../runtime/fakeBrowser";

let directory: typeof import("./state");

beforeEach(async () => {
  stubBrowser();
  directory = await import("./state");
  await start();
});

const hit = { practitioner: { id: "practitioner", name: "Dr Yann Kerbrat" }, places: [], why: [] };

test("while typing, only the last query is sent, and only its answer is shown", async () => {
  await welcome();
  directory.search({ text: "bel" });
  await vi.advanceTimersByTimeAsync(200);
  const early = socket().asked("directory.search");
  directory.search({ text: "belk" });
  directory.search({ text: "belkhadra" });
  await vi.advanceTimersByTimeAsync(200);
  expect(socket().requests("directory.search")).toHaveLength(2);
  await socket().answer("directory.search", { hits: [hit], cursor: "next" });
  socket().say({ id: early.id, result: { hits: [] } });
  await settle();
  expect(directory.directory.value).toMatchObject({
    state: "done",
    hits: [hit],
    more: true,
    query: { text: "belkhadra" },
  });
  directory.search({ text: " " });
  expect(directory.directory.value).toMatchObject({ state: "idle", hits: [] });
});
