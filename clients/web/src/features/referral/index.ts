/** What other features show of referrals; small enough for the first screen. The wizard is not. */

export type { HeldReferral, KeptReferral } from "./kept";
export { ReferralCard } from "./ReferralCard";
export { referral } from "./views";
