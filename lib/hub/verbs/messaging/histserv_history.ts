/**
 * HISTORY, as a verb and as a command to HistServ: the latest messages of a conversation. A client that distinguishes
 * old messages from new ones gets them as a `chathistory` batch. Other clients get notices that contain the time,
 * which no client takes for new messages.
 */
import { utf8Length } from "../../../base/bytes.ts";
import { CapSet } from "../../../irc/cap_set.ts";
import { CRLF_BYTES, MAX_LINE_BYTES } from "../../../irc/limits.ts";
import type { Message } from "../../../irc/message.ts";
import { joinConcatenated } from "../../../irc/multiline.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import { casefold } from "../../../irc/names/casemap.ts";
import { splitText } from "../../../irc/text_splitter.ts";
import type { HubContext, Services } from "../../context.ts";
import { readConversation, runReading } from "../../fanout/history/archive_reader.ts";
import type { ReadConversation } from "../../fanout/history/archive_reader.ts";
import { rendersTimedBatches, sendSelection } from "../../fanout/history/history_reply.ts";
import { findUnread } from "../../fanout/history/offline_replay.ts";
import { markReplayed } from "../../fanout/history/read_marker_updates.ts";
import {
  formatMessageCount,
  formatNoticeHead,
  HISTSERV,
  sendServiceNotice,
} from "../../fanout/history/service_notice.ts";
import type { LoggedMessage } from "../../history/history_index.ts";
import { selectLatest } from "../../history/history_query.ts";
import { messageIn } from "../../history/paging/history_view.ts";
import type { PageRequest } from "../../history/paging/page_request.ts";
import { CHATHISTORY_MAX_MESSAGES } from "../../model/config.ts";
import { nickOf } from "../../model/identifiers.ts";
import type { MessagePosition } from "../../model/identifiers.ts";
import type { Session } from "../../model/state/entities.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import { toSafeParam } from "../../output/safe_param.ts";
import type { VerbTable } from "../verb.ts";
import { findReadableTarget } from "./chathistory.ts";

/** Messages shown if no count is given; of a direct conversation all waiting messages, if these are more. */
export const HISTORY_MESSAGES = 30;
/** Maximum number of messages shown as notices: one line each, or several. */
export const MAX_HISTORY_IN_WORDS = 200;
/** Work units (work_steps.ts) of a message shown as notices. */
const MESSAGE_UNITS = 4;

/** Delimiter of a CTCP message (modern, "CTCP"), and the beginning of a `/me` message. */
const CTCP = "\x01";
const ACTION = `${CTCP}ACTION `;

const USAGE = `usage: HISTORY <room>|<nick> [<count>], with a count from 1 to ${CHATHISTORY_MAX_MESSAGES}`;

/** `HISTORY <target> [<count>]`, as an IRC verb. */
function historyBatch(context: HubContext, services: Services, session: Session, message: Message): void {
  sendHistory(context, services, session, message.params);
}

export function sendHistory(
  context: HubContext,
  services: Services,
  session: Session,
  [name = "", given]: readonly string[],
): void {
  const wanted = given === undefined ? undefined : parseCount(given);
  if (name === "" || given !== undefined && wanted === undefined) {
    return sendServiceNotice(context, session, HISTSERV, USAGE);
  }
  runReading(context, services, session, sendLatest(context, services, session, name, wanted));
}

function* sendLatest(
  context: HubContext,
  services: Services,
  session: Session,
  name: string,
  wanted: number | undefined,
): WorkSteps {
  const tell = (text: string) => sendServiceNotice(context, session, HISTSERV, text);
  const waitingFrom = findWaiting(services, session, name);
  const request: PageRequest = {
    command: "LATEST",
    anchors: [],
    limit: waitingFrom === undefined ? wanted ?? HISTORY_MESSAGES : CHATHISTORY_MAX_MESSAGES,
    caps: CapSet.EMPTY,
    isExact: true,
  };
  const find = () => findReadableTarget(context, services, session, name);
  const read = yield* readConversation(context, services, session, name, request, find);
  if (session.closeReason !== undefined) return;
  if (read === "hidden") {
    return tell(`${toSafeParam(name)}: there is no such room, or you may not read its history`);
  }
  if (read.isPartial) tell("Older messages cannot be read at the moment; try again later");
  const { view } = read;
  const { length } = view;
  if (length === 0) {
    return read.isPartial ? undefined : tell(`${toSafeParam(name)}: the history has no messages`);
  }
  const account = session.user?.account;
  const waiting = account === undefined || waitingFrom === undefined
    ? []
    : findUnread(services, account, waitingFrom.nick, view, waitingFrom.seq);
  const count = wanted ?? Math.max(HISTORY_MESSAGES, countFrom(read, waiting[0]));
  const shows = rendersTimedBatches(session.caps);
  const selection = selectLatest(undefined, shows ? count : Math.min(count, MAX_HISTORY_IN_WORDS), length);
  // Messages that arrive while they are shown as notices are not among them.
  const last = view.sequence.at(length - 1);
  const end = { seq: last, time: view.times.of(last) };
  const firstWaiting = waiting[0] === undefined
    ? Infinity
    : view.sequence.partition((seq) => seq < waiting[0]!);
  const done = (told: number) => {
    if (firstWaiting >= length - told) markDelivered(context, services, session, read.name, end);
  };
  if (!shows) {
    return context.runInSteps(sendAsNotices(context, services, session, read, selection.from, done));
  }
  const channel = isChannelName(name) ? read.name : undefined;
  done(sendSelection(context, services, session, { requestedTarget: read.name, channel, view, selection }));
}

/** A whole number from 1, capped at the maximum that is shown at once. */
function parseCount(text: string): number | undefined {
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0) return undefined;
  return Math.min(Number(text), CHATHISTORY_MAX_MESSAGES);
}

/** Number of messages of the conversation from the record `seq` on; 0 without `seq`. */
function countFrom({ view: { sequence, length } }: ReadConversation, seq: number | undefined): number {
  return seq === undefined ? 0 : length - sequence.partition((each) => each < seq);
}

/** The first record of those in the conversation with `name` that wait for the account of `session`. */
function findWaiting(
  services: Services,
  session: Session,
  name: string,
): { readonly nick: string; readonly seq: number } | undefined {
  const account = session.user?.account;
  if (account === undefined || isChannelName(name)) return undefined;
  const nick = casefold(name);
  const seq = services.offlineMessages.of(account).get(nick);
  return seq === undefined ? undefined : { nick, seq };
}

/** Marks the messages of the direct conversation with `name` up to `end` as delivered: the session has been shown them. */
function markDelivered(
  context: HubContext,
  services: Services,
  session: Session,
  name: string,
  end: MessagePosition,
): void {
  const { user } = session;
  const account = user?.account;
  if (user === undefined || account === undefined || isChannelName(name)) return;
  services.offlineMessages.clear(account, name);
  markReplayed(context, services, session, user, name, end);
}

/** Sends the messages of `read` from the position `from` on as notices, with a line before and after them. */
function* sendAsNotices(
  context: HubContext,
  services: Services,
  session: Session,
  { name, view }: ReadConversation,
  from: number,
  done: (told: number) => void,
): WorkSteps {
  const { sequence, length } = view;
  const seqs = sequence.range(from, length);
  const all = seqs.length === length || !view.isStart ? "" : ` of ${length}`;
  const tell = (text: string) => sendServiceNotice(context, session, HISTSERV, text);
  tell(`The last ${formatMessageCount(seqs.length)}${all} in ${name}, times in UTC:`);
  for (const seq of seqs) {
    if (session.closeReason !== undefined) return;
    const entry = messageIn(services.history, view, seq);
    if (entry !== undefined) sendEntryAsNotices(context, session, name, entry);
    yield MESSAGE_UNITS;
  }
  tell(`End of the history of ${name}`);
  done(seqs.length);
}

/** `#tea 2026-01-02 03:04:05 <bob> hello`; of a multiline message, each line has this prefix. */
function sendEntryAsNotices(
  context: HubContext,
  session: Session,
  name: string,
  { event, time }: LoggedMessage,
): void {
  const { source, verb, text } = event;
  const nick = nickOf(context.config.cloak?.sourceOf(source) ?? source);
  const stamp = new Date(time).toISOString().slice(0, 19).replace("T", " ");
  const action = text.startsWith(ACTION) ? text.slice(ACTION.length) : undefined;
  const speaker = action !== undefined ? `* ${nick}` : verb === "NOTICE" ? `-${nick}-` : `<${nick}>`;
  const head = `${isChannelName(name) ? `${name} ` : ""}${stamp} ${speaker} `;
  const noticeHead = formatNoticeHead(context, session, HISTSERV);
  const around = utf8Length(noticeHead + head) + CRLF_BYTES;
  const words = joinConcatenated(action ?? text).replaceAll(CTCP, "");
  for (const piece of splitText(words, MAX_LINE_BYTES - around)) {
    context.send(session, noticeHead + head + piece);
  }
}

export const HISTORY_VERBS: VerbTable = {
  HISTORY: { min: 1, who: "session", run: historyBatch },
};
