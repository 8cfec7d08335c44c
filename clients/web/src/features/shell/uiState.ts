/** What the shell and the screens of several features share: which dialog is open, where a referral begins. */

import { signal } from "@preact/signals";
import type { MemberView } from "../../wire/types";

/** The dialog for a new conversation is open; "case": at the case that is being written. */
export const newConversationOpen = signal<boolean | "case">(false);
/** The list of keyboard shortcuts is open. */
export const shortcutsOpen = signal(false);
/** The conversation from which the next referral begins, and to whom it goes, when that is chosen already. */
export const referFrom = signal<{ conversation: string; to?: MemberView } | null>(null);
