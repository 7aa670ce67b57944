/**
 * HistServ and HISTORY: history for clients that have no other way to request it. The readable messages are those of
 * CHATHISTORY. A client that distinguishes old messages from new ones gets them as a `chathistory` batch. Other
 * clients get notices that contain the time, which no client takes for new messages.
 */
import { utf8Length } from "../../../base/bytes.ts";
import { CRLF_BYTES, MAX_LINE_BYTES } from "../../../irc/limits.ts";
import type { Message } from "../../../irc/message.ts";
import { joinConcatenated } from "../../../irc/multiline.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import { splitText } from "../../../irc/text_splitter.ts";
import { REPLAY_KEY } from "../../../irc/vendor_extensions.ts";
import { accountOf } from "../../model/state/entities.ts";
import type { LoggedMessage } from "../../history/history_index.ts";
import type { ConversationLog } from "../../model/conversation_log.ts";
import { CHATHISTORY_MAX_MESSAGES } from "../../model/config.ts";
import { isAfter, nickOf } from "../../model/identifiers.ts";
import type { HubContext, Services } from "../../context.ts";
import { markReplayed } from "../../fanout/history/read_marker_updates.ts";
import { lastReceived } from "../../model/conversation_log.ts";
import { MAX_METADATA_KEYS } from "../../services/metadata.ts";
import { fanOutMetadata } from "../../fanout/metadata_replies.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import { rendersTimedBatches, sendSelection } from "../../fanout/history/history_reply.ts";
import { toSafeParam } from "../../output/safe_param.ts";
import { MAX_REPLAY_MESSAGES, parseReplay, replayLimitText } from "../../policy/replay_limit.ts";
import { isChannelOperator, muteRefusal } from "../../policy/channel_access.ts";
import { CapSet } from "../../../irc/cap_set.ts";
import { viewHeld } from "../../history/paging/history_view.ts";
import { selectLatest } from "../../history/history_query.ts";
import {
  formatMessageCount,
  formatNoticeHead,
  HISTSERV,
  sendServiceNotice,
} from "../../fanout/history/service_notice.ts";
import type { Channel, Session, User } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { findOfflineConversation, findUnread } from "../../fanout/history/offline_replay.ts";
import { findReadableTarget } from "./chathistory.ts";

/** Messages shown if no count is given; of a direct conversation all waiting messages, if these are more. */
export const HISTORY_MESSAGES = 30;
/** Maximum number of messages shown as notices: one line each, or several. */
export const MAX_HISTORY_IN_WORDS = 200;
/** Maximum number of conversations that LIST shows: those with the latest messages. */
export const MAX_LISTED = 50;
/** Work units (work_steps.ts) of a message shown as notices. */
const MESSAGE_UNITS = 4;

/** Delimiter of a CTCP message (modern, "CTCP"), and the beginning of a `/me` message. */
const CTCP = "\x01";
const ACTION = `${CTCP}ACTION `;

type HistServCommand = (
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  words: readonly string[],
) => void;

const COMMANDS: ReadonlyMap<string, HistServCommand> = new Map([
  ["help", sendHistServHelp],
  ["history", (context, services, session, _user, words) => sendHistory(context, services, session, words)],
  ["list", sendUnreadConversations],
  ["set", setReplayLimit],
]);

const SHOW_USAGE =
  `usage: HISTORY <room>|<nick> [<count>], with a count from 1 to ${CHATHISTORY_MAX_MESSAGES}`;
const SET_USAGE = `usage: SET [<room>] REPLAY <count>|off|default, with a count up to ${MAX_REPLAY_MESSAGES}`;

function sendHistServNotice(context: HubContext, session: Session, text: string): void {
  sendServiceNotice(context, session, HISTSERV, text);
}

/** Executes what `user` has sent to HistServ: a command, or the arguments of HISTORY alone. */
export function runHistServCommand(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  text: string,
): void {
  const words = text.trim().split(/ +/);
  const command = COMMANDS.get(words[0]!.toLowerCase());
  if (command !== undefined) return command(context, services, session, user, words.slice(1));
  if (words[0] === "" || words.length > 2) return sendHistServHelp(context, services, session);
  sendHistory(context, services, session, words);
}

const HELP_LINES = [
  "[HISTORY] <room>|<nick> [<count>] shows the latest messages",
  "LIST lists your DMs with unread messages",
  "SET REPLAY <count>|off|default limits the messages replayed when you join a room",
  "SET <room> REPLAY <count>|off|default sets the limit for a room (operators only)",
];

function sendHistServHelp(context: HubContext, _services: Services, session: Session): void {
  sendHistServNotice(context, session, HELP_LINES.join("\n"));
}

/** `HISTORY <target> [<count>]`, as an IRC verb. */
function historyBatch(context: HubContext, services: Services, session: Session, message: Message): void {
  sendHistory(context, services, session, message.params);
}

function sendHistory(
  context: HubContext,
  services: Services,
  session: Session,
  [name = "", given]: readonly string[],
): void {
  const wanted = given === undefined ? undefined : parseCount(given);
  if (name === "" || given !== undefined && wanted === undefined) {
    return sendHistServNotice(context, session, SHOW_USAGE);
  }
  const found = findReadableTarget(context, services, session, name);
  if (found === "hidden" || found === "unknown" && isChannelName(name)) {
    return sendHistServNotice(
      context,
      session,
      `${toSafeParam(name)}: there is no such room, or you may not read its history`,
    );
  }
  const length = found === "unknown" ? 0 : found.timeline.length(context.log.oldestSeq);
  if (found === "unknown" || length === 0) {
    return sendHistServNotice(context, session, `${toSafeParam(name)}: the history has no messages`);
  }
  const waiting = waitingMessages(context, services, session, name);
  const count = wanted ?? Math.max(HISTORY_MESSAGES, countFrom(found, length, waiting[0]));
  const shows = rendersTimedBatches(session.caps);
  const selection = selectLatest(undefined, shows ? count : Math.min(count, MAX_HISTORY_IN_WORDS), length);
  const done = (told: number) => markDelivered(context, services, session, found, length - told, waiting);
  if (!shows) {
    return context.runInSteps(sendAsNotices(context, services, session, found, selection.from, length, done));
  }
  const channel = isChannelName(name) ? found.name : undefined;
  done(
    sendSelection(context, services, session, {
      requestedTarget: found.name,
      channel,
      view: viewHeld(services.history, found, CapSet.EMPTY),
      selection,
    }),
  );
}

/** A whole number from 1, capped at the maximum that is shown at once. */
function parseCount(text: string): number | undefined {
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0) return undefined;
  return Math.min(Number(text), CHATHISTORY_MAX_MESSAGES);
}

/** Number of the `length` messages of the conversation from the record `seq` on; 0 without `seq`. */
function countFrom({ timeline }: ConversationLog, length: number, seq: number | undefined): number {
  return seq === undefined ? 0 : length - timeline.partition((each) => each < seq);
}

/** Messages of the direct conversation with `name` that wait for the account of `session`. */
function waitingMessages(
  context: HubContext,
  services: Services,
  session: Session,
  name: string,
): readonly number[] {
  const account = session.user?.account;
  const conversation = account && services.history.directConversation(account.owner, name);
  if (account === undefined || conversation === undefined || isChannelName(name)) return [];
  for (const [nick, from] of services.offlineMessages.of(account)) {
    if (services.history.directConversation(account.owner, nick) !== conversation) continue;
    return findOfflineConversation(context, services, account, nick, { from, until: context.log.nextSeq })
      .seqs;
  }
  return [];
}

/**
 * Marks the waiting messages as delivered: the session has been shown the conversation from the position `from` to
 * its end.
 */
function markDelivered(
  context: HubContext,
  services: Services,
  session: Session,
  { name, timeline }: ConversationLog,
  from: number,
  waiting: readonly number[],
): void {
  const { user } = session;
  const account = user?.account;
  if (user === undefined || account === undefined || isChannelName(name)) return;
  const length = timeline.length(context.log.oldestSeq);
  // Not all waiting messages were shown.
  if (waiting.length > 0 && timeline.partition((seq) => seq < waiting[0]!) < from) return;
  services.offlineMessages.clear(account, name);
  const seq = timeline.at(length - 1);
  markReplayed(context, services, session, user, name, {
    seq,
    time: services.history.timeOf(seq) ?? context.now,
  });
}

/** Sends the messages of `target` from the position `from` on as notices, with a line before and after them. */
function* sendAsNotices(
  context: HubContext,
  services: Services,
  session: Session,
  target: ConversationLog,
  from: number,
  length: number,
  done: (told: number) => void,
): WorkSteps {
  const seqs = target.timeline.range(from, length);
  const all = seqs.length === length ? "" : ` of ${length}`;
  sendHistServNotice(
    context,
    session,
    `The last ${formatMessageCount(seqs.length)}${all} in ${target.name}, times in UTC:`,
  );
  for (const seq of seqs) {
    if (session.closeReason !== undefined) return;
    const entry = services.history.message(seq);
    if (entry !== undefined) sendEntryAsNotices(context, session, target, entry);
    yield MESSAGE_UNITS;
  }
  sendHistServNotice(context, session, `End of the history of ${target.name}`);
  done(seqs.length);
}

/** `#tea 2026-01-02 03:04:05 <bob> hello`; of a multiline message, each line has this prefix. */
function sendEntryAsNotices(
  context: HubContext,
  session: Session,
  { name }: ConversationLog,
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

/** Lists the direct conversations with messages that the account has not read, according to its read markers. */
function sendUnreadConversations(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
): void {
  const account = accountOf(session);
  if (account === undefined) {
    return sendHistServNotice(
      context,
      session,
      "Log in first: the server counts unread messages for accounts only",
    );
  }
  context.runInSteps(sendUnreadRows(context, services, session, user));
}

function* sendUnreadRows(
  context: HubContext,
  services: Services,
  session: Session,
  { account }: User,
): WorkSteps {
  const rows: { name: string; count: number; seq: number }[] = [];
  for (
    const [nick, conversation] of account === undefined
      ? []
      : services.history.directConversations.get(account.owner) ?? []
  ) {
    const marker = services.readMarkers.of(account!, nick);
    if (marker === undefined || isAfter(lastReceived(conversation), marker)) {
      const count = findUnread(context, services, account!, nick, conversation, 0).length;
      if (count > 0) rows.push({ name: conversation.name, count, seq: conversation.receivedSeq });
      yield count;
    }
    yield 1;
  }
  if (session.closeReason !== undefined) return;
  const told = rows.sort((a, b) => b.seq - a.seq).slice(0, MAX_LISTED);
  for (const { name, count } of told) {
    sendHistServNotice(context, session, `${name}: ${formatMessageCount(count)} unread`);
  }
  const more = rows.length - told.length;
  if (more > 0) {
    sendHistServNotice(
      context,
      session,
      `${more} more DMs have unread messages; only the latest are listed`,
    );
  }
  if (rows.length === 0) sendHistServNotice(context, session, "You have no unread messages");
}

/** `SET [<channel>] REPLAY <count>|off|default` */
function setReplayLimit(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  words: readonly string[],
): void {
  const [name, ...rest] = isChannelName(words[0] ?? "") ? words : [undefined, ...words];
  const [what = "", value = "", ...more] = rest;
  const count = value.toLowerCase() === "default" ? "default" : parseReplay(value);
  if (what.toLowerCase() !== "replay" || count === undefined || more.length > 0) {
    return sendHistServNotice(context, session, SET_USAGE);
  }
  const subject = name === undefined ? user : context.state.channel(name);
  if (subject === undefined || subject !== user && !isChannelOperator(user, subject as Channel)) {
    return sendHistServNotice(
      context,
      session,
      `${toSafeParam(name ?? "")}: only operators in the room can set this`,
    );
  }
  const muted = muteRefusal(context, user);
  if (muted !== undefined) return sendHistServNotice(context, session, muted);
  const setTo = count === "default" ? undefined : count === 0 ? "off" : String(count);
  if (!services.metadata.set(subject, REPLAY_KEY, setTo)) {
    return sendHistServNotice(
      context,
      session,
      `Too many settings: METADATA holds at most ${MAX_METADATA_KEYS} keys`,
    );
  }
  fanOutMetadata(context, services, subject, REPLAY_KEY, setTo, user.source, session);
  const where = name === undefined ? "rooms that you join" : (subject as Channel).name;
  sendHistServNotice(
    context,
    session,
    `Replay in ${where}: ${replayLimitText(context, services, subject)}`,
  );
}

export const HISTSERV_VERBS: VerbTable = {
  HISTORY: { min: 1, who: "session", run: historyBatch },
};
