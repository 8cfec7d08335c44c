import { expect, test } from "vitest";
import { type Answer, type Io, PIECE, upload } from "./tus";

const CONTENT = new Blob([new Uint8Array(PIECE * 2 + 5).map((_, at) => at % 251)]);
const FILE = { id: "0192", name: "Écho cardiaque.pdf", content: CONTENT };

/** A server that holds one upload. Each of `faults` is what it does with one request that carries bytes, in turn. */
function server(faults: ((body: Blob) => { taken: number; answer: Answer } | null)[] = []) {
  const received: Blob[] = [];
  const asked: string[] = [];
  const waited: number[] = [];
  const stop = new AbortController();
  const offset = () => received.reduce((sum, { size }) => sum + size, 0);
  const io: Io = {
    signal: stop.signal,
    onDurable: () => undefined,
    wait: async seconds => void waited.push(seconds),
    async request(method, path, headers, body) {
      asked.push(`${method} ${path}`);
      if (method === "POST") {
        expect(headers["Upload-Metadata"]).toBe("id MDE5Mg==,filename w4ljaG8gY2FyZGlhcXVlLnBkZg==");
        return { status: 201, offset: offset() };
      }
      if (Number(headers["Upload-Offset"]) !== offset())
        return { status: 409, offset: offset(), reason: "wrong_offset" };
      const fault = faults.shift()?.(body!);
      received.push(fault ? body!.slice(0, fault.taken) : body!);
      return fault ? fault.answer : { status: 204, offset: offset() };
    },
  };
  return { io, asked, waited, stop, content: () => new Blob(received).arrayBuffer() };
}

const cut = (taken: number) => () => ({ taken, answer: { status: 0, offset: null } });

test("a file goes up piece by piece, under the id that its sender chose", async () => {
  const { io, asked, waited, content } = server();
  expect(await upload(FILE, io)).toEqual({ is: "done" });
  expect(asked).toEqual(["POST /files/", "PATCH /files/0192", "PATCH /files/0192", "PATCH /files/0192"]);
  expect(await content()).toEqual(await CONTENT.arrayBuffer());
  expect(waited).toEqual([]);
});

test("after a cut it goes on from what had arrived, and nothing is sent twice", async () => {
  const { io, content, waited } = server([cut(3_000_001), cut(0), cut(PIECE)]);
  expect(await upload(FILE, io)).toEqual({ is: "done" });
  expect(await content()).toEqual(await CONTENT.arrayBuffer());
  // Longer while nothing arrives; anew once something has been asked with success.
  expect(waited).toEqual([1, 1, 1]);
});

test("when the last answer is lost, the file is there all the same", async () => {
  const { io, asked } = server([() => null, () => null, body => cut(body.size)()]);
  expect(await upload(FILE, io)).toEqual({ is: "done" });
  expect(asked.at(-1)).toBe("POST /files/");
});

test("it waits as long as the server says, and no longer than half a minute by itself", async () => {
  const { io, waited } = server();
  const { request } = io;
  const answers: Answer[] = [
    { status: 503, offset: null, reason: "unavailable", retryAfter: 7 },
    ...Array.from({ length: 7 }, () => ({ status: 0, offset: null })),
  ];
  io.request = async (...given) => answers.shift() ?? request(...given);
  expect(await upload(FILE, io)).toEqual({ is: "done" });
  expect(waited).toEqual([7, 2, 4, 8, 16, 30, 30, 30]);
});

test.each([
  [{ status: 413, offset: null, reason: "too_large" }, "too_large"],
  [{ status: 409, offset: null, reason: "too_many_files" }, "too_many_files"],
  [{ status: 409, offset: null, reason: "id_taken" }, "gone"],
  [{ status: 404, offset: null, reason: "not_found" }, "gone"],
] as const)("what no attempt can change ends it: %j", async (answer, why) => {
  const { io, waited } = server();
  io.request = async () => ({ ...answer });
  expect(await upload(FILE, io)).toEqual({ is: "refused", why });
  expect(waited).toEqual([]);
});

test("stopped, it asks for nothing more", async () => {
  const { io, asked, stop } = server([
    () => {
      stop.abort();
      return { taken: 10, answer: { status: 0, offset: null } };
    },
  ]);
  expect(await upload(FILE, io)).toEqual({ is: "stopped" });
  expect(asked).toHaveLength(2);
});
