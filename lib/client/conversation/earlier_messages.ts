/** Earlier messages of a conversation that the person asks for, page by page (`/logs`, `/older`). Pure. */
import { HISTORY_END_TAG } from "../../irc/capability_names.ts";
import type { Message, MessageParts } from "../../irc/message.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import { adviseChannelPrefix } from "./model/bare_channel.ts";
import type { ChatEntry } from "./model/chat_entry.ts";
import { parseChatEntry } from "./model/entry_parser.ts";
import type { IgnoreList } from "./model/ignore_list.ts";
import { MessageExcerpts } from "./model/message_excerpts.ts";
import { positionOf } from "./model/read_position.ts";
import { formatAnchor } from "./sync/history_read.ts";

/** The answer is shown. */
export interface EarlierRequest {
  /** A channel or a user. */
  readonly target: string;
  /** Most messages. */
  readonly count: number;
  /** The anchor that the messages are before; left out: they are the latest. */
  readonly before?: string;
  /** The view that was the current one. */
  readonly askedIn?: string | undefined;
}

/** What the person reads on with. */
export class EarlierReading {
  /** Asks for the messages before those that were asked for last. */
  next: EarlierRequest | undefined;
  /** There is a request without a response. */
  isWaiting = false;
}

export interface EarlierPage {
  readonly entries: readonly ChatEntry[];
  /** What asks for those before; undefined: the page is empty. */
  readonly next: EarlierRequest | undefined;
}

export function makeEarlierMessage({ target, count, before }: EarlierRequest): MessageParts {
  const [which, anchor] = before === undefined ? ["LATEST", "*"] : ["BEFORE", before];
  return { command: "CHATHISTORY", params: [which, target, anchor, String(count)] };
}

/**
 * What the answer to `purpose` shows. A server may give more messages than were asked for, those of the same time:
 * the newest are shown. It may give fewer although there are more, so only an empty page is the end, and one that the
 * server marks.
 */
export function readEarlierPage(
  purpose: EarlierRequest,
  lines: readonly Message[],
  now: number,
  channels: readonly string[],
): EarlierPage {
  const { target, count, before } = purpose;
  const where = isChannelName(target) ? `in ${target}` : `with ${target}`;
  const note = (text: string): ChatEntry => ({ kind: "note", time: now, text });
  const heading = (text: string): ChatEntry => ({ kind: "heading", time: now, text });
  const given = lines.flatMap((line) => {
    const entry = parseChatEntry(line, now);
    return entry === undefined ? [] : [{ line, entry }];
  });
  const said = given.slice(-count);
  if (said.length === 0) {
    const what = before === undefined ? "no messages" : "no earlier messages";
    return { entries: [note(`${what} ${where}${adviseChannelPrefix(target, channels)}`)], next: undefined };
  }
  const isFirst = said.length === given.length && lines.some(({ tags }) => tags.has(HISTORY_END_TAG));
  const rest = isFirst ? "there are none before them" : "those before them: /older";
  return {
    entries: [
      heading(`earlier messages ${where}:`),
      ...said.map(({ entry }) => entry),
      heading(`(end of earlier messages ${where}; ${rest})`),
    ],
    next: { ...purpose, before: formatAnchor(positionOf(said[0]!.line, now)) },
  };
}

interface QuoteHost {
  /** Ours. */
  readonly nick: string;
  readonly excerpts: MessageExcerpts;
  readonly ignoreList: IgnoreList;
}

/** `entries` with what replies and reactions are about: a message among them, or one that was seen before. */
export function quoteTargets(
  entries: readonly ChatEntry[],
  { nick, excerpts, ignoreList }: QuoteHost,
): ChatEntry[] {
  const shown = new MessageExcerpts();
  for (const entry of entries) {
    if (entry.kind === "message" && !ignoreList.isHidden(entry)) {
      shown.add(entry, "", isSameName(entry.from, nick));
    }
  }
  const find = (id: string | undefined) => shown.get(id) ?? excerpts.get(id);
  return entries.map((entry) => {
    if (entry.kind === "message" && entry.replyTo) return { ...entry, quoted: find(entry.replyTo) };
    return entry.kind === "reaction" ? { ...entry, ...find(entry.to) } : entry;
  });
}
