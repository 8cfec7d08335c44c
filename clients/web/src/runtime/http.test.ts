import { afterEach, expect, test, vi } from "vitest";
import { ask, problemIn } from "./http";

function answering(...answers: Response[]) {
  const asked = vi.fn(() => Promise.resolve(answers.shift()!));
  vi.stubGlobal("fetch", asked);
  return asked;
}

afterEach(() => vi.unstubAllGlobals());

const interrupted = () => new Response("<h1>Bad Request</h1>", { status: 400 });
const found = () => Response.json({ status: 200, data: { request_options: {} } });

test("what is asked for while the session ends is asked for once more", async () => {
  const asked = answering(interrupted(), found());
  expect((await ask("GET", "/auth/webauthn/login")).status).toBe(200);
  expect(asked).toHaveBeenCalledTimes(2);
});

test("a second time is not tried, and a refusal in words is one", async () => {
  answering(interrupted(), interrupted());
  expect((await ask("GET", "/auth/session")).status).toBe(400);
  const asked = answering(Response.json({ status: 400, errors: [{ code: "wrong_code" }] }, { status: 400 }));
  expect((await ask("GET", "/auth/session")).errors).toEqual([{ code: "wrong_code" }]);
  expect(asked).toHaveBeenCalledTimes(1);
});

test("a new device that waits because strangers try passwords is told so", async () => {
  const refused = (code: string) =>
    Response.json({ status: 429, errors: [{ code }] }, { status: 429, headers: { "Retry-After": "900" } });
  answering(refused("new_device_waits"), refused("too_many_login_attempts"));
  const waits = { reason: "rate_limited", retryAfter: 900 };
  expect(problemIn(await ask("GET", "/auth/session"))).toEqual({ ...waits, bound: "new_device_waits" });
  expect(problemIn(await ask("GET", "/auth/session"))).toEqual(waits);
});
