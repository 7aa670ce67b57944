/** CHATHISTORY TARGETS: the conversations of a session, by their latest messages. */
import { CAP } from "../../../irc/capabilities.ts";
import type { HubContext, Services } from "../../context.ts";
import { sendHistoryBatch } from "../../fanout/history/history_reply.ts";
import { CHATHISTORY_MAX_MESSAGES } from "../../model/config.ts";
import type { ConversationLog } from "../../model/conversation_log.ts";
import { accountOf, ownerOf } from "../../model/state/entities.ts";
import type { Session } from "../../model/state/entities.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import { formatTimestamp } from "../../output/render.ts";
import { parseLimit, parseTimestampParam } from "./history_params.ts";

/**
 * `TARGETS <timestamp> <timestamp> <limit>`: the channels that the session is in and its direct conversations, in
 * the order of their latest messages.
 */
export function chathistoryTargets(
  context: HubContext,
  services: Services,
  session: Session,
  params: readonly string[],
): void {
  const fail = (text: string) => context.fail(session, "CHATHISTORY", "INVALID_PARAMS", ["TARGETS"], text);
  if (params.length !== 3) return fail("TARGETS needs two timestamps and a limit");
  const [first, second] = [parseTimestampParam(params[0]!), parseTimestampParam(params[1]!)];
  const limit = parseLimit(params[2]!);
  if (first === undefined || second === undefined) {
    return fail("Both ends must be given as timestamp=YYYY-MM-DDThh:mm:ss.sssZ");
  }
  if (limit === undefined) return fail("The limit must be a whole number above 0");
  services.offlineMessages.noteHistoryRequest(session);
  context.runInSteps(sendTargets(context, services, session, first, second, limit));
}

/** Of many conversations, only the rows that sort first so far are held in memory. */
function* sendTargets(
  context: HubContext,
  services: Services,
  session: Session,
  first: number,
  second: number,
  limit: number,
): WorkSteps {
  const [low, high] = [Math.min(first, second), Math.max(first, second)];
  const order = (a: TargetRow, b: TargetRow) => first <= second ? a.time - b.time : b.time - a.time;
  let rows: TargetRow[] = [];
  let isWhole = true;
  for (const row of latestOfConversations(context, services, session)) {
    if (session.closeReason !== undefined) return;
    if (row !== undefined && row.time > low && row.time < high) rows.push(row);
    if (rows.length >= 2 * MAX_TARGET_ROWS) {
      rows = rows.sort(order).slice(0, MAX_TARGET_ROWS);
      isWhole = false;
    }
    yield 1;
  }
  rows.sort(order);
  const ref = context.nextBatchRef();
  const lead = session.caps.has(CAP.batch) ? `@batch=${ref} ` : "";
  // The next page starts after the last time of this one: a page that ended among equal times would lose the others.
  let end = Math.min(limit, rows.length);
  while (end > 0 && rows[end]?.time === rows[end - 1]!.time) end++;
  const lines = rows.slice(0, end).map(({ name, time }) =>
    `${lead}:${context.config.serverName} CHATHISTORY TARGETS ${name} ${formatTimestamp(time)}`
  );
  sendHistoryBatch(context, session, ref, "draft/chathistory-targets", lines, isWhole && end === rows.length);
}
interface TargetRow {
  readonly name: string;
  /** Time of the latest message. */
  readonly time: number;
}

/** Rows of the conversations of `session`; undefined for a conversation that is no longer in the log. */
function* latestOfConversations(
  context: HubContext,
  services: Services,
  session: Session,
): Iterable<TargetRow | undefined> {
  const conversations = services.history.directConversations.get(ownerOf(session));
  for (const channel of session.channels.keys()) {
    yield latestOfConversation(context, services, channel.conversation);
  }
  for (const conversation of conversations?.values() ?? []) {
    yield latestOfConversation(context, services, conversation);
  }
  const account = accountOf(session);
  if (account === undefined || !session.caps.has(CAP.seq)) return;
  // A request for the history of these is answered with the gap.
  for (const [name, { time }] of services.readMarkers.lostUnread(account)) {
    if (!conversations?.has(name)) yield { name, time };
  }
}
function latestOfConversation(
  { log }: HubContext,
  { history }: Services,
  { name, timeline }: ConversationLog,
): TargetRow | undefined {
  const length = timeline.length(log.oldestSeq);
  return length === 0 ? undefined : { name, time: history.timeOf(timeline.at(length - 1)) ?? 0 };
}

/** Maximum number of rows in a reply to TARGETS. */
const MAX_TARGET_ROWS = CHATHISTORY_MAX_MESSAGES;
