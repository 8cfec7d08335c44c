/** The keyboard’s shortcuts, in English: the keys of the French. */

import type { fr } from "./shortcutWords.fr";

export const en: typeof fr = {
  title: "Keyboard shortcuts",
  list: [
    ["/", "Search"],
    ["Ctrl K", "Search"],
    ["Alt 1 … 6", "Change section"],
    ["N", "New conversation"],
    ["↑ ↓", "Go through a list"],
    ["Enter", "Open, send"],
    ["Shift Enter", "New line"],
    ["R", "Reply to the chosen message"],
    ["E", "Edit one’s own chosen message"],
    ["Delete", "Delete one’s own chosen message"],
    ["Ctrl Z", "Undo the message that was just sent"],
    ["Esc", "Go back, close"],
    ["?", "This help"],
  ],
};
