/** The tool `read_since`: messages of one conversation, from a cursor on. */
import { z } from "zod";
import type { Agent, ToolAnswer } from "../agent.ts";
import { readBehind, readNewest } from "../conversation_reader.ts";
import type { ConversationPage } from "../conversation_reader.ts";
import { DATA_WARNING, formatItems } from "../message_data.ts";
import { formatCursor, parseCursor } from "../read_cursor.ts";
import { conversation, cursor, gapRecord, messageRecord } from "./schemas.ts";

/** Most messages of one call, those included that are left out. */
export const MAX_READ_MESSAGES = 100;
const DEFAULT_READ_MESSAGES = 50;

export const readSinceInput = z.object({
  conversation,
  cursor: cursor.optional().describe("the `cursor` of the last call; left out: the newest messages"),
  limit: z.number().int().min(1).max(MAX_READ_MESSAGES).default(DEFAULT_READ_MESSAGES).describe(
    "most messages",
  ),
});

export const readSinceOutput = z.object({
  conversation: z.string(),
  messages: z.array(messageRecord),
  gaps: z.array(gapRecord).describe("messages that are lost, with the time before and behind them"),
  left_out: z.number().describe("messages of people who are not allowed"),
  more: z.boolean().describe("there are more behind `cursor`"),
  cursor: z.string().describe("give it to the next call"),
});

export async function readSince(agent: Agent, input: z.infer<typeof readSinceInput>): Promise<ToolAnswer> {
  const target = agent.allowed.require(input.conversation);
  const from = input.cursor === undefined ? undefined : parseCursor(target, input.cursor);
  const link = await agent.connection.requireFor(target);
  const options = { ...agent.reading, link, target, limit: input.limit, now: agent.clock.now() };
  return formatPage(target, from === undefined ? await readNewest(options) : await readBehind(options, from));
}

export function formatPage(target: string, page: ConversationPage): ToolAnswer {
  const { leftOut, hasMore, position } = page;
  const items = page.items.map(({ data }) => data);
  const next = formatCursor(target, position);
  const text = [
    items.length === 0 ? `no new messages in ${target}\n` : `${DATA_WARNING}\n${formatItems(items)}`,
    describeLeftOut(leftOut),
    hasMore ? "there are more behind the cursor\n" : "",
    `cursor: ${next}`,
  ].join("");
  return {
    text,
    data: {
      conversation: target,
      messages: items.flatMap((each) => each.kind === "message" ? [each.record] : []),
      gaps: items.flatMap((each) => each.kind === "gap" ? [each.record] : []),
      left_out: leftOut,
      more: hasMore,
      cursor: next,
    },
  };
}

/** A line; "": there is nothing to say. */
export function describeLeftOut(count: number): string {
  if (count === 0) return "";
  return `${count === 1 ? "1 message" : `${count} messages`} of others left out (--allow-sender)\n`;
}
