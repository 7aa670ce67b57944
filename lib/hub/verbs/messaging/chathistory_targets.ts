/** CHATHISTORY TARGETS: the conversations of a session, by their latest messages. */
import { CapSet } from "../../../irc/cap_set.ts";
import { CAP } from "../../../irc/capabilities.ts";
import type { HubContext, Services } from "../../context.ts";
import { askArchive, hasOlder } from "../../fanout/history/archive_reader.ts";
import type { StepsFor } from "../../fanout/history/archive_reader.ts";
import { sendHistoryBatch } from "../../fanout/history/history_reply.ts";
import { retainedIn, viewHeld, viewLogged } from "../../history/paging/history_view.ts";
import { CHATHISTORY_MAX_MESSAGES } from "../../model/config.ts";
import type { ConversationLog } from "../../model/conversation_log.ts";
import { accountOf, ownerOf } from "../../model/state/entities.ts";
import type { Session } from "../../model/state/entities.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import { formatTimestamp } from "../../output/render.ts";
import { parseLimit, parseTimestampParam } from "./history_params.ts";

/** Maximum number of rows in a reply to TARGETS. */
const MAX_TARGET_ROWS = CHATHISTORY_MAX_MESSAGES;
/** Most rows that the archive is asked for: more than a reply has, also if all of them have newer messages in the log. */
const MAX_ARCHIVED_ROWS = 2 * CHATHISTORY_MAX_MESSAGES;
/** Rows of equal time that may follow the last one of a page. */
const MAX_EQUAL_ROWS = 100;
/** Queries for one reply; see archive_reader.ts. */
const MAX_QUERIES = 3;

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
  const isAsked = ({ time }: TargetRow) => time > low && time < high;
  const archived = hasOlder(context, services)
    ? yield* readArchivedTargets(context, services, session, {
      low,
      high,
      newestFirst: first > second,
      limit,
    })
    : NO_TARGETS;
  if (session.closeReason !== undefined) return;
  let rows = archived.rows.filter(isAsked);
  let { isWhole } = archived;
  for (const row of latestOfConversations(context, services, session)) {
    if (session.closeReason !== undefined) return;
    if (row !== undefined && isAsked(row)) rows.push(row);
    if (rows.length >= 2 * MAX_TARGET_ROWS) {
      rows = rows.sort(order).slice(0, MAX_TARGET_ROWS);
      isWhole = false;
    }
    yield 1;
  }
  rows.sort(order);
  const { last } = archived;
  if (last !== undefined) rows = rows.filter((row) => order(row, last) <= 0); // others may be missing behind it
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

/** Rows of conversations of which the log holds no message. */
interface ArchivedTargets {
  readonly rows: readonly TargetRow[];
  /** Behind this row there may be others; undefined: there are none. */
  readonly last: TargetRow | undefined;
  /** Whether all are known. */
  readonly isWhole: boolean;
}

const NO_TARGETS: ArchivedTargets = { rows: [], last: undefined, isWhole: true };
const UNKNOWN_TARGETS: ArchivedTargets = { ...NO_TARGETS, isWhole: false };

/**
 * Asks the archive for the conversations of `session` of which the log holds no message. Messages that the hub retains
 * count where the archive has lost all of a conversation.
 */
function* readArchivedTargets(
  context: HubContext,
  services: Services,
  session: Session,
  { low, high, newestFirst, limit }: { low: number; high: number; newestFirst: boolean; limit: number },
): StepsFor<ArchivedTargets> {
  const { history } = services;
  const { lag } = history;
  const isHeld = (log: ConversationLog | undefined) => latestLogged(services, log) !== undefined;
  const unheld = () => [...session.channels.keys()].filter(({ conversation }) => !isHeld(conversation));
  for (let count = 0; count < MAX_QUERIES; count++) {
    const owner = ownerOf(session);
    const asked = unheld().flatMap(({ folded }) => lag.nameAt(folded, lag.archivedUntil) ?? []);
    const newer = directOf(services, session).filter(isHeld).length;
    const most = Math.min(limit + newer + MAX_EQUAL_ROWS, MAX_ARCHIVED_ROWS);
    const answer = yield* askArchive(context, session, {
      kind: "targets",
      owner,
      channels: asked,
      after: low,
      before: high,
      newestFirst,
      limit: most,
      until: Math.max(lag.coveredFrom, history.log.oldestSeq),
    });
    if (answer === undefined) return UNKNOWN_TARGETS;
    const { archivedUntil, targets } = answer;
    if (archivedUntil < lag.coveredFrom || ownerOf(session) !== owner) continue;
    lag.noteArchived(archivedUntil);
    const channels = unheld(); // the session may be in others by now
    const names = new Map(channels.map((channel) => [lag.nameAt(channel.folded, archivedUntil), channel]));
    if ([...names.keys()].some((name) => name !== undefined && !asked.includes(name))) continue;
    const logs = new Set<ConversationLog>();
    const rows = targets.flatMap(({ conversation, name, time }) => {
      const channel = conversation.kind === "channel" ? names.get(conversation.name) : undefined;
      if (conversation.kind === "channel" && channel === undefined) return [];
      const log = channel?.conversation ?? history.directConversation(owner, conversation.name);
      if (log !== undefined) logs.add(log);
      return isHeld(log) ? [] : [{ name: channel?.name ?? name, time }];
    });
    const others = [...channels.map(({ conversation }) => conversation), ...directOf(services, session)];
    for (const log of others) {
      const seq = isHeld(log) || logs.has(log) ? undefined : retainedIn(log, answer.lost).at(-1);
      if (seq !== undefined) rows.push({ name: log.name, time: history.timeOf(seq) ?? 0 });
    }
    const isWhole = targets.length < most;
    return { rows, last: isWhole ? undefined : targets.at(-1), isWhole };
  }
  return UNKNOWN_TARGETS;
}

/** The direct conversations of `session`. */
function directOf({ history }: Services, session: Session): ConversationLog[] {
  return [...history.directConversations.get(ownerOf(session))?.values() ?? []];
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
  context: HubContext,
  services: Services,
  target: ConversationLog,
): TargetRow | undefined {
  if (hasOlder(context, services)) return latestLogged(services, target);
  const { sequence, length, times } = viewHeld(services.history, target, CapSet.EMPTY);
  return length === 0 ? undefined : { name: target.name, time: times.of(sequence.at(length - 1)) };
}

/** The row of `target` if the log itself holds a message of it. */
function latestLogged({ history }: Services, target: ConversationLog | undefined): TargetRow | undefined {
  const { sequence, length, times } = viewLogged(history, target, CapSet.EMPTY);
  return length === 0 ? undefined : { name: target!.name, time: times.of(sequence.at(length - 1)) };
}
