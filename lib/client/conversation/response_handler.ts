/**
 * What the response to a request does to the chat, by the purpose of the request; or that there is none in
 * time. Pure.
 */
import { unreachable } from "../../base/assert.ts";
import type { Message, MessageParts } from "../../irc/message.ts";
import { ERR_LINKCHANNEL, ERR_NOSUCHNICK } from "../../irc/numerics.ts";
import { applyLine, handleLine } from "./line_handler.ts";
import type { LineHost } from "./line_handler.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import { isChannelTarget } from "../../irc/names/name_rules.ts";
import { conversationOf } from "./model/chat_entry.ts";
import type { ChatEntry } from "./model/chat_entry.ts";
import { adviseChannelPrefix } from "./model/bare_channel.ts";
import type { ChangePurpose, Effect, InfoPurpose, RequestPurpose } from "./effects.ts";
import { makeFailedPage, readPage } from "./history_page.ts";
import type { ReceiptTracker } from "./receipt_tracker.ts";
import { describeFailure, isFailureReply } from "../session/failure_reply.ts";

/** What a response acts on: the members of the chat that it needs. */
export interface ResponseHost extends LineHost {
  /** The channel that typed lines go to. */
  channel: string | undefined;
  readonly effectCount: number;
  /** Undefined: receipts are not shown. */
  readonly receiptTracker: ReceiptTracker | undefined;
  /** Local time of day. */
  readonly clock: (time: number) => string;
  ask(message: MessageParts, purpose: RequestPurpose, now: number): void;
  addEffect(effect: Effect): void;
  note(text: string, time: number): void;
  alarm(text: string, time: number): void;
  /** A line of input is refused. */
  refuse(text: string, time: number): void;
  countRefusal(): void;
}

export function handleResponse(
  chat: ResponseHost,
  purpose: RequestPurpose,
  lines: readonly Message[],
  now: number,
): void {
  const { joinSync, directSync, sendTracker } = chat;
  const failure = lines.find(isFailureReply);
  switch (purpose.for) {
    case "enter":
      return handleJoinResponse(chat, purpose, lines, failure, now);
    case "recent":
      return joinSync.handleRecent(purpose.channel, lines, failure, now);
    case "count":
      return joinSync.handleUnreadCount(purpose.channel, lines, now);
    case "missed":
      return joinSync.handleMissed(purpose.channel, lines, now);
    case "partners":
    case "marker":
    case "direct":
      return directSync.handleResponse(purpose, lines, failure, now);
    case "read":
    case "typing":
      return;
    case "receipt":
      return chat.receiptTracker?.handleResponse(purpose, lines, now);
    case "page":
      return chat.addEffect({ kind: "page", page: readPage(purpose, lines, now) });
    case "message":
      return sendTracker.handleResponse(purpose.message, lines, failure, now);
    case "info":
      return handleInfoResponse(chat, purpose, lines, failure, now);
    case "change":
      return handleChangeResponse(chat, purpose, lines, failure, now);
    default:
      return unreachable(purpose);
  }
}

const NO_ANSWER = "the server did not answer";

/** The request has timed out. */
export function handleTimeout(chat: ResponseHost, purpose: RequestPurpose, now: number): void {
  const { joinSync, directSync, sendTracker } = chat;
  switch (purpose.for) {
    case "message":
      return sendTracker.handleTimeout(purpose.message, now);
    case "enter":
    case "recent":
    case "missed":
      return joinSync.handleUnknown(purpose.channel, NO_ANSWER, now);
    case "count":
      return joinSync.handleUnreadCount(purpose.channel, [], now);
    case "partners":
    case "marker":
    case "direct":
      return directSync.handleResponse(purpose, NO_ANSWER, undefined, now);
    case "read":
    case "typing":
      return;
    case "receipt":
      return chat.receiptTracker?.handleResponse(purpose, [], now);
    case "page":
      return chat.addEffect({ kind: "page", page: makeFailedPage(purpose.target, NO_ANSWER) });
    case "info":
      purpose.onEnd?.();
      return chat.alarm(NO_ANSWER, now);
    default:
      return chat.alarm(NO_ANSWER, now);
  }
}

/**
 * The channel to which the server redirects a JOIN: the channel was renamed (channel-rename, "Channel
 * redirection"), or forwards to another one. Followed once, so that channels that forward to each other are
 * no loop.
 */
function parseRedirection({ command, params }: Message): string | undefined {
  if (command === ERR_LINKCHANNEL) return params[2];
  return command === "FAIL" && params[1] === "CHANNEL_RENAMED" ? params[3] : undefined;
}

function handleInfoResponse(
  chat: ResponseHost,
  { describe, onEnd }: InfoPurpose,
  lines: readonly Message[],
  failure: Message | undefined,
  now: number,
): void {
  onEnd?.();
  if (failure !== undefined) {
    const advice = failure.command === ERR_NOSUCHNICK
      ? adviseChannelPrefix(failure.params[1] ?? "", chat.views.listNames("channel"))
      : "";
    return chat.refuse(describeFailure(failure) + advice, now);
  }
  for (const entry of describe(lines, chat.clock, now)) showEarlier(chat, entry);
}

/** Shows what was looked up. Of our own messages it is remembered, so that they can be deleted. */
function showEarlier(chat: ResponseHost, entry: ChatEntry): void {
  const message = entry.kind === "found" ? entry.message : entry;
  if (message.kind === "message" && isSameName(message.from, chat.nick)) {
    chat.excerpts.addEarlier(message, conversationOf(message, chat.nick));
  }
  if (!chat.ignoreList.isHidden(entry)) chat.addEffect({ kind: "show", entry, wasAsked: true });
}

function handleChangeResponse(
  chat: ResponseHost,
  { done, next }: ChangePurpose,
  lines: readonly Message[],
  failure: Message | undefined,
  now: number,
): void {
  const before = chat.effectCount;
  for (const line of lines) handleLine(chat, line, now);
  if (failure !== undefined) return chat.countRefusal();
  if (done !== undefined && chat.effectCount === before) chat.note(done, now);
  if (next !== undefined) chat.ask(next, { for: "change" }, now);
}

function handleJoinResponse(
  chat: ResponseHost,
  { channel, again, redirected }: RequestPurpose & { for: "enter" },
  lines: readonly Message[],
  failure: Message | undefined,
  now: number,
): void {
  for (const line of lines) applyLine(chat, line, now);
  const known = chat.channels.get(channel);
  const to = failure === undefined || redirected ? undefined : parseRedirection(failure);
  if (known === undefined && to !== undefined && isChannelTarget(to)) {
    const isRenamed = failure?.command === "FAIL";
    return followRedirect(chat, { from: channel, to, isRenamed, again }, now);
  }
  if (known === undefined) {
    chat.forgetChannel(channel);
    return chat.refuse(
      failure === undefined ? `${channel} cannot be entered` : describeFailure(failure),
      now,
    );
  }
  // The person may have chosen another conversation meanwhile.
  if (!again || isSameName(channel, chat.channel ?? "")) chat.channel = known.name;
  chat.joinSync.handleJoined(channel, lines, now);
}

/**
 * The server redirects our JOIN of `from` to `to`: the same channel, if it `isRenamed`. Another one does not become the
 * current one by itself.
 */
function followRedirect(
  chat: ResponseHost,
  { from, to, isRenamed, again }: { from: string; to: string; isRenamed: boolean; again: boolean },
  now: number,
): void {
  const { wantedChannels, joinSync, views } = chat;
  const key = wantedChannels.getKey(from);
  chat.note(`${from} now leads to ${to}`, now);
  if (isRenamed) {
    if (again) chat.renameChannel(from, to);
    if (views.find(to) === undefined) views.rename(from, to);
  }
  chat.forgetChannel(from);
  wantedChannels.setKey(to, key);
  joinSync.join(to, key, again, now, true);
}
