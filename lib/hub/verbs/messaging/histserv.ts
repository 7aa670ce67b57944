/**
 * HistServ and HISTORY: what was said before, for clients that can ask for it in no other way. What they may read is what
 * CHATHISTORY shows. Where the client tells old from new it comes as a batch `chathistory`; elsewhere in words, by notices that
 * bear the time, which no client takes for new messages.
 */
import { utf8Length } from "../../../base/bytes.ts";
import { CRLF_BYTES, MAX_LINE_BYTES } from "../../../irc/limits.ts";
import type { Message } from "../../../irc/message.ts";
import { joinConcatenated } from "../../../irc/multiline.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import { splitText } from "../../../irc/text_splitter.ts";
import { accountOf } from "../../model/state/entities.ts";
import type { LoggedMessage } from "../../history/archive.ts";
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
import { MAX_REPLAY_MESSAGES, parseReplay, REPLAY_KEY, replayLimitText } from "../../policy/replay_limit.ts";
import { isChannelOperator, muteRefusal } from "../../policy/channel_access.ts";
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

/** Messages that are shown where no number is given; of a direct conversation all that wait are, if these are more. */
export const HISTORY_MESSAGES = 30;
/** Messages that are shown in words at the most: a line each, or several. */
export const MAX_HISTORY_IN_WORDS = 200;
/** Conversations that LIST names, those with the latest messages. */
export const MAX_LISTED = 50;
/** Units (work_steps.ts) of a message in words. */
const MESSAGE_UNITS = 4;

/** What a CTCP message stands between (modern, "CTCP"), and the beginning of what `/me` says. */
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

const SHOW_USAGE = `HISTORY <room>|<nick> [<count>], a count from 1 to ${CHATHISTORY_MAX_MESSAGES}`;
const SET_USAGE = `SET [<room>] REPLAY <count>|off|default, a count up to ${MAX_REPLAY_MESSAGES}`;

function sendHistServNotice(context: HubContext, session: Session, text: string): void {
  sendServiceNotice(context, session, HISTSERV, text);
}

/** Carries out what `user` has said to HistServ: a command, or what is to be shown. */
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

function sendHistServHelp(context: HubContext, _services: Services, session: Session): void {
  sendHistServNotice(
    context,
    session,
    "HISTORY <room>|<nick> [<count>] shows what was last said there; HISTORY may be left out",
  );
  sendHistServNotice(
    context,
    session,
    "LIST shows the conversations that have messages which you have not read",
  );
  sendHistServNotice(
    context,
    session,
    "SET REPLAY <count>|off|default: how much you are shown of a room when you enter it",
  );
  sendHistServNotice(
    context,
    session,
    "SET <room> REPLAY <count>|off|default: the same for all, of a room that you run",
  );
}

/** `HISTORY <target> [<count>]`, as a command of IRC. */
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
  if (found === "unknown") {
    return sendHistServNotice(
      context,
      session,
      `${toSafeParam(name)}: there is no such room, or you may not read its history`,
    );
  }
  const length = found === "empty" ? 0 : found.timeline.length(context.log.oldestSeq);
  if (found === "empty" || length === 0) {
    return sendHistServNotice(context, session, `${toSafeParam(name)}: nothing is left of it`);
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
      timeline: found.timeline,
      selection,
    }),
  );
}

/** A whole number from 1 to the most that is shown at once. */
function parseCount(text: string): number | undefined {
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0) return undefined;
  return Math.min(Number(text), CHATHISTORY_MAX_MESSAGES);
}

/** How many of the `length` messages of `target` there are from the record `seq` on. */
function countFrom({ timeline }: ConversationLog, length: number, seq: number | undefined): number {
  return seq === undefined ? 0 : length - timeline.partition((each) => each < seq);
}

/** The messages of the direct conversation with `name` that wait for the account of `session`. */
function waitingMessages(
  context: HubContext,
  services: Services,
  session: Session,
  name: string,
): readonly number[] {
  const account = session.user?.account;
  const talk = account && services.archive.directConversation(account.owner, name);
  if (account === undefined || talk === undefined || isChannelName(name)) return [];
  for (const [nick, from] of services.offlineMessages.of(account)) {
    if (services.archive.directConversation(account.owner, nick) !== talk) continue;
    return findOfflineConversation(context, services, account, nick, { from, until: context.log.nextSeq })
      .seqs;
  }
  return [];
}

/** The session has been shown `target` from the position `from` to its end: what waited there has been delivered. */
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
  if (waiting.length > 0 && timeline.partition((seq) => seq < waiting[0]!) < from) return; // not all that waits
  services.offlineMessages.clear(account, name);
  const seq = timeline.at(length - 1);
  markReplayed(context, services, session, user, name, {
    seq,
    time: services.archive.timeOf(seq) ?? context.now,
  });
}

/** The messages of `target` from the position `from` on, as notices, with a line before and after them. */
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
    const entry = services.archive.message(seq);
    if (entry !== undefined) sendEntryAsNotices(context, session, target, entry);
    yield MESSAGE_UNITS;
  }
  sendHistServNotice(context, session, `That was ${target.name}`);
  done(seqs.length);
}

/** `#tea 2026-01-02 03:04:05 <bob> hello`; of several lines each with that in front. */
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
  const around = utf8Length(formatNoticeHead(context, session, HISTSERV) + head) + CRLF_BYTES;
  const words = joinConcatenated(action ?? text).replaceAll(CTCP, "");
  for (const piece of splitText(words, MAX_LINE_BYTES - around)) {
    sendHistServNotice(context, session, head + piece);
  }
}

/** The direct conversations with messages that the account has not read, as far as its read markers know. */
function sendUnreadConversations(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
): void {
  const account = accountOf(session);
  if (account === undefined) {
    return sendHistServNotice(context, session, "Log in first: only an account has messages that wait");
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
    const [nick, talk] of account === undefined
      ? []
      : services.archive.directConversations.get(account.owner) ?? []
  ) {
    const marker = services.readMarkers.of(account!, nick);
    if (marker === undefined || isAfter(lastReceived(talk), marker)) {
      const count = findUnread(context, services, account!, nick, talk, 0).length;
      if (count > 0) rows.push({ name: talk.name, count, seq: talk.receivedSeq });
      yield count;
    }
    yield 1;
  }
  if (session.closeReason !== undefined) return;
  const told = rows.sort((a, b) => b.seq - a.seq).slice(0, MAX_LISTED);
  for (const { name, count } of told) {
    sendHistServNotice(context, session, `${name}: ${formatMessageCount(count)} not read`);
  }
  const more = rows.length - told.length;
  if (more > 0) {
    sendHistServNotice(
      context,
      session,
      `${more} more conversations have messages that you have not read; the latest are listed`,
    );
  }
  if (rows.length === 0) sendHistServNotice(context, session, "You have read all that was written to you");
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
      `${toSafeParam(name ?? "")}: only its operators, while they are in it, set that`,
    );
  }
  const muted = muteRefusal(context, user);
  if (muted !== undefined) return sendHistServNotice(context, session, muted);
  const setTo = count === "default" ? undefined : count === 0 ? "off" : String(count);
  if (!services.metadata.set(subject, REPLAY_KEY, setTo)) {
    return sendHistServNotice(
      context,
      session,
      `That is one setting too many: METADATA holds ${MAX_METADATA_KEYS} keys`,
    );
  }
  fanOutMetadata(context, services, subject, REPLAY_KEY, setTo, user.source, session);
  const where = name === undefined ? "rooms that you enter" : (subject as Channel).name;
  sendHistServNotice(
    context,
    session,
    `Replayed of ${where}: ${replayLimitText(context, services, subject)}`,
  );
}

export const HISTSERV_VERBS: VerbTable = {
  HISTORY: { min: 1, who: "session", run: historyBatch },
};
