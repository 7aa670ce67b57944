/** The tool `wait_for`: the next message of one conversation that matches. */
import { z } from "zod";
import { UsageError } from "../../../lib/cli/flags/command_definition.ts";
import { compilePattern } from "../../logs/output/text_pattern.ts";
import type { ReadPosition } from "../../../lib/client/conversation/model/read_position.ts";
import type { Agent, ToolAnswer } from "../agent.ts";
import { isSender } from "../allow_list.ts";
import { readBehind, readNewest } from "../conversation_reader.ts";
import type { ConversationPage, ShownItem } from "../conversation_reader.ts";
import { DATA_WARNING, formatItems } from "../message_data.ts";
import type { DataItem, GapRecord, MessageRecord } from "../message_data.ts";
import { formatCursor, parseCursor } from "../read_cursor.ts";
import { ToolRefusal } from "../tool_refusal.ts";
import { describeLeftOut } from "./read_since.ts";
import { conversation, cursor, gapRecord, MAX_NAME_LENGTH, messageRecord } from "./schemas.ts";

/** Longest wait of one call, in seconds; a client may give up before. */
export const MAX_WAIT_SECONDS = 300;
const DEFAULT_WAIT_SECONDS = 30;
/** Messages that are looked at together. */
const PAGE_MESSAGES = 100;
/** Gaps that one call tells of; the last of them. */
const MAX_TOLD_GAPS = 20;
/** Longest pattern, in UTF-16 code units. */
export const MAX_PATTERN_LENGTH = 1000;
/** Longest program of a pattern, in RE2's instructions: a page of the longest messages takes a second. */
export const MAX_PATTERN_STEPS = 1500;

export const waitForInput = z.object({
  conversation,
  cursor: cursor.optional().describe(
    "begin behind this `cursor` of the last call, so that nothing between the calls is missed; left out: from now on",
  ),
  from: z.string().max(MAX_NAME_LENGTH).optional().describe(
    "only messages of this sender, a name or account:NAME",
  ),
  pattern: z.string().max(MAX_PATTERN_LENGTH).optional().describe(
    "only messages with this regular expression (RE2)",
  ),
  timeout_seconds: z.number().min(0).max(MAX_WAIT_SECONDS).default(DEFAULT_WAIT_SECONDS).describe(
    "longest wait",
  ),
});

export const waitForOutput = z.object({
  conversation: z.string(),
  matched: z.boolean().describe("false: the time is over; go on with `cursor`"),
  message: messageRecord.nullable(),
  passed_over: z.number().describe(
    "messages before it that did not match; read_since with the former cursor shows them",
  ),
  gaps: z.array(gapRecord),
  left_out: z.number().describe("messages of people who are not allowed"),
  cursor: z.string(),
});

type WaitForInput = z.infer<typeof waitForInput>;

export async function waitFor(agent: Agent, input: WaitForInput, signal: AbortSignal): Promise<ToolAnswer> {
  const target = agent.allowed.require(input.conversation);
  const from = input.cursor === undefined ? undefined : parseCursor(target, input.cursor);
  const matches = await makeMatcher(input);
  using watch = agent.news.watch(target);
  const endAt = performance.now() + input.timeout_seconds * 1000;
  const leftMs = () => Math.max(0, endAt - performance.now());
  let position = from;
  const seen = { passedOver: 0, leftOut: 0, gaps: [] as GapRecord[] };
  for (;;) {
    const link = await agent.connection.requireFor(target, Math.max(leftMs(), MIN_LINK_WAIT_MS));
    const options = { ...agent.reading, link, target, limit: PAGE_MESSAGES, now: agent.clock.now() };
    if (position === undefined) position = (await readNewest({ ...options, limit: 1 })).position;
    const isOpen = () => link.isAlive && agent.connection.whyClosed(target) === undefined;
    const page = await readUnlessLost(() => readBehind(options, position!), isOpen);
    if (page !== undefined) {
      const match = page.items.find(({ data }) => matches(data));
      note(seen, page, match);
      position = match?.position ?? page.position;
      if (match?.data.kind === "message") return formatOutcome(target, match.data.record, position, seen);
      if (page.hasMore && !signal.aborted && leftMs() > 0) continue;
    }
    if (signal.aborted || leftMs() === 0) return formatOutcome(target, undefined, position, seen);
    await watch.next(leftMs(), signal);
  }
}

/** With a wait of no time, too, a connection that is being made is waited for. */
const MIN_LINK_WAIT_MS = 1_000;

interface Seen {
  passedOver: number;
  leftOut: number;
  gaps: GapRecord[];
}

/** Takes note of what is before `match`, or of the whole page. */
function note(seen: Seen, { items, leftOut }: ConversationPage, match: ShownItem | undefined): void {
  for (const { data } of match === undefined ? items : items.slice(0, items.indexOf(match))) {
    if (data.kind === "gap") seen.gaps.push(data.record);
    else if (!data.record.is_own) seen.passedOver++;
  }
  seen.gaps = seen.gaps.slice(-MAX_TOLD_GAPS);
  seen.leftOut += match?.leftOutBefore ?? leftOut;
}

/** Undefined: meanwhile the connection was lost, and another one is made, or the room. */
async function readUnlessLost(
  read: () => Promise<ConversationPage>,
  isOpen: () => boolean,
): Promise<ConversationPage | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ToolRefusal && !isOpen()) return undefined;
    throw error;
  }
}

/** @throws {ToolRefusal} The pattern is none. */
async function makeMatcher({ from, pattern }: WaitForInput): Promise<(item: DataItem) => boolean> {
  const compiled = pattern === undefined ? undefined : await compile(pattern);
  return (item) => {
    if (item.kind !== "message" || item.record.is_own) return false;
    if (
      from !== undefined && !isSender(from, item.record)
    ) return false;
    return compiled?.isIn(item.record.text) ?? true;
  };
}

async function compile(pattern: string) {
  try {
    const compiled = await compilePattern(pattern, "smart");
    if (compiled.size <= MAX_PATTERN_STEPS) return compiled;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new ToolRefusal(error.message.replace(/^--grep: /, "pattern: "));
  }
  throw new ToolRefusal("pattern: it would take too long; use smaller repetitions ({1,1000}) and classes");
}

function formatOutcome(
  target: string,
  match: MessageRecord | undefined,
  position: ReadPosition,
  { passedOver, leftOut, gaps }: Seen,
): ToolAnswer {
  const next = formatCursor(target, position);
  const items: DataItem[] = gaps.map((record) => ({ kind: "gap", record }));
  if (match !== undefined) items.push({ kind: "message", record: match });
  const text = [
    match === undefined ? `no message in ${target} matched in time; go on with the cursor\n` : "",
    items.length === 0 ? "" : `${DATA_WARNING}\n${formatItems(items)}`,
    passedOver === 0 ? "" : `${passedOver} other messages before it\n`,
    describeLeftOut(leftOut),
    `cursor: ${next}`,
  ].join("");
  const data = {
    conversation: target,
    matched: match !== undefined,
    message: match ?? null,
    passed_over: passedOver,
    gaps,
    left_out: leftOut,
    cursor: next,
  };
  return { text, data };
}
