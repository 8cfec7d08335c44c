import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** The title of a step, which has the focus when the step is reached. */
export function StepTitle({ children }: { children: ComponentChildren }) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  return (
    <h1 ref={title} tabIndex={-1}>
      {children}
    </h1>
  );
}
