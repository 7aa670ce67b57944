/** One message: an article with its text, its mark, its reactions, and what can be done with it. */
import { Component } from "preact";
import type { JSX } from "preact";
import type { MessageRow, ReactionGroup } from "../model/row.ts";
import type { ChatSession } from "../state/chat_session.ts";
import { segmentText } from "../model/text/text_segments.ts";
import { formatClock, formatFullTime } from "../state/time_text.ts";
import { MessageText } from "./message_text.tsx";
import { SendMark } from "./send_mark.tsx";
import { OnDemand } from "./on_demand/on_demand.tsx";

interface Props {
  readonly row: MessageRow;
  readonly session: ChatSession;
  /** The place that a search or a quote has led to. */
  readonly isTarget: boolean;
}

interface State {
  /** The pointer or the focus has been on the message: what can be done with it is in the document. */
  readonly isActive: boolean;
  /** The emoji are shown. */
  readonly isPicking: boolean;
  /** Removing is asked for, and to be confirmed. */
  readonly isRemoving: boolean;
}

export class MessageRowView extends Component<Props, State> {
  override state: State = { isActive: false, isPicking: false, isRemoving: false };

  override shouldComponentUpdate({ row, isTarget }: Props, state: State): boolean {
    return row !== this.props.row || isTarget !== this.props.isTarget || state !== this.state;
  }

  override render(): JSX.Element {
    const { row, session, isTarget } = this.props;
    const classes = [
      "message",
      row.startsGroup ? "message-first" : "",
      row.isMention ? "message-mention" : "",
      row.sendState === "failed" ? "message-failed" : "",
      isTarget ? "message-target" : "",
    ];
    return (
      <article
        class={classes.join(" ")}
        tabIndex={-1}
        data-key={row.key}
        aria-label={`${row.from}, ${formatClock(row.time)}`}
        aria-describedby={row.key}
        onMouseEnter={this.#activate}
        onFocusIn={this.#activate}
        onKeyDown={(event) => this.#handleKey(event)}
        onContextMenu={(event) => this.#handleLongPress(event)}
        onMouseLeave={this.#disarm}
      >
        <time
          class="message-time"
          dateTime={new Date(row.time).toISOString()}
          title={this.state.isActive ? describeTime(row) : undefined}
          aria-hidden="true"
        >
          {formatClock(row.time)}
        </time>
        <div class="message-body">
          {row.startsGroup && row.manner !== "did" ? this.#renderHead() : null}
          {row.replyTo === undefined ? null : this.#renderQuote(row.replyTo)}
          {this.#renderText()}
          {row.isEdited ? <span class="text-edited">edited</span> : null}
          {row.sendState === "failed"
            ? <div class="failure">Not delivered: {row.failure} {this.#renderUnsent("FailureActions")}</div>
            : null}
          {session.questions.value.has(row.id!) || row.sendState === "pending"
            ? this.#renderUnsent("RowExtras")
            : null}
          {row.reactions.length === 0 ? null : this.#renderReactions()}
        </div>
        {row.sendState === undefined
          ? null
          : <SendMark state={row.sendState} reader={session.current.value ?? ""} />}
        {this.state.isActive && this.#canAct ? this.#renderActions() : null}
      </article>
    );
  }

  /** Most messages are only read: buttons of all of them would be most of the document. */
  readonly #activate = (): void => {
    if (!this.state.isActive) this.setState({ isActive: true });
  };

  /** Removing is not asked for any more. */
  readonly #disarm = (): void => {
    if (this.state.isRemoving) this.setState({ isRemoving: false });
  };

  get #canAct(): boolean {
    const { row } = this.props;
    return row.id !== undefined && row.removedBy === undefined;
  }

  #renderHead(): JSX.Element {
    const { row, session } = this.props;
    return (
      <div class="message-head">
        <button
          type="button"
          class="message-name"
          onClick={() => session.open(row.from)}
          disabled={row.isOwn}
        >
          {row.from}
        </button>
      </div>
    );
  }

  #renderQuote({ id, from, excerpt }: NonNullable<MessageRow["replyTo"]>): JSX.Element {
    const { session } = this.props;
    return (
      <button
        type="button"
        class="quote"
        onClick={() => void session.act(({ goToMessage }) => void goToMessage(session, id))}
      >
        <span>
          {from === undefined ? "an earlier message" : (
            <>
              <strong>{from}</strong> <bdi>{excerpt}</bdi>
            </>
          )}
        </span>
      </button>
    );
  }

  #renderText(): JSX.Element {
    const { row, session } = this.props;
    if (row.removedBy !== undefined) {
      return <div id={row.key} class="text text-removed">removed by {row.removedBy}</div>;
    }
    const text = segmentText(row.text, session.textContext);
    const node = <MessageText id={row.key} text={text} actions={session} />;
    if (row.manner !== "did") return node;
    return (
      <div class="text-action">
        <strong>{row.from}</strong>
        {node}
      </div>
    );
  }

  /** With the buttons `name` of the second part. */
  #renderUnsent(name: "FailureActions" | "RowExtras"): JSX.Element {
    const { row, session } = this.props;
    return (
      <OnDemand
        isQuiet={name !== "FailureActions"}
        render={({ [name]: Actions }) => <Actions row={row} session={session} />}
      />
    );
  }

  #renderReactions(): JSX.Element {
    return <div class="reactions">{this.props.row.reactions.map((group) => this.#renderReaction(group))}
    </div>;
  }

  #renderReaction({ text, names, isOwn }: ReactionGroup): JSX.Element {
    const { row, session } = this.props;
    return (
      <button
        type="button"
        key={text}
        class={isOwn ? "reaction reaction-own" : "reaction"}
        aria-pressed={isOwn}
        aria-label={`${text} ${names.length}: ${names.join(", ")}`}
        title={names.join(", ")}
        onClick={() => session.react(row, text)}
      >
        {text} <span class="reaction-count">{names.length}</span>
      </button>
    );
  }

  #renderActions(): JSX.Element {
    const { row, session } = this.props;
    return (
      <OnDemand
        isQuiet={!this.state.isPicking}
        onMiss={() => this.#pick(false)}
        render={({ MessageActions }) => (
          <MessageActions
            row={row}
            session={session}
            isPicking={this.state.isPicking}
            isRemoving={this.state.isRemoving}
            onPick={(isPicking) => this.#pick(isPicking)}
            onRemoving={(isRemoving) => this.setState({ isRemoving })}
          />
        )}
      />
    );
  }

  /** Without the picker the message has the focus. */
  #pick(isPicking: boolean): void {
    this.setState({ isPicking });
    if (!isPicking) (this.base as HTMLElement).focus({ preventScroll: true });
  }

  /** Touched for long, a message shows what can be done with it. */
  #handleLongPress(event: MouseEvent): void {
    if ((event as PointerEvent).pointerType !== "touch") return;
    event.preventDefault();
    (this.base as HTMLElement).focus({ preventScroll: true });
  }

  /** Keys on a message that has the focus: R replies, + reacts, E edits, Delete removes. */
  #handleKey(event: KeyboardEvent): void {
    const { row, session } = this.props;
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!this.#canAct) return;
    if (event.key === "r") session.replyTo(row);
    else if (event.key === "+") this.#pick(true);
    else if (event.key === "e" && session.canEdit(row)) session.startEdit(row);
    else if (event.key === "Delete" && session.canEdit(row)) this.setState({ isRemoving: true });
    else return;
    event.preventDefault();
  }
}

function describeTime({ time, id }: MessageRow): string {
  return id === undefined ? formatFullTime(time) : `${formatFullTime(time)}\n${id}`;
}
