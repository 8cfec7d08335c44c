/** The one door between the screens and everything else. Booking, agendas and referrals have doors of their own, so
 * that they arrive with the screens that need them. */

import * as routes from "./routes";
import * as sessions from "./session";
import * as shell from "./shell";

export { minute } from "./clock";
export {
  addMember,
  conversations,
  discard,
  draft,
  isTyping,
  leave,
  loadOlder,
  openDirect,
  openGroup,
  read,
  removeMember,
  rename,
  retry,
  saveDraft,
  send,
  thread,
  typing,
} from "./conversations";
export { directory, findPeople, search, searchMore } from "./directory";
export { go, href, route } from "./routes";
export { reconnect, session, signIn, signOut, takeOver } from "./session";
export { connection, serverNow } from "./shell";
export type * from "./types";

/** Connects, and follows the address bar. Call it once, before the first screen. */
export function begin(): void {
  routes.listen();
  shell.listen();
  sessions.begin();
}
