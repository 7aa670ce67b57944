/** What the composer replies to or edits. */
import type { JSX } from "preact";
import type { ChatSession } from "../../state/chat_session.ts";
import { CLOSE } from "../close_icon.ts";
import { IconButton } from "../icons.tsx";

/** The message that is replied to or edited. */
export function Reference({ session }: { readonly session: ChatSession }): JSX.Element | null {
  const { replyTo, replaces } = session.draft.value;
  if (replyTo === undefined && replaces === undefined) return null;
  const row = session.reference;
  return (
    <div class="composer-reference">
      <span id="reference">
        {replaces === undefined ? "Reply to " : "Edit your message"}
        {replaces === undefined ? <strong>{row?.from ?? "an earlier message"}</strong> : null}
        {replaces === undefined ? " " : null}
        {replaces === undefined ? <bdi>{row?.text}</bdi> : null}
      </span>
      <IconButton
        name={CLOSE}
        label={replaces === undefined ? "Do not reply" : "Do not edit"}
        onClick={() => session.dropReference()}
      />
    </div>
  );
}
