/** One row of a conversation. */
import type { JSX } from "preact";
import type { Row } from "../model/row.ts";
import type { ChatSession } from "../state/chat_session.ts";
import { MessageRowView } from "./message_row.tsx";

interface Props {
  readonly row: Row;
  readonly session: ChatSession;
  readonly isTarget: boolean;
}

export function RowView({ row, session, isTarget }: Props): JSX.Element {
  switch (row.kind) {
    case "message":
      return <MessageRowView row={row} session={session} isTarget={isTarget} />;
    case "day":
      return (
        <div class="rule rule-day" role="separator" aria-label={row.text} data-key={row.key}>
          <span>{row.text}</span>
        </div>
      );
    case "unread":
      return (
        <div class="rule rule-unread" role="separator" aria-label="New messages" data-key={row.key}>
          <span>{row.isAtLeast ? `${row.count} or more new` : `${row.count} new`}</span>
        </div>
      );
    case "gap":
      return (
        <p class={row.gap.count === undefined ? "event" : "event event-gap"} data-key={row.key}>
          {row.text} {/* What was lost in a crash is nowhere; the archive may have the rest. */}
          {row.gap.why === "restart" ? null : (
            <button
              type="button"
              class="link-button"
              onClick={() => void session.act(({ loadGap }) => void loadGap(session, row))}
            >
              Try to load them
            </button>
          )}
        </p>
      );
    case "presence":
      return <p class="event" data-key={row.key} title={row.details.join("\n")}>{row.text}</p>;
    case "event":
      return <p class={row.isAlarm ? "event event-alarm" : "event"} data-key={row.key}>{row.text}</p>;
  }
}
