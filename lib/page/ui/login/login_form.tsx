/** What the forms in front of the chat are made of. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { ComponentChildren, JSX, TargetedInputEvent } from "preact";
import { Logo } from "../icons.tsx";

interface FormProps {
  /** The server, as in the address of the page. */
  readonly host: string;
  readonly onSubmit: () => void;
  readonly children: ComponentChildren;
}

export function Form({ host, onSubmit, children }: FormProps): JSX.Element {
  const form = useRef<HTMLFormElement>(null);
  // Browsers heed the attribute in the first form of a document only.
  useLayoutEffect(() => form.current?.querySelector<HTMLElement>("[autofocus]")?.focus(), []);
  return (
    <main class="login">
      <form
        ref={form}
        class="login-form"
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        <h1>
          <Logo />
          ChatterBox <span>{host}</span>
        </h1>
        {children}
      </form>
    </main>
  );
}

export interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly autoComplete: "username" | "current-password" | "one-time-code" | "off";
  readonly isSecret?: boolean;
  /** It has the focus at first. */
  readonly isFirst?: boolean;
}

export function Field({ label, value, onValue, autoComplete, isSecret, isFirst }: FieldProps): JSX.Element {
  const rest = {
    value,
    required: true,
    autoComplete,
    autoCapitalize: "off",
    spellcheck: false,
    autofocus: isFirst === true,
    onInput: (event: TargetedInputEvent<HTMLInputElement>) => onValue(event.currentTarget.value),
  } as const;
  return (
    <label class="field">
      <span>{label}</span>
      {isSecret ? <input type="password" {...rest} /> : <input type="text" {...rest} />}
    </label>
  );
}
