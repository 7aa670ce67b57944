/** Where one types: grows with the text, keeps a draft for each conversation, and says what waits. */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { JSX } from "preact";
import type { ChatSession } from "../state/chat_session.ts";
import { findCommandHints } from "../state/page_commands.ts";
import { Icon, IconButton } from "./icons.tsx";

/** Of the height of the window. */
const MAX_HEIGHT_SHARE = 0.4;

export function Composer(
  { session, name }: { readonly session: ChatSession; readonly name: string },
): JSX.Element {
  const area = useRef<HTMLTextAreaElement>(null);
  const { text, replyTo, replaces } = session.draft.value;
  const send = () => session.submit();
  useLayoutEffect(() => resize(area.current!), [text]);
  useEffect(() => {
    const onResize = () => resize(area.current!);
    addEventListener("resize", onResize);
    return () => removeEventListener("resize", onResize);
  }, []);
  useLayoutEffect(() => {
    if (hasKeyboard()) area.current!.focus();
  }, [name, replyTo, replaces]);
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Waiting session={session} />
      <Reference session={session} />
      <Hints text={text} />
      <div class="composer-box">
        <textarea
          ref={area}
          rows={1}
          dir="auto"
          value={text}
          placeholder={`Message ${name}`}
          aria-label={`Message to ${name}`}
          aria-describedby="reference"
          onInput={(event) => session.setText(event.currentTarget.value)}
          onKeyDown={(event) => handleKey(event, session, send)}
        />
        <button
          type="submit"
          class="send-button"
          aria-label="Send"
          title="Send"
          disabled={text.trim() === ""}
        >
          <Icon name="send" />
        </button>
      </div>
      <p class="composer-typing">{describeTyping(session.typing.value)}</p>
    </form>
  );
}

/** The commands that what is typed may become. */
function Hints({ text }: { readonly text: string }): JSX.Element | null {
  const hints = findCommandHints(text);
  if (hints.length === 0) return null;
  return (
    <dl class="composer-hints">
      {hints.map(({ usage, summary }) => (
        <div key={usage}>
          <dt>{usage}</dt>
          <dd>{summary}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The message that is replied to or edited. */
function Reference({ session }: { readonly session: ChatSession }): JSX.Element | null {
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
        name="close"
        label={replaces === undefined ? "Do not reply" : "Do not edit"}
        onClick={() => session.dropReference()}
      />
    </div>
  );
}

/** `alice and bob are typing`. */
function describeTyping(names: readonly string[]): string {
  if (names.length === 0) return "";
  if (names.length === 1) return `${names[0]} is typing…`;
  return names.length === 2
    ? `${names[0]} and ${names[1]} are typing…`
    : `${names.length} people are typing…`;
}

/** What is typed without a connection. */
function Waiting({ session }: { readonly session: ChatSession }): JSX.Element | null {
  const count = session.unsentCount.value;
  if (session.status.value.kind === "live") return null;
  return (
    <p class="composer-waiting" role="status">
      {count === 0
        ? "Offline. What you send is kept."
        : `Offline. ${count} kept; sent when the connection is back.`}
    </p>
  );
}

function handleKey(event: KeyboardEvent, session: ChatSession, send: () => void): void {
  const area = event.currentTarget as HTMLTextAreaElement;
  if (event.isComposing) return;
  const sends = session.preferences.enterSends ?? hasKeyboard();
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey || sends && !event.shiftKey)) send();
  else if (event.key === "Escape" && session.reference !== undefined) session.dropReference();
  else if (event.key === "ArrowUp" && area.value === "") focusLastMessage();
  else return;
  event.preventDefault();
}

/** On a phone Enter breaks the line: there is a button. */
export function hasKeyboard(): boolean {
  return matchMedia("(hover: hover)").matches;
}

function focusLastMessage(): void {
  Array.from(document.querySelectorAll<HTMLElement>(".scroller article")).at(-1)?.focus();
}

function resize(area: HTMLTextAreaElement): void {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight, innerHeight * MAX_HEIGHT_SHARE)}px`;
}
