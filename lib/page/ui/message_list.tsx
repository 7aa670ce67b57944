/**
 * The rows of the conversation that is open. At most 300 of them are in the document; the rest is empty space of the
 * same height, so that the place where one reads never moves (`model/window.ts`).
 */
import { Component, createRef } from "preact";
import type { JSX } from "preact";
import type { Row, RowList } from "../model/row.ts";
import { ListWindow, OVERSCAN_VIEWS } from "../model/window.ts";
import type { WindowLayout } from "../model/window.ts";
import type { ChatSession } from "../state/chat_session.ts";
import { OnDemand } from "./on_demand/on_demand.tsx";
import { RowView } from "./row_view.tsx";

/** Distance from the top at which earlier messages are asked for, in pixels. */
const LOAD_DISTANCE_PX = 800;
/** Where the rule of unread messages stands when a conversation is opened. */
const UNREAD_DISTANCE_PX = 72;
/** Where the message stands that a search or a quote leads to. */
const TARGET_DISTANCE_PX = 160;
/** Below the last row, as in messages.css. */
const END_SPACE_PX = 20;
/** Heights of rows until they are measured. */
const MESSAGE_PX = 26;
const CHARACTERS_PER_LINE = 90;

/** Of the list that was drawn last: the next one begins with as many rows as it will show. */
let lastViewHeight = 0;

interface Props {
  readonly session: ChatSession;
  readonly rows: RowList;
  /** Of {@link rows}. */
  readonly version: number;
  /** The message that is to be seen. */
  readonly target: ChatSession["target"]["value"];
  readonly isLoading: boolean;
}

interface State {
  readonly layout: WindowLayout;
  readonly isAtEnd: boolean;
  readonly isUnreadAbove: boolean;
}

export class MessageList extends Component<Props, State> {
  readonly #scroller = createRef<HTMLDivElement>();
  readonly #window = new ListWindow({ estimate: (index) => estimateHeight(this.props.rows.at(index)) });
  #target: Props["target"];
  #hasPlaced = false;
  /** Where the browser has scrolled to when it was last told: any other place is the person's. */
  #scrolledTo = 0;
  /** Width and height of the view for which that was. */
  #size = "";
  /** A row that stays where it is while others come and change, and its place on the screen. */
  #kept: { readonly key: string; readonly top: number } | undefined;
  #observer: ResizeObserver | undefined;

  constructor(props: Props) {
    super(props);
    props.rows.takeSplices();
    this.props = props;
    // What is seen comes first, and what is around it with the next frame.
    this.#window.overscanViews = 0;
    this.#window.resize(lastViewHeight);
    this.#window.splice({ at: 0, removed: 0, inserted: props.rows.count });
    this.state = { layout: this.#window.layout, isAtEnd: true, isUnreadAbove: false };
  }

  override componentDidMount(): void {
    this.#observer = new ResizeObserver(() => this.#handleResize());
    this.#observer.observe(this.#scroller.current!);
    this.#handleResize();
    requestAnimationFrame(() => setTimeout(() => this.#widen()));
  }

  override componentWillUnmount(): void {
    this.#observer?.disconnect();
  }

  override componentWillReceiveProps({ rows }: Props): void {
    this.#noteScroll();
    this.#kept = this.#window.isAtEnd ? undefined : this.#findKept();
    for (const splice of rows.takeSplices()) this.#window.splice(splice);
  }

  override componentDidUpdate(): void {
    this.#measure();
    this.#keepPlace();
  }

  /** Goes to the newest message. */
  scrollToEnd(): void {
    this.#window.scrollToEnd();
    this.#apply();
  }

  override render({ session, rows, target, isLoading }: Props): JSX.Element {
    const { start, end, above, below } = this.#window.layout;
    const drawn = Array.from({ length: end - start }, (_, at) => rows.at(start + at));
    return (
      <div class="list">
        <div
          class="scroller"
          ref={this.#scroller}
          onScroll={() => this.#handleScroll()}
          onResize={() => this.#handleResize()}
          onKeyDown={(event) => this.#handleKey(event)}
          tabIndex={0}
          role="region"
          aria-label="Messages"
          aria-busy={isLoading}
        >
          <div class="space" style={{ height: `${above}px` }} />
          {drawn.map((row) => (
            <RowView key={row.key} row={row} session={session} isTarget={isMessage(row, target?.id)} />
          ))}
          <div style={{ height: `${below}px` }} />
        </div>
        {isLoading && session.seek.value === undefined
          ? <div class="list-loading" role="status">Loading…</div>
          : null}
        <OnDemand
          isQuiet
          render={({ Places }) => (
            <Places
              session={session}
              rows={rows}
              isAtEnd={this.#window.isAtEnd}
              isUnreadAbove={this.#isUnreadAbove}
              onEnd={() => session.goToEnd()}
              onUnread={() => this.#goTo(rows.unreadIndex, UNREAD_DISTANCE_PX)}
            />
          )}
        />
      </div>
    );
  }

  get #isUnreadAbove(): boolean {
    const { unreadIndex } = this.props.rows;
    return unreadIndex !== undefined && this.#window.offsetOf(unreadIndex) < this.#window.scrollTop;
  }

  #goTo(index: number | undefined, distance: number): void {
    if (index !== undefined) this.#window.scrollTo(index, distance);
    this.#apply();
  }

  #handleResize(): void {
    const scroller = this.#scroller.current!;
    this.#size = sizeOf(scroller);
    lastViewHeight = scroller.clientHeight - END_SPACE_PX;
    this.#window.resize(lastViewHeight);
    this.#measure();
    this.#apply();
  }

  #widen(): void {
    this.#window.overscanViews = OVERSCAN_VIEWS;
    if (this.#scroller.current === null) return;
    this.#noteScroll();
    this.#apply();
  }

  /** Takes the heights of what is drawn, and draws again where that changes the layout. */
  #measure(): void {
    const scroller = this.#scroller.current;
    if (scroller === null) return;
    const { start, end } = this.#window.layout;
    const drawn = Array.from(scroller.children).slice(1, -1);
    const heights = drawn.slice(0, end - start).map((element) => element.getBoundingClientRect().height);
    const { rows } = this.props;
    const first = drawn[0] as HTMLElement | undefined;
    if (first !== undefined && start < rows.count && first.dataset.key === rows.at(start).key) {
      this.#window.measure(start, heights);
    }
    this.#place();
    this.#apply();
  }

  /** To what is asked for; else, once rows are there, to the rule of unread messages, or to the end. */
  #place(): void {
    const { target, rows } = this.props;
    const index = target === undefined || target === this.#target
      ? undefined
      : rows.indexOfMessage(target.id);
    if (index !== undefined) {
      this.#target = target;
      this.#kept = undefined;
      this.#hasPlaced = true;
      this.#window.scrollTo(index, TARGET_DISTANCE_PX);
    }
    if (this.#hasPlaced || rows.count === 0) return;
    this.#hasPlaced = true;
    const { unreadIndex } = rows;
    if (unreadIndex !== undefined) this.#window.scrollTo(unreadIndex, UNREAD_DISTANCE_PX);
    else this.#window.scrollToEnd();
  }

  #apply(): void {
    const { layout } = this.#window;
    const scroller = this.#scroller.current;
    const [isAtEnd, isUnreadAbove] = [this.#window.isAtEnd, this.#isUnreadAbove];
    const { state } = this;
    if (
      !isSameLayout(layout, state.layout) || isAtEnd !== state.isAtEnd ||
      isUnreadAbove !== state.isUnreadAbove
    ) this.setState({ layout, isAtEnd, isUnreadAbove });
    if (scroller !== null && Math.abs(scroller.scrollTop - layout.scrollTop) >= 1) {
      scroller.scrollTop = layout.scrollTop;
    }
    this.#scrolledTo = scroller?.scrollTop ?? 0;
  }

  #handleScroll(): void {
    if (!this.#noteScroll()) return;
    this.#apply();
    if (this.#window.scrollTop < LOAD_DISTANCE_PX) this.props.session.loadEarlier();
  }

  /** The second message that is seen whole: the head of the first one may go when an earlier message comes. */
  #findKept(): { key: string; top: number } | undefined {
    const scroller = this.#scroller.current!;
    const top = scroller.getBoundingClientRect().top;
    const seen = Array.from(scroller.querySelectorAll<HTMLElement>("article")).filter((article) =>
      article.getBoundingClientRect().top >= top
    );
    return seen[1] && { key: seen[1].dataset.key!, top: seen[1].getBoundingClientRect().top };
  }

  #keepPlace(): void {
    const kept = this.#kept;
    const scroller = this.#scroller.current!;
    this.#kept = undefined;
    const row = kept && scroller.querySelector(`[data-key="${kept.key}"]`);
    if (!row) return;
    scroller.scrollTop += row.getBoundingClientRect().top - kept!.top;
    if (this.#noteScroll()) this.#apply();
  }

  /** Takes where the person has scrolled to, of which the browser may not have told yet; false: nowhere. */
  #noteScroll(): boolean {
    const scroller = this.#scroller.current;
    const scrollTop = scroller?.scrollTop ?? 0;
    // In a view of another size the browser has scrolled, and the observer is about to tell.
    if (scroller !== null && sizeOf(scroller) !== this.#size) return false;
    if (Math.abs(scrollTop - this.#scrolledTo) < 1) return false;
    this.#scrolledTo = scrollTop;
    this.#window.scroll(scrollTop);
    return true;
  }

  /** Arrow keys go from message to message. */
  #handleKey(event: KeyboardEvent): void {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    const focused = document.activeElement;
    if (!(focused instanceof HTMLElement) || focused.tagName !== "ARTICLE") return;
    event.preventDefault();
    const articles = Array.from(this.#scroller.current!.querySelectorAll<HTMLElement>("article"));
    const next = articles[articles.indexOf(focused) + (event.key === "ArrowUp" ? -1 : 1)];
    if (next !== undefined) next.focus();
    else if (event.key === "ArrowDown") document.querySelector("textarea")?.focus();
  }
}

function isMessage(row: Row, id: string | undefined): boolean {
  return row.kind === "message" && row.id !== undefined && row.id === id;
}

function sizeOf({ clientWidth, clientHeight }: Element): string {
  return `${clientWidth} ${clientHeight}`;
}

function isSameLayout(a: WindowLayout, b: WindowLayout): boolean {
  return a.start === b.start && a.end === b.end && a.above === b.above && a.below === b.below;
}

function estimateHeight(row: Row): number {
  if (row.kind !== "message") return 34;
  let lines = 0;
  for (let start = 0, end = 0; end >= 0; start = end + 1) {
    end = row.text.indexOf("\n", start);
    const length = (end < 0 ? row.text.length : end) - start;
    lines += Math.max(1, Math.ceil(length / CHARACTERS_PER_LINE));
  }
  return (row.startsGroup ? 38 : 4) + Math.max(MESSAGE_PX - 4, lines * 22);
}
