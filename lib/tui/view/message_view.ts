/** The lines of messages, without their time: of rooms, direct ones, and those that a search has found. Pure. */
import { unreachable } from "../../base/assert.ts";
import { toPrintableText } from "../../base/printable_text.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import type { ChatEntry, MessageEntry, MessageManner } from "../../client/conversation/model/chat_entry.ts";
import type { LocalTime } from "../../client/conversation/model/local_time.ts";
import { mentionsUser } from "../../client/conversation/model/mention.ts";
import { makeSnippet } from "./snippet.ts";
import { isCurrent, makeChannel, makeDim, makeName } from "./spans.ts";
import type { RenderContext } from "./spans.ts";
import { NEXT_LINE } from "./styled_line.ts";
import type { StyledSpan } from "./styled_line.ts";

export function renderMessage(entry: MessageEntry, channel: string, reader: RenderContext): StyledSpan[] {
  const mentions = isMention(entry, reader);
  return [
    ...mentions ? [MENTION_MARK] : [],
    ...isCurrent(channel, reader) ? [] : [makeChannel(channel), { text: " " }],
    ...renderSpeaker(entry.manner, makeName(entry.from)),
    ...renderText(entry.text, mentions ? "bold" : undefined),
    ...renderReferences(entry),
  ];
}

/** Whether a message of another person mentions the reader. */
export function isMention(entry: MessageEntry, { nick, highlights }: RenderContext): boolean {
  return !isSameName(entry.from, nick) && mentionsUser(entry, nick, highlights);
}

/** What a message refers to: behind its text, where a quote cannot pass for a sender. */
function renderReferences({ replyTo, quoted, replaces }: MessageEntry): StyledSpan[] {
  const to = quoted === undefined ? [makeDim("an earlier message")] : [
    makeName(quoted.of),
    makeDim(`: «${toPrintableText(quoted.excerpt)}»`),
  ];
  return [
    ...replyTo === undefined ? [] : [makeDim(" (reply to "), ...to, makeDim(")")],
    ...replaces === undefined ? [] : [makeDim(" (edited)")],
  ];
}

export function renderDirect(entry: MessageEntry): StyledSpan[] {
  const { from, to, manner, text } = entry;
  return [
    { text: "[", style: "direct" },
    makeName(from),
    { text: " -> ", style: "direct" },
    makeName(to),
    { text: "] ", style: "direct" },
    ...manner === "did" ? renderSpeaker("did", makeName(from)) : [],
    ...renderText(text),
    ...renderReferences(entry),
  ];
}

/** Most columns of the text of a message that a search has found. */
const MAX_SNIPPET_COLUMNS = 160;

/** The text is as it was sent: a match differs by its style alone. */
export function renderFound(
  { message, matches }: ChatEntry & { kind: "found" },
  local: LocalTime,
): StyledSpan[] {
  const { time, channel, from, to, manner, text } = message;
  const when = `${local.date(time)} ${new Date(time).getFullYear()} ${local.clock(time)} `;
  const place = channel === undefined
    ? [makeDim("["), makeName(from), makeDim(" -> "), makeName(to), makeDim("] ")]
    : [makeChannel(channel), { text: " " }];
  const speaker = channel === undefined && manner !== "did" ? [] : renderSpeaker(manner, makeName(from));
  return [
    makeDim(`--- ${when}`),
    ...place,
    ...speaker,
    ...makeSnippet(text, matches, MAX_SNIPPET_COLUMNS).map((part): StyledSpan => {
      const shown = toPrintableText(part.text);
      return part.isMatch ? { text: shown, style: "bold", sgr: "4" } : makeDim(shown);
    }),
  ];
}

function renderText(text: string, style?: "bold"): StyledSpan[] {
  return text.split("\n").flatMap((line, index) => [
    ...index === 0 ? [] : [NEXT_LINE],
    { text: toPrintableText(line), ...style && { style } },
  ]);
}

/** Marks a message that mentions the reader. It stands before the sender, where no sender can write. */
export const MENTION_MARK: StyledSpan = { text: ">>> ", style: "bold" };

function renderSpeaker(manner: MessageManner, name: StyledSpan): StyledSpan[] {
  switch (manner) {
    case "said":
      return [{ text: "<" }, name, { text: "> " }];
    case "did":
      return [{ text: "* " }, name, { text: " " }];
    case "notice":
      return [{ text: "-" }, name, { text: "- " }];
    default:
      return unreachable(manner);
  }
}
