/** The pictures on buttons: lines of one colour, 20 pixels wide. */
import type { JSX } from "preact";

const PATHS = {
  menu: "M3 5.5h14M3 10h14M3 14.5h14",
  people:
    "M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 16.5c0-3 2.5-5 5.5-5s5.5 2 5.5 5M13 4a3 3 0 0 1 0 5.3M15 12c1.8.700 3 2.3 3 4.5",
  search: "M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12zM13.5 13.5 17.5 17.5",
  send: "M10 16V4.5M5 9.5l5-5 5 5",
  smile:
    "M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15zM6.8 11.8c.8 1.5 1.9 2.2 3.2 2.2s2.4-.7 3.2-2.2M7.5 8v.1M12.5 8v.1",
  copy: "M7 7h9.5v9.5H7zM13 7V3.5H3.5V13H7",
  plus: "M10 4v12M4 10h12",
  settings: "M3 6h6M14 6h3M11.5 3.5v5M3 14h3M11 14h6M8.5 11.5v5",
  leave: "M8 3.5H4.5v13H8M8.5 10h8M13 6.5l3.5 3.5-3.5 3.5",
} as const;

export type IconName = keyof typeof PATHS;

/** `name`: of the picture, or its path. */
export function Icon({ name }: { readonly name: IconName | `M${string}` }): JSX.Element {
  return (
    <svg
      class="icon"
      viewBox="0 0 20 20"
      width="20"
      height="20"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name as IconName] ?? name} />
    </svg>
  );
}

/** The sign of the program, as in icon.svg. */
export function Logo(): JSX.Element {
  return (
    <svg class="logo" viewBox="0 0 32 32" width="28" height="28" fill="currentColor" aria-hidden="true">
      <path d="M8 3h16a6 6 0 0 1 6 6v9a6 6 0 0 1-6 6h-8l-7 6v-6H8a6 6 0 0 1-6-6V9a6 6 0 0 1 6-6z" />
      <path stroke="var(--on-accent)" stroke-width="2.6" stroke-linecap="round" d="M9 11h14M9 16.5h9" />
    </svg>
  );
}

/** A button with a picture; `label` is its name for all who do not see that. */
export function IconButton(
  { name, label, onClick, isPressed, className = "" }: {
    readonly name: IconName | `M${string}`;
    readonly label: string;
    readonly onClick: () => void;
    readonly isPressed?: boolean;
    readonly className?: string;
  },
): JSX.Element {
  return (
    <button
      type="button"
      class={`icon-button ${className}`}
      aria-label={label}
      title={label}
      aria-pressed={isPressed}
      onClick={onClick}
    >
      <Icon name={name} />
    </button>
  );
}
