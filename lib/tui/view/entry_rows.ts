/**
 * Entries as rows of a screen. From {@link LEAST_WIDE_COLUMNS} columns on, with the time in front where the minute changes:
 *
 *     14:02  alice  the deploy is through
 *            bob  nice. any errors?
 *     14:05  bob  ↳ alice: "two retries in payments…"
 *                was that the spike?
 *            ··· carol came
 *
 * and on a narrow screen with the names above the texts:
 *
 *     alice  14:02
 *       the deploy is through
 *
 * Rows after the first one of an entry are indented further than any name, so that none passes for an entry of its own. Pure.
 */
import { countColumns } from "../../base/text_width.ts";
import { toPrintableText } from "../../base/printable_text.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import { conversationOf } from "../../client/conversation/model/chat_entry.ts";
import type { ChatEntry, MessageEntry } from "../../client/conversation/model/chat_entry.ts";
import type { LocalTime } from "../../client/conversation/model/local_time.ts";
import { describeUnread } from "../../client/conversation/model/unread_text.ts";
import { renderEntryBody } from "./entry_view.ts";
import { renderRedaction } from "./event_view.ts";
import { renderMessageText } from "./message_spans.ts";
import { isMention, MENTION_MARK } from "./message_view.ts";
import { renderPresenceLine } from "./presence_fold.ts";
import { renderReactions } from "./reaction_text.ts";
import type { ReactionCounts } from "./reaction_text.ts";
import { cutToColumns, renderRule } from "./rule.ts";
import { isCurrent, makeChannel, makeDim, makeName } from "./spans.ts";
import type { RenderContext } from "./spans.ts";
import { NEXT_LINE, wrap } from "./styled_line.ts";
import type { StyledSpan } from "./styled_line.ts";

export interface RowLayout {
  /** Of the terminal. */
  readonly columns: number;
  /** Most columns of a row. */
  readonly width: number;
  /** Columns of a name; 0: as many as it has. */
  readonly align: number;
  /** Times have a column of their own. */
  readonly hasTimes: boolean;
}

/** What stands before an entry on the screen. */
export interface RowPlace {
  /** The time, where it is shown. */
  readonly time: string | undefined;
  /** The name above stands for this message, too (on a narrow screen). */
  readonly isSameSender: boolean;
  /** Of a message that is an edit: when the one was sent in the place of which it stands, if that is known. */
  readonly edited?: string | undefined;
  /** Stands in the place of the text of a message that has been removed. */
  readonly removal?: string;
  /** Of a removal: which message of its sender is removed, counted back, if it was shown. */
  readonly nth?: number | undefined;
}

/** On fewer columns names stand above the texts, and nothing is aligned. */
export const LEAST_WIDE_COLUMNS = 60;
/** `14:02` and two spaces. */
const TIME_COLUMNS = 7;
/** Behind a name. */
const GAP = "  ";
/** Of rows after the first one, behind the time. */
const HANGING_COLUMNS = 4;
const NARROW_INDENT = 2;
/** A page of the help has its wide form in rows of so many columns. */
const HELP_COLUMNS = 80;
/** Most columns of what a reaction or a reply quotes. */
const QUOTE_COLUMNS = 50;
/** Behind a message of ours that has not been delivered: the next line says why. */
const FAILED_MARK: StyledSpan = { text: " ✗ failed", style: "alarm" };

export function isNarrow({ columns }: Pick<RowLayout, "columns">): boolean {
  return columns < LEAST_WIDE_COLUMNS;
}

/** The rows of `entry`. `reactions`: to a message. */
export function renderRows(
  entry: ChatEntry,
  reader: RenderContext,
  layout: RowLayout,
  place: RowPlace,
  local: LocalTime,
  reactions?: ReactionCounts,
): StyledSpan[][] {
  if (entry.kind === "message") {
    return isNarrow(layout)
      ? renderNarrowMessage(entry, reader, layout, place, reactions)
      : renderWideMessage(entry, reader, layout, place, reactions);
  }
  if (entry.kind === "unread" && entry.count === entry.shown && !entry.isAtLeast) {
    return [renderRule("", describeUnread(entry, reader.channel, local).replace(/:$/, ""), layout.width)];
  }
  const shown = entry.kind === "note" && entry.narrowText !== undefined && layout.width < HELP_COLUMNS
    ? { ...entry, text: entry.narrowText }
    : entry;
  return renderEventRows(renderEvent(shown, reader, local, place.nth), layout, place);
}

/** The rows of a line that is no message, behind the time. */
export function renderEventRows(
  line: readonly StyledSpan[],
  layout: RowLayout,
  { time }: Pick<RowPlace, "time">,
): StyledSpan[][] {
  if (!isNarrow(layout)) return wrap([...renderTime(time, layout), ...line], layout.width, hangOf(layout));
  return wrap([...time === undefined ? [] : [makeDim(`${time} `)], ...line], layout.width, NARROW_INDENT);
}

function renderTime(time: string | undefined, { hasTimes }: RowLayout): StyledSpan[] {
  return hasTimes ? [makeDim((time ?? "").padEnd(TIME_COLUMNS))] : [];
}

/** The indent of further rows. */
function hangOf({ align, hasTimes }: RowLayout): number {
  return (hasTimes ? TIME_COLUMNS : 0) + (align > 0 ? align + GAP.length : HANGING_COLUMNS);
}

function renderWideMessage(
  entry: MessageEntry,
  reader: RenderContext,
  layout: RowLayout,
  place: RowPlace,
  reactions: ReactionCounts | undefined,
): StyledSpan[][] {
  const { time, removal } = place;
  const lead = [...renderTime(time, layout), ...renderSender(entry, reader, layout)];
  const used = lead.reduce((sum, { text }) => sum + countColumns(text), 0);
  const quote = removal === undefined ? renderQuote(entry, layout.width - used) : [];
  const text = renderText(entry, reader, place, reactions);
  return wrap(
    [...lead, ...quote.length === 0 ? text : [...quote, NEXT_LINE, ...text]],
    layout.width,
    hangOf(layout),
  );
}

function renderNarrowMessage(
  entry: MessageEntry,
  reader: RenderContext,
  layout: RowLayout,
  place: RowPlace,
  reactions: ReactionCounts | undefined,
): StyledSpan[][] {
  const { time, isSameSender, removal } = place;
  const sender = renderSender(entry, reader, { ...layout, align: 0 });
  const quote = removal === undefined ? renderQuote(entry, layout.width - NARROW_INDENT) : [];
  const text = renderText(entry, reader, place, reactions);
  if (entry.manner === "did") {
    const lead = time === undefined ? [] : [makeDim(`${time} `)];
    return wrap([...lead, ...sender, ...text], layout.width, NARROW_INDENT);
  }
  const head = isSameSender && time === undefined
    ? []
    : [[...sender, ...time === undefined ? [] : [makeDim(time)]]];
  const indent = { text: " ".repeat(NARROW_INDENT) };
  return [
    ...head,
    ...quote.length === 0 ? [] : [[indent, ...quote]],
    ...wrap([indent, ...text], layout.width, NARROW_INDENT),
  ];
}

/** The sender and the gap behind it; before it the place, where that is not the conversation that is read. */
function renderSender(entry: MessageEntry, reader: RenderContext, { align }: RowLayout): StyledSpan[] {
  const { from, to, channel, manner } = entry;
  const isHere = channel === undefined
    ? reader.view !== undefined && isSameName(conversationOf(entry, reader.nick), reader.view)
    : isCurrent(channel, reader);
  const place: StyledSpan[] = isHere ? [] : channel !== undefined ? [makeChannel(channel), { text: " " }] : [
    { text: "[", style: "direct" },
    makeName(from),
    { text: " -> ", style: "direct" },
    makeName(to),
    { text: "] ", style: "direct" },
  ];
  const name = makeName(from);
  if (manner === "did") return [...place, { text: "* " }, name, { text: " " }];
  if (place.length > 0 && channel === undefined) return place;
  const mark = manner === "notice" ? "-" : "";
  const columns = countColumns(name.text) + 2 * mark.length;
  const gap = " ".repeat(Math.max(0, align - columns)) + GAP;
  return [...place, ...mark === "" ? [name] : [{ text: mark }, name, { text: mark }], { text: gap }];
}

function renderText(
  entry: MessageEntry,
  reader: RenderContext,
  { edited, removal }: RowPlace,
  reactions: ReactionCounts | undefined,
): StyledSpan[] {
  if (removal !== undefined) return [makeDim(removal)];
  const mentions = isMention(entry, reader);
  return [
    ...mentions ? [MENTION_MARK] : [],
    ...renderMessageText(entry.text, mentions ? "bold" : undefined),
    ...entry.replaces === undefined
      ? []
      : [makeDim(edited === undefined ? " (edited)" : ` (edited, of ${edited})`)],
    ...entry.isFailed ? [FAILED_MARK] : [],
    ...renderReactions(reactions),
  ];
}

/** `↳ alice: "two retries…"`, in at most `columns`; nothing for what is no reply. */
function renderQuote({ replyTo, quoted }: MessageEntry, columns: number): StyledSpan[] {
  if (replyTo === undefined) return [];
  if (quoted === undefined) return [makeDim("↳ an earlier message")];
  const name = makeName(quoted.of);
  const space = Math.min(QUOTE_COLUMNS, columns - countColumns(name.text) - 6);
  return [makeDim("↳ "), name, makeDim(`: "${cutToColumns(toPrintableText(quoted.excerpt), space)}"`)];
}

/** What is no message, with the mark of the screen in front. */
function renderEvent(
  entry: Exclude<ChatEntry, MessageEntry>,
  reader: RenderContext,
  local: LocalTime,
  nth: number | undefined,
): StyledSpan[] {
  switch (entry.kind) {
    case "joined":
    case "left":
    case "quit":
      return renderPresenceLine(entry, reader);
    case "reaction":
      return renderReaction(entry, reader);
    default: {
      const [first, ...rest] = entry.kind === "redacted"
        ? renderRedaction(entry, reader, local, nth)
        : renderEntryBody(entry, reader, local);
      return [{ ...first!, text: first!.text.replace(/^(?:---|<--) /, "··· ") }, ...rest];
    }
  }
}

/** `··· bob 👍 to alice: "the deploy is through"`. */
function renderReaction(
  { channel, from, text, removed, of, excerpt = "" }: ChatEntry & { kind: "reaction" },
  reader: RenderContext,
): StyledSpan[] {
  return [
    makeDim("··· "),
    ...channel === undefined || isCurrent(channel, reader) ? [] : [makeChannel(channel), makeDim(": ")],
    makeName(from),
    { text: ` ${removed ? "took back " : ""}${toPrintableText(text)}` },
    makeDim(removed ? " from " : " to "),
    ...of === undefined
      ? [makeDim("an earlier message")]
      : [makeName(of), makeDim(`: "${cutToColumns(toPrintableText(excerpt), QUOTE_COLUMNS)}"`)],
  ];
}
