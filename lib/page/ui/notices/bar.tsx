/** A bar above a conversation. */
import type { ComponentChildren, JSX } from "preact";

interface BarProps {
  readonly text: string;
  readonly className?: string;
  readonly children: ComponentChildren;
}

export function Bar({ text, className = "", children }: BarProps): JSX.Element {
  return (
    <div class={`notice ${className}`} role="status">
      <span>{text}</span>
      {children}
    </div>
  );
}
