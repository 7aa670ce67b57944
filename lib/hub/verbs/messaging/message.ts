/** PRIVMSG, NOTICE, TAGMSG (modern, "Sending Messages"; IRCv3 message-tags). */
import { CAP } from "../../../irc/capabilities.ts";
import {
  ERR_INPUTTOOLONG,
  ERR_NORECIPIENT,
  ERR_NOTEXTTOSEND,
  ERR_TOOMANYTARGETS,
  RPL_AWAY,
} from "../../../irc/numerics.ts";
import { casefold } from "../../../irc/names/casemap.ts";
import { MAXTARGETS } from "../../../irc/limits.ts";
import { formatTags } from "../../../irc/message.ts";
import type { Message } from "../../../irc/message.ts";
import { splitMultiline } from "../../../irc/multiline.ts";
import { isClientOnlyTag } from "../../../irc/tags.ts";
import { isSenderId } from "../../../irc/sender_id.ts";
import {
  ONLINE_TAG,
  QUEUED_CODE,
  SENDER_ID_TAG,
  TAGS_NOT_RECORDED_CODE,
} from "../../../irc/vendor_extensions.ts";
import { MAX_RECORDED_TAGS_BYTES } from "../../model/config.ts";
import type {
  DirectTarget,
  MessageEvent,
  MessageTarget,
  MessageVerb,
  RoutedChannelTarget,
  RoutedDirectTarget,
  RoutedTarget,
} from "../../model/state/event.ts";
import { recordsTags } from "../../log/event_codec.ts";
import type { HubContext, Services } from "../../context.ts";
import { sendEvent } from "../../fanout/fan_out.ts";
import { exceedsLine, formatMsgid, renderTarget } from "../../output/render.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import { maskCheckUnits } from "../../model/conversation_log.ts";
import { isReceiver } from "../../model/state/entities.ts";
import type { Session, User } from "../../model/state/entities.ts";
import { findTarget, isStatusTarget, isUnrecorded, rejectMessage } from "./message_target.ts";
import type { MessageDraft } from "./message_target.ts";
import { isService, runServiceCommand } from "./nickserv.ts";
import { readScheduleTags, scheduleMessage } from "./schedule.ts";
import { noteAnswer } from "./question_answer.ts";
import type { VerbTable } from "../verb.ts";

/**
 * Up to this many UTF-16 units of source, target and text, a line fits 512 bytes whatever the characters (3 bytes
 * each).
 */
const ALWAYS_FITS_UTF16_UNITS = 150;

/** Work units (work_steps.ts) of a message to one of several targets. */
const MESSAGE_UNITS = 10;

function messageHandler(verb: MessageVerb) {
  return (context: HubContext, services: Services, session: Session, message: Message, user: User): void => {
    const [targets = "", text = ""] = message.params;
    sendMessage(context, services, session, user, verb, targets, text, message);
  };
}

/** Sends `text` (one line, or several as in `irc/multiline.ts`) to `targets`, with the tags of `message`. */
export function sendMessage(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  verb: MessageVerb,
  targets: string,
  text: string,
  message: Message,
): void {
  if (targets === "") {
    return rejectMessage(context, session, verb, ERR_NORECIPIENT, `No recipient given (${verb})`);
  }
  if (text === "" && verb !== "TAGMSG") {
    return rejectMessage(context, session, verb, ERR_NOTEXTTOSEND, "No text to send");
  }
  const tags = clientOnlyTags(message);
  if (verb === "TAGMSG" && (tags === "" || !session.caps.has(CAP.messageTags))) return;
  const ours = message.tags.size > 0 && session.caps.has(CAP.receipts);
  const id = ours ? message.tags.get(SENDER_ID_TAG) : undefined;
  // A TAGMSG shows what the sender is doing now, which concerns only receivers that are connected.
  const waits = verb !== "TAGMSG" && !(ours && message.tags.has(ONLINE_TAG));
  const event: MessageDraft = {
    verb,
    source: user.source,
    from: user.owner,
    text,
    tags,
    id,
    waits,
  };
  const when = ours && verb !== "TAGMSG" ? readScheduleTags(message.tags) : undefined;
  if (when !== undefined) return scheduleMessage(context, services, session, user, targets, event, when);
  if (id !== undefined && verb !== "TAGMSG") {
    return sendOnce(context, services, session, user, targets, event, id);
  }
  if (!targets.includes(",")) return sendToTarget(context, services, session, user, targets, event);
  const names = targets.split(",");
  if (names.length > MAXTARGETS) {
    return rejectMessage(
      context,
      session,
      verb,
      ERR_TOOMANYTARGETS,
      names[MAXTARGETS]!,
      "Too many targets",
    );
  }
  const distinct = new Map(names.map((name) => [casefold(name), name]));
  context.runInSteps(sendToEach(context, services, session, user, [...distinct.values()], event));
}

/** Sends to all targets even if the connection breaks meanwhile (disconnect.ts): the server has accepted the line. */
function* sendToEach(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  names: string[],
  draft: MessageDraft,
): WorkSteps {
  for (const name of names) {
    if (context.state.users.get(user.folded) !== user) return; // the user was removed meanwhile
    if (name === "") continue;
    const channel = context.state.channel(name);
    const unjudged = channel?.conversation.settings?.isBanCheckPending(user)
      ? maskCheckUnits(channel.conversation)
      : 0;
    sendToTarget(context, services, session, user, name, { ...draft, source: user.source });
    yield MESSAGE_UNITS + unjudged;
  }
}

/**
 * Sends a message with a sender id. A message that the log already holds is not sent again, but acknowledged as the
 * first time.
 */
function sendOnce(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  name: string,
  draft: MessageDraft,
  id: string,
): void {
  const { verb, from, text } = draft;
  if (!isSenderId(id) || name.includes(",") || isStatusTarget(name)) {
    const why = name.includes(",")
      ? "A message with an id must have one target"
      : isStatusTarget(name)
      ? "A message to some members of a room is not recorded and cannot have an id"
      : "An id must be 1 to 64 printable ASCII characters";
    return context.fail(session, verb, "INVALID_ID", [], why);
  }
  const sent = services.history.findBySenderId(from, id);
  if (sent === undefined) return sendToTarget(context, services, session, user, name, draft);
  const { event } = sent;
  const { target } = event;
  if (
    event.id !== id || event.verb !== verb || event.text !== text || casefold(target.name) !== casefold(name)
  ) {
    const about = [id, formatMsgid(sent.seq, context.config.logId)];
    return context.fail(session, verb, "ID_IN_USE", about, "The id is already used for another message");
  }
  if (session.caps.has(CAP.echoMessage)) sendEvent(context, session, event, sent);
  noteAnswer(context, services, user, event, sent.seq);
  if (target.kind !== "direct") return;
  const isHere = (context.state.user(target.name)?.sessions.length ?? 0) > 0;
  if (!isHere && services.accounts.byOwner(target.owner) !== undefined) {
    notifyQueued(context, services, session, verb, target);
  }
}

function sendToTarget(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  name: string,
  draft: MessageDraft,
): void {
  if (isService(name)) return sendToService(context, services, session, user, name, draft);
  const target = findTarget(context, services, session, user, name, draft);
  if (target === undefined) return;
  const event = buildMessageEvent(draft, target);
  const length = event.source.length + target.name.length + event.text.length;
  if (length > ALWAYS_FITS_UTF16_UNITS && exceedsLine(event)) {
    // Receivers get the line with the sender's source in front: it would be truncated without notice.
    const why = `Message to ${renderTarget(target)} is too long to be delivered whole`;
    return rejectMessage(context, session, draft.verb, ERR_INPUTTOOLONG, why);
  }
  // History has no messages for some members only: a message to the operators of a channel is not recorded.
  const isKept = draft.tags === "" || recordsTags(draft.tags);
  const passes = draft.verb === "TAGMSG" && (!isKept || isUnrecorded(draft.tags));
  const { seq } = passes || !isForAllReaders(event)
    ? context.relayMessage(event)
    : context.commitMessage(event);
  if (!isKept) warnTagsNotRecorded(context, session, event);
  if (isForAllReaders(event)) noteAnswer(context, services, user, event, seq);
  if (target.kind !== "direct" || draft.verb === "TAGMSG") return;
  services.offlineMessages.noteReceived(event, target, seq);
  answerDirect(context, services, session, draft.verb, target);
}

/** Tells the sender of a direct message that the receiver is offline or away. */
function answerDirect(
  context: HubContext,
  services: Services,
  session: Session,
  verb: MessageVerb,
  target: RoutedDirectTarget,
): void {
  const { receiver } = target;
  if (receiver === undefined || !receiver.sessions.some(isReceiver)) {
    return notifyQueued(context, services, session, verb, target);
  }
  if (receiver.away !== "" && verb === "PRIVMSG") {
    context.numeric(session, RPL_AWAY, target.name, receiver.away);
  }
}

/** The same for a message that an earlier hub has recorded, and not answered. */
export function answerDirectMessage(
  context: HubContext,
  services: Services,
  session: Session,
  { verb, target }: MessageEvent<DirectTarget>,
): void {
  if (verb === "TAGMSG") return;
  const user = context.state.user(target.name);
  const receiver = user?.owner === target.owner ? user : undefined;
  answerDirect(context, services, session, verb, { ...target, receiver });
}

/** False for a message to some members of a channel (STATUSMSG). */
function isForAllReaders(
  event: MessageEvent<RoutedTarget>,
): event is MessageEvent<RoutedChannelTarget | RoutedDirectTarget> {
  return event.target.kind !== "ranks";
}

/**
 * A service reads the first line only. The message is not recorded, and only the sending session gets its echo: the
 * user's other sessions have no use for a password in it.
 */
function sendToService(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  name: string,
  draft: MessageDraft,
): void {
  const { text } = splitMultiline(draft.text)[0]!;
  if (session.caps.has(CAP.echoMessage)) {
    const account = user.account?.name ?? "";
    const place = { seq: 0, time: context.now, account, bot: context.state.bots.has(user) };
    sendEvent(
      context,
      session,
      buildMessageEvent({ ...draft, text }, { kind: "direct", name, owner: "" }),
      place,
    );
  }
  if (draft.verb === "PRIVMSG") {
    runServiceCommand(context, services, session, user, name, { text, tags: draft.tags });
  }
}

/** Tells the sender that a direct message is queued, if no session of the receiver is connected. */
function notifyQueued(
  context: HubContext,
  services: Services,
  session: Session,
  verb: MessageVerb,
  { name, owner }: DirectTarget,
): void {
  if (services.accounts.byOwner(owner)?.users.some(({ sessions }) => sessions.some(isReceiver))) return;
  const words = `${name} is offline; the message will be delivered when they return`;
  if (!session.caps.has(CAP.receipts)) {
    return rejectMessage(context, session, verb, RPL_AWAY, name, words);
  }
  context.send(session, `:${context.config.serverName} NOTE ${verb} ${QUEUED_CODE} ${name} :${words}`);
}

/**
 * Tells the sender that the tags are delivered whole but left out of history. A message that is never recorded, such
 * as `+typing`, gets no warning.
 */
function warnTagsNotRecorded(
  context: HubContext,
  session: Session,
  { verb, target, tags }: MessageEvent,
): void {
  if (target.kind === "ranks" || verb === "TAGMSG" && isUnrecorded(tags)) return;
  const words =
    `Delivered, but history does not keep client-only tags of more than ${MAX_RECORDED_TAGS_BYTES} bytes`;
  context.send(
    session,
    `:${context.config.serverName} NOTE ${verb} ${TAGS_NOT_RECORDED_CODE} ${target.name} :${words}`,
  );
}

function buildMessageEvent<Target extends MessageTarget>(
  { verb, source, from, text, tags, id }: MessageDraft,
  target: Target,
): MessageEvent<Target> {
  return { kind: "message", verb, source, target, text, tags, from, id };
}

/** Whether receivers get `text` whole, in one line. */
export function fitsLine(source: string, verb: MessageVerb, target: string, text: string): boolean {
  const message = { verb, source, from: "", text, tags: "", id: undefined, waits: false };
  return source.length + target.length + text.length <= ALWAYS_FITS_UTF16_UNITS ||
    !exceedsLine(buildMessageEvent(message, { kind: "direct", name: target, owner: "" }));
}

/** The tags that are relayed (message-tags, "Client-only tags"): those with a `+`, in wire form. */
export function clientOnlyTags(message: Message): string {
  if (message.tags.size === 0) return "";
  return formatTags(new Map([...message.tags].filter(([key]) => isClientOnlyTag(key))));
}

export const MESSAGE_VERBS: VerbTable = {
  PRIVMSG: { min: 0, who: "user", run: messageHandler("PRIVMSG") },
  NOTICE: { min: 0, who: "user", run: messageHandler("NOTICE") },
  TAGMSG: { min: 0, who: "user", run: messageHandler("TAGMSG") },
};
