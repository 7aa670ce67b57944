/** Ways from where one reads to another place: to what is new, and to the newest message. */
import type { JSX } from "preact";
import type { RowList } from "../../model/row.ts";
import type { ChatSession } from "../../state/chat_session.ts";
import { formatClock } from "../../state/time_text.ts";
import { IconButton } from "../icons.tsx";

/** Path of the picture on the button: an arrow to the end. */
const DOWN = "M10 4v11M5 10.5l5 5 5-5";

interface Props {
  readonly session: ChatSession;
  readonly rows: RowList;
  /** The newest message is seen. */
  readonly isAtEnd: boolean;
  /** What is new begins above what is seen. */
  readonly isUnreadAbove: boolean;
  readonly onEnd: () => void;
  readonly onUnread: () => void;
}

export function Places({ session, rows, isAtEnd, isUnreadAbove, onEnd, onUnread }: Props): JSX.Element {
  const { unreadIndex } = rows;
  const unread = unreadIndex === undefined ? undefined : rows.at(unreadIndex);
  return (
    <>
      {isUnreadAbove && unread?.kind === "unread"
        ? (
          <button type="button" class="place place-top" onClick={onUnread}>
            ↑ {unread.count} new since {formatClock(unread.time)}
          </button>
        )
        : null}
      {isAtEnd ? null : (
        <div class="place place-end">
          {session.target.value === undefined ? null : <span>You are reading earlier messages</span>}
          <IconButton name={DOWN} label="To the newest message" className="list-end" onClick={onEnd} />
        </div>
      )}
    </>
  );
}
