/**
 * CHATHISTORY (https://ircv3.net/specs/extensions/chathistory). The history of an open channel is readable for every
 * user not banned from it, that of a closed channel for its members (channel_access.ts). Direct messages are
 * readable for their two owners only.
 */
import { CAP } from "../../../irc/capabilities.ts";
import { casefold } from "../../../irc/names/casemap.ts";
import type { Message } from "../../../irc/message.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import type { HistoryGap } from "../../../irc/vendor_extensions.ts";
import type { EventLog } from "../../log/event_log.ts";
import { SEQ_JUMP } from "../../../log/seq_jump.ts";
import type { ConversationLog } from "../../model/conversation_log.ts";
import { accountOf, ownerOf } from "../../model/state/entities.ts";
import type { HubContext, Services } from "../../context.ts";
import { isAfter } from "../../model/identifiers.ts";
import type { ReadMarker } from "../../services/read_markers.ts";
import { sendSelection } from "../../fanout/history/history_reply.ts";
import { toSafeParam } from "../../output/safe_param.ts";
import { canRead } from "../../policy/channel_access.ts";
import {
  cutAtAnchor,
  extendToWholeTimes,
  findPageEnds,
  selectAfter,
  selectAround,
  selectBefore,
  selectBetween,
  selectLatest,
} from "../../history/history_query.ts";
import type { HistoryAnchor, HistoryCut, HistorySlice } from "../../history/history_query.ts";
import type { Session } from "../../model/state/entities.ts";
import type { RecordSequence } from "../../model/seq_list.ts";
import type { VerbTable } from "../verb.ts";
import { parseMsgid } from "../../output/render.ts";
import { chathistoryTargets } from "./chathistory_targets.ts";
import { parseLimit, parseTimestampParam } from "./history_params.ts";

/** Number of anchors that each subcommand takes after its target. */
const ANCHORS: Readonly<Record<string, number>> = { BEFORE: 1, AFTER: 1, LATEST: 1, AROUND: 1, BETWEEN: 2 };

const MSGID = "msgid=";

const EMPTY_SELECTION: HistorySlice = { from: 0, to: 0, keepSide: "newest", isWhole: true };

type ChathistoryFailure = { code: "INVALID_PARAMS" | "INVALID_MSGREFTYPE" | "MESSAGE_ERROR"; text: string };

function chathistory(context: HubContext, services: Services, session: Session, message: Message): void {
  const [subcommand = "", ...params] = message.params;
  const command = subcommand.toUpperCase();
  if (command === "TARGETS") return chathistoryTargets(context, services, session, params);
  const anchors = ANCHORS[command];
  if (anchors === undefined) {
    return context.fail(session, "CHATHISTORY", "INVALID_PARAMS", [subcommand], "Unknown command");
  }
  if (params.length !== anchors + 2) {
    const what = params.length < anchors + 2 ? "Insufficient parameters" : "Too many parameters";
    return context.fail(session, "CHATHISTORY", "INVALID_PARAMS", [command], what);
  }
  const name = params[0]!;
  const found = findReadableTarget(context, services, session, name);
  if (found === "unknown") {
    return context.fail(
      session,
      "CHATHISTORY",
      "INVALID_TARGET",
      [command, name],
      "Messages could not be retrieved",
    );
  }
  const timeline = found === "empty" ? undefined : visiblePositions(session, found);
  const selected = timeline === undefined ? EMPTY_SELECTION : selectMessages(
    context,
    services,
    command,
    params,
    timeline,
    (found as ConversationLog).timeline.clockBreaks,
  );
  if ("code" in selected) {
    const about = selected.code === "INVALID_PARAMS" ? [command] : [command, name];
    return context.fail(session, "CHATHISTORY", selected.code, about, selected.text);
  }
  const target = found === "empty" ? undefined : found;
  const asked = toSafeParam(name); // as requested: the client matches the reply by it, even if the target was renamed
  const next = selected.from < selected.to ? timeline!.at(selected.from) : context.log.nextSeq;
  // A gap after the last message of this page is reported with the next page.
  const isWhole = command !== "AFTER" || timeline === undefined ||
    selected.to >= timeline.length(context.log.oldestSeq);
  const until = isWhole ? Infinity : timeline.at(selected.to - 1);
  const gap = session.caps.has(CAP.seq)
    ? gapBeforePage(context, command, params[1]!, target, { next, until }) ??
      unreadGap(context, services, session, params, target)
    : undefined;
  const channel = isChannelName(name) ? target?.name ?? name : undefined;
  sendSelection(context, services, session, {
    requestedTarget: asked,
    channel,
    timeline,
    selection: selected,
    gap: gap && { target: asked, ...gap },
  });
  const account = session.user?.account;
  if (account !== undefined && channel === undefined) {
    services.offlineMessages.clear(account, name); // the client fetches the conversation itself
  }
}

/**
 * History gap of a direct conversation that is no longer in the log, and in which the last messages were overwritten
 * before the session's account had read them.
 */
function unreadGap(
  context: HubContext,
  services: Services,
  session: Session,
  [name = "", anchor = ""]: readonly string[],
  target: ConversationLog | undefined,
): Omit<HistoryGap, "target"> | undefined {
  const account = accountOf(session);
  if (target !== undefined || account === undefined || isChannelName(name)) return undefined;
  const marker = services.readMarkers.of(account, name);
  return marker !== undefined && isBeforeLost(context, anchor, marker)
    ? { count: undefined, why: "overwritten" }
    : undefined;
}

/**
 * Whether messages after `anchor` were lost unread. A time that the read marker covers is before the lost messages
 * even if the clock was set back.
 */
function isBeforeLost({ config }: HubContext, anchor: string, marker: ReadMarker): boolean {
  const { lost, lostSeq, time } = marker;
  if (anchor.startsWith(MSGID)) {
    return (parseMsgid(anchor.slice(MSGID.length), config.logId) ?? Infinity) < lostSeq;
  }
  const since = parseTimestampParam(anchor);
  if (since === undefined) return false;
  return since < lost || since <= time && isAfter({ time: lost, seq: lostSeq }, marker);
}

/** Records of the conversation that are visible to `session`. */
function visiblePositions(session: Session, { timeline }: ConversationLog): RecordSequence {
  return session.caps.has(CAP.eventPlayback) ? timeline.allEventsFor(session.caps) : timeline;
}

/** Gap between the position that the request continues from and `until`; `next` is the first record of the page. */
function gapBeforePage(
  { log, config }: HubContext,
  command: string,
  anchor: string,
  target: ConversationLog | undefined,
  { next, until }: { next: number; until: number },
): Omit<HistoryGap, "target"> | undefined {
  if (command !== "AFTER" && command !== "LATEST") return undefined;
  const since = parseTimestampParam(anchor);
  if (since !== undefined) {
    const none = target === undefined || !wasOverwrittenSince(log, since) ||
      target.timeline.countGone(0, log.oldestSeq) === 0;
    return none ? undefined : { count: undefined, why: "overwritten" };
  }
  if (!anchor.startsWith(MSGID)) return undefined;
  const seq = parseMsgid(anchor.slice(MSGID.length), config.logId);
  if (seq === undefined) return undefined;
  // An unclean shutdown leaves a jump in the sequence numbers (log/seq_jump.ts).
  if (Math.floor(seq / SEQ_JUMP) !== Math.floor(next / SEQ_JUMP)) return { count: undefined, why: "restart" };
  if (seq >= log.oldestSeq) return undefined;
  const count = target?.timeline.countGone(seq, log.oldestSeq, until);
  return count === 0 ? undefined : { count, why: "overwritten" };
}

/** True if records of that time were overwritten; the conversations that they belonged to are not known any more. */
function wasOverwrittenSince(log: EventLog, time: number): boolean {
  const { oldestSeq } = log;
  return oldestSeq > 1 && time < (log.timeOf(oldestSeq) ?? 0);
}

/**
 * Conversation that `session` may read under `name`. The result does not disclose whether other users have written
 * to each other.
 */
export function findReadableTarget(
  context: HubContext,
  services: Services,
  session: Session,
  name: string,
): ConversationLog | "empty" | "unknown" {
  if (isChannelName(name)) {
    const folded = casefold(name);
    const [target, channel] = [services.history.channels.get(folded), context.state.channels.get(folded)];
    if (target === undefined) return channel === undefined ? "unknown" : "empty";
    return canRead(context, session, target, channel) ? target : "unknown";
  }
  const owner = ownerOf(session);
  return (owner === "" ? undefined : services.history.directConversation(owner, name)) ?? "empty";
}

function selectMessages(
  context: HubContext,
  services: Services,
  command: string,
  params: readonly string[],
  timeline: RecordSequence,
  breaks: readonly number[],
): HistorySlice | ChathistoryFailure {
  const limit = parseLimit(params.at(command === "BETWEEN" ? 3 : 2)!);
  if (limit === undefined) {
    return { code: "INVALID_PARAMS", text: "The limit must be a whole number above 0" };
  }
  const length = timeline.length(context.log.oldestSeq);
  const times = { of: (seq: number) => services.history.timeOf(seq) ?? 0, breaks };
  const cuts = [];
  let isExact = true;
  for (const text of params.slice(1, 1 + ANCHORS[command]!)) {
    if (command === "LATEST" && text === "*") {
      isExact = false; // the next page may be requested by a time of this one
      continue;
    }
    const anchor = parseAnchor(context, text);
    if ("code" in anchor) return anchor;
    if (anchor.by === "time") isExact = false;
    cuts.push(cutAtAnchor(timeline, anchor, times));
  }
  const { selection, ...within } = selectPage(command, cuts, limit, length);
  return isExact ? selection : extendToWholeTimes(selection, findPageEnds(timeline, length, times), within);
}

/** Page that `command` selects; `least` and `most`: the positions that it may not exceed. */
function selectPage(
  command: string,
  [first, second]: readonly HistoryCut[],
  limit: number,
  length: number,
): { selection: HistorySlice; least: number; most: number } {
  switch (command) {
    case "BEFORE":
      return { selection: selectBefore(first!, limit), least: 0, most: first!.before };
    case "AFTER":
      return { selection: selectAfter(first!, limit, length), least: first!.through, most: length };
    case "LATEST":
      return { selection: selectLatest(first, limit, length), least: first?.through ?? 0, most: length };
    case "AROUND":
      return { selection: selectAround(first!, limit, length), least: 0, most: length };
    default: {
      const selection = selectBetween(first!, second!, limit);
      return selection.keepSide === "oldest"
        ? { selection, least: first!.through, most: second!.before }
        : { selection, least: second!.through, most: first!.before };
    }
  }
}

/** `msgid=…` or `timestamp=YYYY-MM-DDThh:mm:ss.sssZ`. */
function parseAnchor(context: HubContext, text: string): HistoryAnchor | ChathistoryFailure {
  if (text.startsWith(MSGID)) {
    const seq = parseMsgid(text.slice(MSGID.length), context.config.logId);
    return seq === undefined
      ? { code: "MESSAGE_ERROR", text: "The msgid is not from this server's log" }
      : { by: "seq", seq };
  }
  const time = parseTimestampParam(text);
  if (time !== undefined) return { by: "time", time };
  if (text.startsWith("timestamp=")) return { code: "INVALID_PARAMS", text: "Invalid timestamp" };
  return { code: "INVALID_MSGREFTYPE", text: "A message reference starts with msgid= or timestamp=" };
}

export const CHATHISTORY_VERBS: VerbTable = {
  CHATHISTORY: { min: 1, who: "session", run: chathistory },
};
