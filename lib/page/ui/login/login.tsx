/** The first thing that one sees: a name, one button, one sentence about the key; the rest is folded away. */
import { useState } from "preact/hooks";
import type { JSX } from "preact";
import type { App, LoginView } from "../../state/app.ts";
import { Field, Form } from "./login_form.tsx";

export function Login({ app, view }: { readonly app: App; readonly view: LoginView }): JSX.Element {
  const [name, setName] = useState(view.name);
  const [passphrase, setPassphrase] = useState("");
  const [password, setPassword] = useState("");
  const [isWithPassphrase, setWithPassphrase] = useState(false);
  const asksPassphrase = isWithPassphrase || view.asks === "passphrase";
  return (
    <Form
      host={view.host}
      onSubmit={() =>
        void app.logIn({ name: name.trim(), passphrase: asksPassphrase ? passphrase : "", password })}
    >
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
      <button type="button" class="link-button" onClick={() => app.askForCode(name.trim())}>
        Add this browser to a name
      </button>
      {view.hasKey
        ? (
          <button type="button" class="link-button" onClick={() => void app.askToForget(view.name)}>
            Forget {view.name} on this browser
          </button>
        )
        : null}
    </Form>
  );
}
