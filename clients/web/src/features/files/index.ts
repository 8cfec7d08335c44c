/** Files as other features show them: their script is fetched when there are any. */

import { isReachable } from "../../runtime/runtime";
import { lazyScreen } from "../../ui/lazyScreen";

export const Attachments = lazyScreen(() => import("./Attachments"), isReachable, true);
