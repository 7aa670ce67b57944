/** What all tools of one agent share. */
import type { Clock } from "../../lib/base/clock.ts";
import { TokenBucket } from "../../lib/base/token_bucket.ts";
import type { Rate } from "../../lib/base/token_bucket.ts";
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { AgentConnection } from "./agent_connection.ts";
import type { AllowList } from "./allow_list.ts";
import type { CallLimits, LimitedTool } from "./call_limits.ts";
import type { ReaderOptions } from "./conversation_reader.ts";
import type { News } from "./news.ts";
import { ToolRefusal } from "./tool_refusal.ts";

export interface Agent {
  readonly connection: AgentConnection;
  readonly allowed: AllowList;
  /** What is shown of a conversation, and how. */
  readonly reading: Pick<ReaderOptions, "allowed" | "accounts">;
  readonly limits: CallLimits;
  readonly news: News;
  readonly clock: Clock;
  /** Aborted when the program is about to end, before calls that run are. */
  readonly ending: AbortSignal;
  /** Gets what the person who runs the agent is to know. */
  readonly report: (text: string) => void;
  /** As `report`, for what a model can cause as often as it likes: beyond {@link REFUSAL_RATE} it is counted. */
  readonly reportRefusal: (text: string) => void;
}

/** Refusals that are reported at once, and as many again within the time. */
export const REFUSAL_RATE: Rate = { count: 60, ms: 60_000 };

/** Reports within {@link REFUSAL_RATE}. */
export function limitReports(report: (text: string) => void, clock: Clock): (text: string) => void {
  const bucket = new TokenBucket(REFUSAL_RATE, clock.now());
  let unreported = 0;
  return (text) => {
    if (bucket.take(1, clock.now()) === 0) return void unreported++;
    report(unreported === 0 ? text : `${text} (before it ${unreported} refusals that are not reported)`);
    unreported = 0;
  };
}

/** What a tool answers with: text for the model, and the same as data by the tool's output schema. */
export type ToolAnswer = { readonly text: string; readonly data: Record<string, unknown> };

/** A result as the SDK takes it; a type alias, as its type has an index signature. */
export type ToolResult = {
  content: { type: "text"; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: boolean;
};

/** Runs one call within the limits of `tool`. A refusal is a tool error, and is reported. */
export async function runTool(
  { limits, clock, report, reportRefusal }: Agent,
  tool: LimitedTool,
  call: () => Promise<ToolAnswer>,
): Promise<ToolResult> {
  try {
    const { text, data } = await limits.run(tool, clock.now(), call);
    return { content: [{ type: "text", text }], structuredContent: data };
  } catch (error) {
    if (!(error instanceof ToolRefusal)) {
      const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      report(`${tool}: this is a bug, please report it: ${text}`);
      return makeToolError(toPrintable(`this is a bug of chatterbox mcp: ${text}`));
    }
    reportRefusal(`${tool} refused: ${error.message}`);
    return makeToolError(error.message);
  }
}

function makeToolError(text: string): ToolResult {
  return { content: [{ type: "text", text }], isError: true };
}
