/** What the page shows, by its phase. */
import { useEffect } from "preact/hooks";
import type { JSX } from "preact";
import type { App } from "../state/app.ts";
import { ChatView } from "./chat_view.tsx";
import { Logo } from "./icons.tsx";
import { Login } from "./login/login.tsx";
import { Form } from "./login/login_form.tsx";
import { OnDemand } from "./on_demand/on_demand.tsx";
import { loadWhenIdle } from "./on_demand/loading.ts";
import type { SecondPart } from "./on_demand/loading.ts";

export function AppView({ app }: { readonly app: App }): JSX.Element {
  const phase = app.phase.value;
  useEffect(() => phase.kind === "login" ? loadWhenIdle() : undefined, [phase.kind]);
  switch (phase.kind) {
    case "starting":
    case "unusable":
      return (
        <main class="login" aria-busy={phase.kind === "starting"}>
          <div class="login-form">
            <h1>
              <Logo />
              ChatterBox
            </h1>
            {phase.kind === "starting" ? null : <p>{phase.text}</p>}
          </div>
        </main>
      );
    case "login":
      return <Login key={phase.attempt} app={app} view={phase} />;
    case "addition":
      return renderForm(
        phase.host,
        ({ AddBrowser }) => <AddBrowser key={phase.attempt} app={app} view={phase} />,
      );
    case "removal":
      return renderForm(phase.host, ({ ForgetName }) => <ForgetName app={app} view={phase} />);
    case "chat":
      return <ChatView session={phase.session} onLeave={() => void app.logOut()} />;
  }
}

/** A form that is loaded later. */
function renderForm(host: string, render: (part: SecondPart) => JSX.Element): JSX.Element {
  const renderPlace = (fault: JSX.Element | null) => (
    <Form host={host} onSubmit={() => location.reload()}>{fault}</Form>
  );
  return <OnDemand render={render} renderPlace={renderPlace} />;
}
