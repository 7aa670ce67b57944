/** The first thing that one sees: a name, one button, one sentence about the key; the rest is folded away. */
import { useLayoutEffect, useState } from "preact/hooks";
import type { JSX, TargetedInputEvent } from "preact";
import type { App, LoginView } from "../state/app.ts";
import { Logo } from "./icons.tsx";

export function Login({ app, view }: { readonly app: App; readonly view: LoginView }): JSX.Element {
  const [name, setName] = useState(view.name);
  const [passphrase, setPassphrase] = useState("");
  const [password, setPassword] = useState("");
  const [isWithPassphrase, setWithPassphrase] = useState(false);
  const asksPassphrase = isWithPassphrase || view.asks === "passphrase";
  // A browser heeds autofocus only while it loads a page.
  useLayoutEffect(() => document.querySelector<HTMLElement>("[autofocus]")?.focus(), []);
  return (
    <main class="login">
      <form
        class="login-form"
        onSubmit={(event) => {
          event.preventDefault();
          void app.logIn({ name: name.trim(), passphrase: asksPassphrase ? passphrase : "", password });
        }}
      >
        <h1>
          <Logo />
          ChatterBox <span>{view.host}</span>
        </h1>
        <Field
          label="Your name"
          value={name}
          onValue={setName}
          autoComplete="username"
          isFirst={view.asks === "name"}
        />
        {asksPassphrase
          ? (
            <Field
              label="Passphrase"
              value={passphrase}
              onValue={setPassphrase}
              isSecret
              autoComplete="current-password"
              isFirst
            />
          )
          : null}
        {view.asks === "password"
          ? (
            <Field
              label="Password of this server"
              value={password}
              onValue={setPassword}
              isSecret
              autoComplete="off"
              isFirst
            />
          )
          : null}
        {view.problem === "" ? null : <p class="login-problem" role="alert">{view.problem}</p>}
        <button type="submit" class="main-button" disabled={view.isBusy}>
          {view.isBusy ? "Connecting…" : "Enter"}
        </button>
        <p class="quiet">
          {asksPassphrase
            ? "The passphrase proves that the name is yours; the server never sees it."
            : "This browser makes a key and keeps it, so that the name stays yours."}
        </p>
        <button type="button" class="link-button" onClick={() => setWithPassphrase(!asksPassphrase)}>
          {asksPassphrase ? "Use a key instead" : "Use a passphrase instead"}
        </button>
      </form>
    </main>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly autoComplete: "username" | "current-password" | "off";
  readonly isSecret?: boolean;
  /** It has the focus at first. */
  readonly isFirst?: boolean;
}

function Field({ label, value, onValue, autoComplete, isSecret, isFirst }: FieldProps): JSX.Element {
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
