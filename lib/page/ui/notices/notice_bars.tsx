/** Bars above a conversation: what the browser does not keep, and the question whether to notify. */
import type { ComponentChildren, JSX } from "preact";
import type { ChatSession } from "../../state/chat_session.ts";
import { isMissed } from "../on_demand/loading.ts";
import { LOAD_FAULT } from "../on_demand/on_demand.tsx";

export function NoticeBars({ session }: { readonly session: ChatSession }): JSX.Element {
  const { notifier, storageFault, preferences } = session;
  const isAsking = notifier.isUseful.value && notifier.permission.value === "default" && preferences.notifies;
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
      {isAsking
        ? (
          <Bar text="There were messages for you while you were elsewhere.">
            <button type="button" class="link-button" onClick={() => void notifier.ask()}>
              Turn on notifications
            </button>
            <button
              type="button"
              class="link-button"
              onClick={() => session.changePreferences({ notifies: false })}
            >
              No, thanks
            </button>
          </Bar>
        )
        : null}
    </>
  );
}

interface BarProps {
  readonly text: string;
  readonly className?: string;
  readonly children: ComponentChildren;
}

function Bar({ text, className = "", children }: BarProps): JSX.Element {
  return (
    <div class={`notice ${className}`} role="status">
      <span>{text}</span>
      {children}
    </div>
  );
}
