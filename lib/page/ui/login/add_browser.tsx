/** Forms about the keys of this browser: one more for a name that another device has, and one less. */
import { useState } from "preact/hooks";
import type { JSX } from "preact";
import type { AdditionView, App, RemovalView } from "../../state/app.ts";
import { addBrowser, forgetName } from "../../state/late/key_addition.ts";
import { Field, Form } from "./login_form.tsx";

const BROKEN_LINK =
  "The link is not whole. Ask for another one, or type the name and the code that came with it.";

/** Asks for a name and a code; with a link that has both, whether it is meant. */
export function AddBrowser({ app, view }: { readonly app: App; readonly view: AdditionView }): JSX.Element {
  const [name, setName] = useState(view.name);
  const [code, setCode] = useState(view.code);
  const [isBusy, setBusy] = useState(false);
  const isLink = view.origin === "link";
  const problem = view.origin === "broken_link" ? BROKEN_LINK : view.problem;
  const action = isLink ? `Add this browser to ${view.name}` : "Add this browser";
  const add = () => {
    setBusy(true);
    void addBrowser(app, { name: name.trim(), code });
  };
  return (
    <Form host={view.host} onSubmit={add}>
      {isLink ? <p>A link adds this browser to the name {view.name}. Go on if you made it yourself.</p> : (
        <>
          <p class="quiet">
            On a device that has the name, run <code>chatterbox key share</code>
          </p>
          <Field label="Your name" value={name} onValue={setName} autoComplete="username" isFirst />
          <Field label="Code" value={code} onValue={setCode} autoComplete="one-time-code" />
        </>
      )}
      {problem === "" ? null : <p class="login-problem" role="alert">{problem}</p>}
      <button type="submit" class="main-button" disabled={isBusy} autofocus={isLink}>
        {isBusy ? "Connecting…" : action}
      </button>
      <button type="button" class="link-button" onClick={() => void app.start()}>Cancel</button>
    </Form>
  );
}

/** Asks whether the key of a name is to be forgotten, and offers a copy of it. */
export function ForgetName({ app, view }: { readonly app: App; readonly view: RemovalView }): JSX.Element {
  const { name, host, key } = view;
  const [note, setNote] = useState("");
  const copy = () =>
    navigator.clipboard.writeText(key).then(
      () => setNote(`Copied. Keep it as safe as a password; chatterbox key import ${name} takes it.`),
      () => setNote("The browser does not let the page copy it."),
    );
  return (
    <Form host={host} onSubmit={() => void forgetName(app, name)}>
      <p class="login-problem">
        The key of {name}{" "}
        is in this browser. Unless it is somewhere else, too, the name and its direct messages are lost with
        it; drafts and unsent messages are forgotten as well.
      </p>
      <button type="button" class="plain-button" autofocus onClick={() => void copy()}>Copy the key</button>
      <p class="quiet" role="status">{note}</p>
      <button type="submit" class="main-button">Forget {name}</button>
      <button type="button" class="link-button" onClick={() => void app.ask({ name })}>Keep it</button>
    </Form>
  );
}
