/**
 * What is shown of the entries of a chat, in order: rows for a terminal, where people that come and leave in a burst are one
 * line and reactions stand behind the last message; elsewhere one line for each entry. Pure.
 */
import { toPrintable, toPrintableText } from "../../base/printable_text.ts";
import { countMaxColumns } from "../../base/text_width.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import { conversationOf } from "../../client/conversation/model/chat_entry.ts";
import type { ChatEntry, MessageEntry } from "../../client/conversation/model/chat_entry.ts";
import type { ChatSettings } from "../../client/conversation/model/chat_settings.ts";
import type { LocalTime } from "../../client/conversation/model/local_time.ts";
import { hasLine, isPresence, renderDay, renderEntry } from "./entry_view.ts";
import { isNarrow, renderEventRows, renderRows } from "./entry_rows.ts";
import type { RowLayout, RowPlace } from "./entry_rows.ts";
import { isFolded, PresenceFold } from "./presence_fold.ts";
import { PrintedMessages } from "./printed_messages.ts";
import { countReaction } from "./reaction_text.ts";
import type { ReactionCounts } from "./reaction_text.ts";
import { renderRule } from "./rule.ts";
import type { RenderContext } from "./spans.ts";
import type { StyledSpan } from "./styled_line.ts";

/** The reader, and the terminal if there is one. */
export interface PrintContext extends RenderContext {
  /** Columns of the terminal; undefined: there is none. */
  readonly columns: number | undefined;
  /** The last rows on the screen that can still be replaced. */
  readonly replaceable: number;
  readonly settings: ChatSettings | undefined;
  /** The lines of an entry, where it has a form of its own. */
  readonly renderOwn?: ((entry: ChatEntry) => StyledSpan[][]) | undefined;
}

/** What is to be shown: `rows`, in the place of the last `replaced` rows on the screen. */
export interface PrintedRows {
  readonly rows: readonly (readonly StyledSpan[])[];
  readonly replaced: number;
}

/** Wait for further people that come or leave, after the last one. */
const FOLD_MS = 2000;
/** The same after the first one. */
const MAX_FOLD_MS = 8000;

/** The last message on the screen, while nothing has been printed behind it. */
interface LastMessage {
  readonly entry: MessageEntry;
  readonly layout: RowLayout;
  readonly place: RowPlace;
  readonly reactions: ReactionCounts;
  readonly rowCount: number;
  /** Its rows have not been taken yet. */
  isPending: boolean;
}

export class EntryPrinter {
  readonly #local: LocalTime;
  readonly #fold = new PresenceFold();
  readonly #printed = new PrintedMessages();
  #rows: (readonly StyledSpan[])[] = [];
  #replaced = 0;
  /** The day of the last entry. */
  #day: string;
  /** The last time that was shown; undefined: the next one is shown. */
  #minute: string | undefined;
  /** Conversation and sender of the last message, if it was the last entry. */
  #sender: readonly [string, string] | undefined;
  #last: LastMessage | undefined;
  /** When the first and the last person of the fold came or left. */
  #foldTimes: { readonly first: number; readonly last: number } | undefined;

  /** `now`: of this day the first entry needs no rule. */
  constructor(local: LocalTime, now: number) {
    this.#local = local;
    this.#day = local.day(now);
  }

  /** Prints `entry`, if it has a line. */
  add(entry: ChatEntry, context: PrintContext, now: number): void {
    const { settings, columns } = context;
    if (!hasLine(entry) || settings?.get("presence") === "off" && isPresence(entry)) return;
    if (columns === undefined) return this.#addLine(entry, context);
    if (entry.kind === "note" && entry.about === "return") return;
    if (settings?.get("presence") !== "all" && isFolded(entry, context.nick)) {
      if (this.#fold.isFull) this.flush(context);
      this.#fold.add(entry, context);
      this.#foldTimes = { first: this.#foldTimes?.first ?? now, last: now };
      return;
    }
    if (entry.kind === "reaction" && this.#addReaction(entry, context)) return;
    if (entry.kind === "redacted" && this.#addRemoval(entry, context)) return;
    this.flush(context);
    const layout = readLayout(columns, settings);
    const place = this.#place(entry, context, layout);
    const rows = renderRows(entry, context, layout, place, this.#local);
    this.#push(rows);
    if (entry.kind === "unread") this.restart();
    if (entry.kind !== "message") return;
    this.#printed.add(entry, conversationOf(entry, context.nick));
    const reactions: ReactionCounts = new Map();
    this.#last = { entry, layout, place, reactions, rowCount: rows.length, isPending: true };
    this.#sender = entry.manner === "did" ? undefined : [conversationOf(entry, context.nick), entry.from];
  }

  /** The rows that a message would have by itself; nothing is printed. */
  preview(entry: MessageEntry, context: PrintContext): readonly (readonly StyledSpan[])[] {
    const { columns, settings } = context;
    if (columns === undefined) return [renderEntry(entry, context, this.#local)];
    const place = { time: this.#local.clock(entry.time), isSameSender: false };
    return renderRows(entry, context, readLayout(columns, settings), place, this.#local);
  }

  /** Prints a row that is no entry: the next entry has its time and its sender. */
  addRow(row: readonly StyledSpan[]): void {
    this.#push([row]);
    this.restart();
  }

  /** The next entry has its time: nothing is read on from above. */
  restart(): void {
    this.#minute = undefined;
  }

  /** Prints the people that have come and left. */
  flush(context: PrintContext): void {
    this.#foldTimes = undefined;
    if (this.#fold.isEmpty || context.columns === undefined) return;
    const layout = readLayout(context.columns, context.settings);
    const { time } = this.#fold;
    for (const line of this.#fold.take(context)) {
      this.#beginDay(time, layout);
      this.#push(renderEventRows(line, layout, { time: this.#showTime(time, context.settings) }));
    }
  }

  /** Milliseconds until {@link flush} is due; undefined: there is nothing to print. */
  nextFlushMs(now: number): number | undefined {
    if (this.#foldTimes === undefined) return undefined;
    const { first, last } = this.#foldTimes;
    return Math.max(0, Math.min(last + FOLD_MS, first + MAX_FOLD_MS) - now);
  }

  /** What has been printed since the last call. */
  take(): PrintedRows {
    const taken = { rows: this.#rows, replaced: this.#replaced };
    this.#rows = [];
    this.#replaced = 0;
    if (this.#last !== undefined) this.#last.isPending = false;
    return taken;
  }

  /** Without a terminal. */
  #addLine(entry: ChatEntry, context: PrintContext): void {
    if (context.renderOwn !== undefined) return void this.#rows.push(...context.renderOwn(entry));
    const day = this.#local.day(entry.time);
    if (day !== this.#day) this.#rows.push(renderDay(entry.time, this.#local));
    this.#day = day;
    this.#rows.push(renderEntry(entry, context, this.#local));
  }

  /** Shows a reaction behind the last message; false: it is another one, or cannot be changed any more. */
  #addReaction(entry: ChatEntry & { kind: "reaction" }, context: PrintContext): boolean {
    const reactions = this.#last && countReaction(this.#last.reactions, entry);
    return reactions !== undefined && this.#redrawLast(entry.to, context, { reactions });
  }

  /** Shows the last message as removed, but to the person that has removed it: they are told the text; false as above. */
  #addRemoval({ id, by, of = by, reason }: ChatEntry & { kind: "redacted" }, context: PrintContext): boolean {
    if (this.#last === undefined || isSameName(by, context.nick)) return false;
    const who = isSameName(by, of) ? "" : ` by ${toPrintable(by)}`;
    const why = reason === "" ? "" : `: ${toPrintableText(reason)}`;
    const place = { ...this.#last.place, removal: `(removed${who}${why})` };
    return this.#redrawLast(id, context, { place });
  }

  /** Draws the last message anew, if it has the `id` and can still be changed. */
  #redrawLast(
    id: string | undefined,
    context: PrintContext,
    change: Partial<Pick<LastMessage, "reactions" | "place">>,
  ): boolean {
    if (this.#last === undefined || id === undefined || id !== this.#last.entry.id) return false;
    const last = { ...this.#last, ...change };
    const { entry, layout, place, reactions, rowCount, isPending } = last;
    if (!isPending && context.replaceable < rowCount || context.columns !== layout.columns) return false;
    const rows = renderRows(entry, context, layout, place, this.#local, reactions);
    // A row that the terminal breaks by itself has more rows than one.
    if (rows.some((row) => columnsOf(row) > layout.columns)) return false;
    if (isPending) this.#rows.splice(-rowCount);
    else this.#replaced = rowCount;
    this.#rows.push(...rows);
    this.#last = { ...last, rowCount: rows.length, isPending: true };
    return true;
  }

  #push(rows: readonly (readonly StyledSpan[])[]): void {
    this.#rows.push(...rows);
    this.#last = undefined;
    this.#sender = undefined;
  }

  #place(entry: ChatEntry, context: PrintContext, layout: RowLayout): RowPlace {
    this.#beginDay(entry.time, layout);
    const time = this.#showTime(entry.time, context.settings);
    const isSameSender = entry.kind === "message" && this.#sender !== undefined && isNarrow(layout) &&
      isSameName(this.#sender[0], conversationOf(entry, context.nick)) &&
      isSameName(this.#sender[1], entry.from);
    const edited = entry.kind === "message" ? this.#findEdited(entry) : undefined;
    const nth = entry.kind === "redacted" ? this.#printed.countBack(entry.id) : undefined;
    return { time, isSameSender, edited, nth };
  }

  /** When the message was sent that `entry` stands in the place of. */
  #findEdited({ replaces = "", time }: MessageEntry): string | undefined {
    const at = this.#printed.timeOf(replaces);
    if (at === undefined) return undefined;
    const date = this.#local.day(at) === this.#local.day(time) ? "" : `${this.#local.date(at)} `;
    return date + this.#local.clock(at);
  }

  #beginDay(time: number, { width }: RowLayout): void {
    const day = this.#local.day(time);
    if (day === this.#day) return;
    this.#day = day;
    this.addRow(renderRule(day, "", width));
  }

  #showTime(time: number, settings: ChatSettings | undefined): string | undefined {
    const times = settings?.get("times");
    const minute = this.#local.clock(time);
    if (times === "off" || times !== "all" && minute === this.#minute) return undefined;
    this.#minute = minute;
    return minute;
  }
}

/** Of rows of text where nothing is chosen. */
const DEFAULT_WIDTH = 100;

function readLayout(columns: number, settings: ChatSettings | undefined): RowLayout {
  const width = settings?.get("width") ?? String(DEFAULT_WIDTH);
  const align = Number(settings?.get("align"));
  return {
    columns,
    width: width === "full" ? columns : Math.min(columns, Number(width)),
    align: align > 0 ? align : 0,
    hasTimes: settings?.get("times") !== "off",
  };
}

function columnsOf(row: readonly StyledSpan[]): number {
  return row.reduce((sum, { text }) => sum + countMaxColumns(text), 0);
}
