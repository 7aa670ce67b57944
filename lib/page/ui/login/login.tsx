/** The first thing that one sees: a name, one button, one sentence about the key; the rest is folded away. */
import { useState } from "preact/hooks";
import type { JSX } from "preact";
import type { App, LoginView } from "../../state/app.ts";
import { Field, Form } from "./login_form.tsx";
import type { FieldProps } from "./login_form.tsx";

export function Login({ app, view }: { readonly app: App; readonly view: LoginView }): JSX.Element {
  const [name, setName] = useState(view.name);
  const [passphrase, setPassphrase] = useState("");
  const [password, setPassword] = useState("");
  const [isWithPassphrase, setWithPassphrase] = useState<boolean>();
  // What was found out about a name holds for that one only.
  const isSameName = name.trim() === view.name;
  const problem = isSameName ? view.problem : "";
  const asksPassphrase = isWithPassphrase ?? (isSameName && view.asks === "passphrase");
  const isForeign = problem !== "" && view.asks === "passphrase";
  const addButton = (
    <button
      type="button"
      class={isForeign ? "plain-button" : "link-button"}
      onClick={() => app.askForCode(name.trim())}
    >
      {isForeign ? `Add this browser to ${view.name}` : "Add this browser to a name"}
    </button>
  );
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
        ? <SecretField label="Passphrase" value={passphrase} onValue={setPassphrase} of="current-password" />
        : null}
      {view.asks === "password"
        ? <SecretField label="Password of this server" value={password} onValue={setPassword} of="off" />
        : null}
      {problem === "" ? null : <p class="login-problem" role="alert">{problem}</p>}
      {isForeign ? addButton : null}
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
      {isForeign ? null : addButton}
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

function SecretField(
  { of, ...rest }: Pick<FieldProps, "label" | "value" | "onValue"> & {
    readonly of: FieldProps["autoComplete"];
  },
): JSX.Element {
  return <Field {...rest} autoComplete={of} isSecret isFirst />;
}
