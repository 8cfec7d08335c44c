/** Which other tabs are there, for the one that leads: those that follow ask it often whether it lives. Pure. */

import type { TabId } from "./messages";

/** A tab that is silent for longer than this, in milliseconds, may be gone. One in the background may just be slow. */
const SILENT_AFTER = 1_200;

export class Presence {
  private readonly heard = new Map<TabId, number>();

  /** When `missed` is due; null while no other tab is known. */
  get due(): number | null {
    return this.heard.size ? Math.min(...this.heard.values()) + SILENT_AFTER : null;
  }

  /** Whether a tab that says something is one that was not known to be there. */
  hear(tab: TabId, now: number): boolean {
    const isNew = !this.heard.has(tab);
    this.heard.set(tab, now);
    return isNew;
  }

  /** Whether the tab that says it goes was known. */
  leave(tab: TabId): boolean {
    return this.heard.delete(tab);
  }

  /** Whether a tab has been silent for too long. It is known no more until it is heard again. */
  missed(now: number): boolean {
    const silent = [...this.heard].filter(([, at]) => at + SILENT_AFTER <= now);
    for (const [tab] of silent) this.heard.delete(tab);
    return silent.length > 0;
  }

  forget(): void {
    this.heard.clear();
  }
}
