/** Files as other features show them: their scripts are fetched when there are any, or nothing else is to be done. */

import { signal } from "@preact/signals";
import { isReachable } from "../../runtime/runtime";
import { lazyScreen } from "../../ui/lazyScreen";

export const Attachments = lazyScreen(() => import("./Attachments"), isReachable, true);
export const Attach = lazyScreen(() => import("./Attach"), isReachable, true);
export const Tray = lazyScreen(() => import("./Tray"), isReachable, true);
export const Documents = lazyScreen(() => import("./Documents"), isReachable, true);
export const PendingFiles = lazyScreen(() => import("./PendingFiles"), isReachable, true);

/** Ids of the files that cannot be sent: they stay where they were chosen. */
export const refusedFiles = signal<ReadonlySet<string>>(new Set());
