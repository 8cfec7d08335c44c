/** A native modal dialog, closed by Escape, by its close button, or by a click outside. */

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { words } from "../i18n";
import { Icon } from "./Icon";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  /** Two actions, the safe one first. */
  footer?: ComponentChildren;
  /** When given, body and footer are one form. */
  onSubmit?: () => void;
}

export function Dialog({ title, onClose, children, footer, onSubmit }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const before = document.activeElement;
    const dialog = box.current;
    if (dialog && !dialog.open) dialog.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const inside = (
    <>
      <div class="dlg-body">{children}</div>
      {footer && <footer class="dlg-foot">{footer}</footer>}
    </>
  );
  return (
    <dialog
      ref={box}
      aria-labelledby={heading}
      onCancel={event => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={event => {
        if (event.target === box.current) onClose();
      }}
    >
      <header class="dlg-head">
        <h2 id={heading}>{title}</h2>
        <button type="button" class="icon-btn" aria-label={words.value.close} onClick={onClose}>
          <Icon name="x" />
        </button>
      </header>
      {onSubmit ? (
        <form
          class="dlg-form"
          noValidate
          onSubmit={event => {
            event.preventDefault();
            onSubmit();
          }}
        >
          {inside}
        </form>
      ) : (
        inside
      )}
    </dialog>
  );
}
