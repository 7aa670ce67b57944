/** Reads the history of one conversation for a tool: the newest messages, or what is behind a position. */
import { unreachable } from "../../lib/base/assert.ts";
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import { conversationOf } from "../../lib/client/conversation/model/chat_entry.ts";
import type { HistoryItem } from "../../lib/client/conversation/model/chat_entry.ts";
import { isCtcp } from "../../lib/client/conversation/model/entry_parser.ts";
import type { ReadPosition } from "../../lib/client/conversation/model/read_position.ts";
import { startPositionOf } from "../../lib/client/conversation/sync/history_read.ts";
import { LiveMerge } from "../../lib/client/conversation/sync/live_merge.ts";
import { SeenMessages } from "../../lib/client/conversation/sync/seen_messages.ts";
import { readFromServer } from "../../lib/client/history/history_reader.ts";
import type { HistoryReadFailure } from "../../lib/client/history/history_reader.ts";
import type { MessageAccounts } from "./account_tags.ts";
import type { AllowList } from "./allow_list.ts";
import { countItemBytes, makeGapRecord, makeMessageRecord, MAX_RESULT_BYTES } from "./message_data.ts";
import type { DataItem } from "./message_data.ts";
import { ToolRefusal } from "./tool_refusal.ts";

/** Messages that are asked for at a time. */
const PAGE_MESSAGES = 100;

/** Longest time for one read, over as many requests as it takes: a server may have no end. */
const READ_TIMEOUT_MS = 20_000;

/** One item of history, before it is known whether it may be shown. */
interface ReadItem {
  readonly item: HistoryItem | { readonly kind: "new_log"; readonly after: number };
  /** Behind it. */
  readonly position: ReadPosition;
}

export interface ShownItem {
  readonly data: DataItem;
  /** Behind it. */
  readonly position: ReadPosition;
  /** Messages before it on the page that are left out. */
  readonly leftOutBefore: number;
}

export interface ConversationPage {
  /** What may be shown. */
  readonly items: readonly ShownItem[];
  /** Messages of people who are not on the allow-list. */
  readonly leftOut: number;
  /** Behind everything on the page, shown or not. */
  readonly position: ReadPosition;
  /** There is more behind it. */
  readonly hasMore: boolean;
}

export interface ReaderOptions {
  readonly link: Link;
  readonly allowed: AllowList;
  readonly accounts: MessageAccounts;
  /** A room or a user. */
  readonly target: string;
  /** Most messages, those included that are not shown. */
  readonly limit: number;
  readonly now: number;
  /** For tests: replaces {@link READ_TIMEOUT_MS}. */
  readonly timeoutMs?: number;
}

/** What is behind `from`, the oldest first. @throws {ToolRefusal} It cannot be read. */
export async function readBehind(options: ReaderOptions, from: ReadPosition): Promise<ConversationPage> {
  const { limit } = options;
  const found: ReadItem[] = [];
  const enough = new AbortController();
  const merge = new LiveMerge({ seen: new SeenMessages(), position: from });
  let messages = 0;
  await read(options, merge, Math.min(limit + 1, PAGE_MESSAGES), enough.signal, found, (item) => {
    if (item.kind === "message") messages++;
    if (messages > limit) enough.abort();
  });
  const count = countUpTo(found, limit);
  const hasMore = count < found.length;
  return makePage(options, found.slice(0, count), hasMore ? undefined : merge.position, hasMore, from);
}

/** The newest messages. @throws {ToolRefusal} They cannot be read. */
export async function readNewest(options: ReaderOptions): Promise<ConversationPage> {
  const found: ReadItem[] = [];
  const merge = new LiveMerge({ seen: new SeenMessages() });
  await read(options, merge, PAGE_MESSAGES, new AbortController().signal, found, () => {}, options.limit);
  return makePage(options, found, merge.position, false, startPositionOf({ target: options.target }), true);
}

async function read(
  { link, accounts, target, now, timeoutMs = READ_TIMEOUT_MS }: ReaderOptions,
  merge: LiveMerge,
  pageMessages: number,
  signal: AbortSignal,
  found: ReadItem[],
  onItem: (item: HistoryItem) => void,
  limit?: number,
): Promise<void> {
  const late = AbortSignal.timeout(timeoutMs);
  const outcome = await readFromServer({
    link: accounts.follow(link),
    range: { target, limit },
    merge,
    now,
    pageMessages,
    signal: AbortSignal.any([signal, late]),
    onNewLog: (position) => found.push({ item: { kind: "new_log", after: position.time }, position }),
    show: (items) => {
      for (const item of items) {
        found.push({ item, position: positionBehind(item, found.at(-1)?.position) });
        onItem(item);
      }
      return Promise.resolve();
    },
  });
  const failure = outcome.kind !== "done"
    ? outcome
    : late.aborted
    ? { kind: "timed_out" } as const
    : undefined;
  if (failure !== undefined) throw new ToolRefusal(describeReadFailure(failure, target));
}

/** A gap is passed with the message behind it. */
function positionBehind(item: HistoryItem, before: ReadPosition | undefined): ReadPosition {
  if (item.kind === "gap") return before ?? { seq: undefined, id: undefined, time: item.after ?? 0 };
  return { seq: item.seq, id: item.id, time: item.time };
}

/** The number of items up to the message `limit`, if another message follows; else all. */
function countUpTo(found: readonly ReadItem[], limit: number): number {
  let messages = 0;
  let last = found.length;
  for (const [index, { item }] of found.entries()) {
    if (item.kind !== "message") continue;
    if (messages === limit) return last;
    if (++messages === limit) last = index + 1;
  }
  return found.length;
}

/** `newest`: where the text is too long, the first items are left out instead of the last ones. */
function makePage(
  { allowed, accounts, link, now }: ReaderOptions,
  found: readonly ReadItem[],
  reached: ReadPosition | undefined,
  hasMore: boolean,
  start: ReadPosition,
  newest = false,
): ConversationPage {
  const items: ShownItem[] = [];
  let [leftOut, bytes] = [0, 0];
  let last: ReadPosition = start;
  let isCut = false;
  for (const { item, position } of newest ? [...found].reverse() : found) {
    const account = item.kind === "message" ? accounts.of(item) : undefined;
    const isHidden = item.kind === "message" &&
      !allowed.isShown({ ...item, account }, conversationOf(item, link.nick), link.nick);
    if (isHidden) leftOut++;
    else {
      const data = makeDataItem(item, link.nick, account, now);
      if (data !== undefined) {
        bytes += countItemBytes(data);
        isCut = bytes > MAX_RESULT_BYTES && items.length > 0;
        if (isCut) break;
        items.push({ data, position, leftOutBefore: leftOut });
      }
    }
    last = position;
  }
  if (newest) return { items: items.reverse(), leftOut, position: reached ?? start, hasMore: false };
  return { items, leftOut, position: isCut ? last : reached ?? last, hasMore: hasMore || isCut };
}

/** Undefined: it is not for people. */
function makeDataItem(
  item: ReadItem["item"],
  me: string,
  account: string | null | undefined,
  now: number,
): DataItem | undefined {
  switch (item.kind) {
    case "message":
      return isCtcp(item) ? undefined : { kind: "message", record: makeMessageRecord(item, me, account) };
    case "gap":
      return { kind: "gap", record: makeGapRecord(item) };
    case "new_log": {
      const gap = { count: undefined, after: Math.min(item.after, now), before: undefined, why: "new_log" };
      return { kind: "gap", record: makeGapRecord(gap) };
    }
    default:
      return unreachable(item);
  }
}

function describeReadFailure(failure: HistoryReadFailure, target: string): string {
  switch (failure.kind) {
    case "unsupported":
      return "the server keeps no history (draft/chathistory), which read_since and wait_for need";
    case "no_such_target":
    case "unavailable":
    case "failed":
      return toPrintable(`${target}: ${failure.text}`);
    case "lost":
      return toPrintable(`the connection was lost: ${failure.text}; try again with the same cursor`);
    case "timed_out":
      return "the server did not answer in time; try again with the same cursor";
    default:
      return unreachable(failure);
  }
}
