/** What features do when something happens on the connection. */

import type { StopReason } from "../engine/closures";
import type { Draft } from "../tabs/messages";
import type { AnyEvent } from "../wire/frame";
import type { Welcome } from "../wire/types";

export interface Listener {
  onWelcome?(welcome: Welcome): void;
  onEvent?(event: AnyEvent): void;
  /** The engine stopped by itself. */
  onEnd?(why: StopReason): void;
  /** The person lost access to a conversation. */
  onErase?(conversation: string): void;
  /** Drafts were found in storage. */
  onRestore?(drafts: Draft[]): void;
  /** Something was typed in another tab. */
  onDraft?(draft: Draft): void;
  /** Somebody signed in or out in another tab, or while this page was asleep. */
  onSession?(change: "in" | "out"): void;
  onReturn?(): void;
  /** What is known of the stream has to be loaded again. */
  onReset?(stream: string): void;
  /** Somebody signed out, or somebody else signed in: forget everything of the person before. */
  onClear?(): void;
}

export const listeners: Listener[] = [];

/** For as long as the page lives. */
export function addListener(listener: Listener): void {
  listeners.push(listener);
}
