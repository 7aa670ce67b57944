/** What the page shows, by its phase. */
import type { JSX } from "preact";
import type { App } from "../state/app.ts";
import { AddBrowser, ForgetName } from "./login/add_browser.tsx";
import { ChatView } from "./chat_view.tsx";
import { Logo } from "./icons.tsx";
import { Login } from "./login/login.tsx";

export function AppView({ app }: { readonly app: App }): JSX.Element {
  const phase = app.phase.value;
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
      return <AddBrowser key={phase.attempt} app={app} view={phase} />;
    case "removal":
      return <ForgetName app={app} view={phase} />;
    case "chat":
      return <ChatView session={phase.session} onLeave={() => void app.logOut()} />;
  }
}
