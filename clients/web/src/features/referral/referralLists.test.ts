/** Lists of referrals, in a browser played by the test. */

import { beforeEach, expect, test } from "vitest";
import { settle, socket, start, stubBrowser, welcome } from "../../runtime/fakeBrowser";

let lists: typeof import("./referralLists");

beforeEach(async () => {
  stubBrowser();
  lists = await import("./referralLists");
  await start();
});

test("a page of referrals that could not be loaded can be asked for again", async () => {
  await welcome();
  expect(lists.referrals("made").value.state).toBe("loading");
  await settle();
  await socket().answer("referral.list", { referrals: [{ id: "one" }], cursor: "next" });
  lists.moreReferrals("made");
  await socket().refuse("referral.list", { incident: "a1" }, -32603);
  expect(lists.referrals("made").value).toMatchObject({ state: "failed", items: [{ id: "one" }] });
  lists.moreReferrals("made");
  await socket().answer("referral.list", { referrals: [{ id: "two" }] });
  expect(lists.referrals("made").value).toMatchObject({
    state: "ready",
    items: [{ id: "one" }, { id: "two" }],
    more: false,
  });
});
