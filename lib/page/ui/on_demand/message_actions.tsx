/** What can be done with a message. */
import type { JSX } from "preact";
import { formatFragment } from "../../model/message_link.ts";
import type { MessageRow } from "../../model/row.ts";
import type { ChatSession } from "../../state/chat_session.ts";
import { copyText } from "../clipboard.ts";
import { IconButton } from "../icons.tsx";
import { ReactionPicker } from "./reaction_picker.tsx";

/** Pictures, as in `icons.tsx`. */
const REPLY = "M8 5 3.5 9.5 8 14M4 9.5h7.5c3 0 5 2 5 5.5";
const REMOVE = "M4 6h12M8 6V4h4v2M5.5 6l.7 10.5h7.6L14.5 6";
const EDIT = "M4 16l.8-3.4L13.5 4l2.5 2.5-8.6 8.7z";
const LINK =
  "M8.5 11.5a3 3 0 0 0 4.3 0l3-3a3 3 0 0 0-4.3-4.3l-1 1M11.5 8.5a3 3 0 0 0-4.3 0l-3 3a3 3 0 0 0 4.3 4.3l1-1";

interface Props {
  readonly row: MessageRow;
  readonly session: ChatSession;
  /** The emoji are shown. */
  readonly isPicking: boolean;
  /** Removing is asked for, and to be confirmed. */
  readonly isRemoving: boolean;
  readonly onPick: (isPicking: boolean) => void;
  readonly onRemoving: (isRemoving: boolean) => void;
}

export function MessageActions(props: Props): JSX.Element {
  const { row, session, isPicking, onPick } = props;
  return (
    <div class={isPicking ? "actions actions-open" : "actions"} role="group" aria-label="Actions">
      <IconButton name="smile" label="React" isPressed={isPicking} onClick={() => onPick(!isPicking)} />
      <IconButton name={REPLY} label="Reply" onClick={() => session.replyTo(row)} />
      <IconButton name="copy" label="Copy text" onClick={() => copyText(row.text)} />
      <IconButton name={LINK} label="Copy link" onClick={() => copyText(linkTo(session, row.id!))} />
      {session.canEdit(row) ? <OwnActions {...props} /> : null}
      {isPicking
        ? (
          <ReactionPicker
            verb="React with"
            onPick={(text) => {
              onPick(false);
              session.react(row, text);
            }}
            onClose={() => onPick(false)}
          />
        )
        : null}
    </div>
  );
}

function OwnActions({ row, session, isRemoving, onRemoving }: Props): JSX.Element {
  const remove = () => {
    onRemoving(false);
    session.remove(row);
  };
  /** The key that asks also confirms. */
  const handleKey = (event: KeyboardEvent) => {
    if (event.key === "Delete" && !event.repeat) remove();
    else if (event.key === "Escape") onRemoving(false);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <IconButton name={EDIT} label="Edit" onClick={() => session.startEdit(row)} />
      {isRemoving
        ? (
          <button
            type="button"
            class="actions-confirm"
            ref={focus}
            onMouseDown={keepFocus}
            onClick={remove}
            onKeyDown={handleKey}
            onBlur={() => onRemoving(false)}
          >
            Remove for all
          </button>
        )
        : <IconButton name={REMOVE} label="Remove" onClick={() => onRemoving(true)} />}
    </>
  );
}

function focus(button: HTMLButtonElement | null): void {
  button?.focus({ preventScroll: true });
}

/** Safari takes the focus from a button that is clicked. */
function keepFocus(event: Event): void {
  event.preventDefault();
}

/** The address of the message `id` of the open conversation, for those who are in it. */
function linkTo({ current }: ChatSession, id: string): string {
  return location.origin + location.pathname + formatFragment({ where: current.value ?? "", id });
}
