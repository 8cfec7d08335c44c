/** Moves the focus to the title of the screen: the button that led there is gone. */
export function focusTitle(): void {
  const title = document.querySelector<HTMLElement>("main h1");
  title?.setAttribute("tabindex", "-1");
  title?.focus();
}
