/** Referrals made and received: import it from lazily loaded screens only. */

import type { ReadonlySignal } from "@preact/signals";
import type { ReferralList } from "./types";

/** Reading it makes the store load it; it follows `referral.booked` and `referral.cancelled` of the inbox. */
export declare function referrals(side: "made" | "received"): ReadonlySignal<ReferralList>;
export declare function moreReferrals(side: "made" | "received"): void;
