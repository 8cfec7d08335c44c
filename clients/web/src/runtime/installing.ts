/** Installing the application: where the browser offers it, and where a person does it by hand. */

import { signal } from "@preact/signals";

/** The event with which a browser says that the application can be installed (Chromium; in no standard's types). */
interface InstallPrompt extends Event {
  prompt(): Promise<{ outcome: "accepted" | "dismissed" }>;
}

const offered = signal<InstallPrompt | null>(null);

/** Listened to from the first script on: the browser says it once, soon after the page is there. */
export function listen(): void {
  addEventListener("beforeinstallprompt", event => {
    event.preventDefault(); // asked at the end of signing up, and from one's own page
    offered.value = event as InstallPrompt;
  });
  addEventListener("appinstalled", () => (offered.value = null));
}

/** How this browser installs it: by a question, by the share menu of iOS, or not at all (it is installed, or cannot be). */
export function way(): "ask" | "share" | null {
  if (offered.value) return "ask";
  if (matchMedia("(display-mode: standalone)").matches) return null;
  // An iPad says that it is a Mac, and has fingers.
  const isApple =
    /iPhone|iPad|iPod/.test(navigator.userAgent) || (/Mac/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
  return isApple ? "share" : null;
}

/** True when the person said yes. A question is asked once; the browser may offer another one later. */
export async function install(): Promise<boolean> {
  const prompt = offered.peek();
  offered.value = null;
  return prompt !== null && (await prompt.prompt()).outcome === "accepted";
}
