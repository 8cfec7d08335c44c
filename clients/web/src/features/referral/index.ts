/** What other features show of referrals; small. The wizard is not. */

export { cardWords } from "./cardWords";
export type { HeldReferral, KeptReferral } from "./kept";
export { referral } from "./views";
