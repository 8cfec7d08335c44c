import { expect, test, vi } from "vitest";
import { stubBrowser } from "../../runtime/fakeBrowser";

stubBrowser();
const { lookAgainIn } = await import("./state");
vi.useRealTimers();

test.each([
  [{ state: "pending" as const, may_retry: false }, 5_000],
  [{ state: "awaiting_person" as const, may_retry: false, url: "https://relais.example/x" }, 5_000],
  [{ state: "awaiting_person" as const, may_retry: true }, null],
  [{ state: "in_review" as const, may_retry: false }, 30_000],
  [{ state: "refused" as const, may_retry: true }, null],
  [{ state: "verified" as const, may_retry: false }, null],
])("%j is looked at again in %j ms", (view, wait) => {
  expect(lookAgainIn(view)).toBe(wait);
});
