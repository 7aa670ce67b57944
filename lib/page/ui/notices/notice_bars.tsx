/** Bars above a conversation: what the browser does not keep, and the question whether to notify. */
import type { JSX } from "preact";
import type { ChatSession } from "../../state/chat_session.ts";
import { Bar } from "./bar.tsx";
import { isMissed } from "../on_demand/loading.ts";
import { LOAD_FAULT, OnDemand } from "../on_demand/on_demand.tsx";

export function NoticeBars({ session }: { readonly session: ChatSession }): JSX.Element {
  const { storageFault } = session;
  return (
    <>
      {storageFault.value === "" ? null : (
        <Bar className="notice-fault" text={storageFault.value}>
          <button type="button" class="link-button" onClick={() => storageFault.value = ""}>Close</button>
        </Bar>
      )}
      {isMissed.value
        ? (
          <Bar className="notice-fault" text={LOAD_FAULT}>
            <button type="button" class="link-button" onClick={() => location.reload()}>Reload</button>
            <button type="button" class="link-button" onClick={() => isMissed.value = false}>Close</button>
          </Bar>
        )
        : null}
      <OnDemand
        render={({ NotifyQuestion }) => <NotifyQuestion session={session} />}
        isQuiet
      />
    </>
  );
}
