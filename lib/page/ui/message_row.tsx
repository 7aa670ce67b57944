/** One message: an article with its text, its mark, its reactions, and what can be done with it. */
import { Component } from "preact";
import type { JSX } from "preact";
import type { MessageRow, ReactionGroup } from "../model/row.ts";
import type { ChatSession } from "../state/chat_session.ts";
import { segmentText } from "../model/text_segments.ts";
import { formatClock, formatFullTime } from "../state/time_text.ts";
import { IconButton } from "./icons.tsx";
import { copyText, MessageText } from "./message_text.tsx";
import { SendMark } from "./send_mark.tsx";
import { UnsentActions } from "./notices/unsent_actions.tsx";
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
        class={classes.filter((name) => name !== "").join(" ")}
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
          {row.sendState === "failed" ? this.#renderFailure() : null}
          {row.sendState === "pending" ? <UnsentActions row={row} session={session} /> : null}
          {row.reactions.length === 0 ? null : this.#renderReactions()}
        </div>
        {row.sendState === undefined
          ? null
          : <SendMark state={row.sendState} reader={this.props.session.current.value ?? ""} />}
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
    return (
      <button type="button" class="quote" onClick={() => void this.props.session.goTo(id)}>
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

  #renderFailure(): JSX.Element {
    const { row, session } = this.props;
    return (
      <div class="failure">
        Not delivered: {row.failure}{" "}
        <button type="button" class="link-button" onClick={() => session.retry(row)}>Send again</button>{" "}
        <button type="button" class="link-button" onClick={() => session.rewrite(row)}>Edit</button>{" "}
        <button type="button" class="link-button" onClick={() => session.dismiss(row)}>Discard</button>
      </div>
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
      <div
        class={this.state.isPicking ? "actions actions-open" : "actions"}
        role="group"
        aria-label="Actions"
      >
        <IconButton
          name="smile"
          label="React"
          isPressed={this.state.isPicking}
          onClick={() => this.#pick(!this.state.isPicking)}
        />
        <IconButton name="reply" label="Reply" onClick={() => session.replyTo(row)} />
        <IconButton name="copy" label="Copy text" onClick={() => copyText(row.text)} />
        <IconButton name="link" label="Copy link" onClick={() => copyText(session.linkTo(row.id!))} />
        {session.canEdit(row) ? this.#renderOwnActions() : null}
        {this.state.isPicking
          ? (
            <OnDemand
              onMiss={() => this.#pick(false)}
              render={({ ReactionPicker }) => (
                <ReactionPicker
                  verb="React with"
                  onPick={(text) => this.#react(text)}
                  onClose={() => this.#pick(false)}
                />
              )}
            />
          )
          : null}
      </div>
    );
  }

  #renderOwnActions(): JSX.Element {
    const { row, session } = this.props;
    return (
      <>
        <IconButton name="edit" label="Edit" onClick={() => session.startEdit(row)} />
        {this.state.isRemoving
          ? (
            <button
              type="button"
              class="actions-confirm"
              ref={focus}
              onMouseDown={keepFocus}
              onClick={() => this.#remove()}
              onKeyDown={(event) => this.#handleConfirmKey(event)}
              onBlur={this.#disarm}
            >
              Remove for all
            </button>
          )
          : <IconButton name="remove" label="Remove" onClick={() => this.setState({ isRemoving: true })} />}
      </>
    );
  }

  /** Without the picker the message has the focus. */
  #pick(isPicking: boolean): void {
    this.setState({ isPicking });
    if (!isPicking) (this.base as HTMLElement).focus({ preventScroll: true });
  }

  #remove(): void {
    this.#disarm();
    this.props.session.remove(this.props.row);
  }

  #react(text: string): void {
    const { row, session } = this.props;
    this.#pick(false);
    session.react(row, text);
  }

  /** Touched for long, a message shows what can be done with it. */
  #handleLongPress(event: MouseEvent): void {
    if ((event as PointerEvent).pointerType !== "touch") return;
    event.preventDefault();
    (this.base as HTMLElement).focus({ preventScroll: true });
  }

  /** The key that asks also confirms. */
  #handleConfirmKey(event: KeyboardEvent): void {
    if (event.key === "Delete" && !event.repeat) this.#remove();
    else if (event.key === "Escape") this.#disarm();
    else return;
    event.preventDefault();
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

function focus(button: HTMLButtonElement | null): void {
  button?.focus({ preventScroll: true });
}

/** Safari takes the focus from a button that is clicked. */
function keepFocus(event: Event): void {
  event.preventDefault();
}

function describeTime({ time, id }: MessageRow): string {
  return id === undefined ? formatFullTime(time) : `${formatFullTime(time)}\n${id}`;
}
