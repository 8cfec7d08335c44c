/** The one door between the screens and everything else. Booking, agendas and referrals have doors of their own, so
 * that they arrive with the screens that need them. */

import * as routes from "./routes";
import * as sessions from "./session";
import * as shell from "./shell";

export type * from "./types";
export { session, signIn, signOut, takeOver, reconnect } from "./session";
export { connection, serverNow } from "./shell";
export { route, go, href } from "./routes";
export { minute } from "./clock";
export {
  conversations,
  thread,
  typing,
  loadOlder,
  send,
  retry,
  discard,
  read,
  isTyping,
  draft,
  saveDraft,
  openDirect,
  openGroup,
  rename,
  addMember,
  removeMember,
  leave,
} from "./conversations";
export { directory, search, searchMore, findPeople } from "./directory";

/** Connects, and follows the address bar. Call it once, before the first screen. */
export function begin(): void {
  routes.listen();
  shell.listen();
  sessions.begin();
}
