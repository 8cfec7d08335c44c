import { isReachable } from "../../runtime/runtime";
import { lazyScreen } from "../../ui/lazyScreen";

export const ProposeLock = lazyScreen(() => import("./ProposeLock"), isReachable, true);
