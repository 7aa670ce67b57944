/** Asks whether to notify. */
import type { JSX } from "preact";
import type { ChatSession } from "../../state/chat_session.ts";
import { changePreferences } from "../../state/late/preference_change.ts";
import { Bar } from "../notices/bar.tsx";

export function NotifyQuestion({ session }: { readonly session: ChatSession }): JSX.Element | null {
  const { isUseful, permission } = session.notifier.value ?? {};
  const isAsked = isUseful?.value && permission?.value === "default" && session.preferences.notifies;
  if (!isAsked) return null;
  return (
    <Bar text="There were messages for you while you were elsewhere.">
      <button type="button" class="link-button" onClick={() => void session.notifier.value?.ask()}>
        Turn on notifications
      </button>
      <button
        type="button"
        class="link-button"
        onClick={() => changePreferences(session, { notifies: false })}
      >
        No, thanks
      </button>
    </Bar>
  );
}
