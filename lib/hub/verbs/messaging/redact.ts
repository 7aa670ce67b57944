/**
 * REDACT (https://ircv3.net/specs/extensions/message-redaction): deletes a message, at the request of its sender, of
 * an operator of its channel, or of a server operator. History leaves it out from then on; its record stays in the
 * log until it is overwritten, and the archive removes its text.
 */
import { CAP } from "../../../irc/capabilities.ts";
import { MESSAGE_REDACTION } from "../../../irc/capability_names.ts";
import { casefold } from "../../../irc/names/casemap.ts";
import type { Message } from "../../../irc/message.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import {
  archivedKey,
  hasOlder,
  isSameKey,
  readArchivedMessage,
  runReading,
} from "../../fanout/history/archive_reader.ts";
import type { ArchivedMessage } from "../../fanout/history/archive_reader.ts";
import type { LoggedMessage } from "../../history/history_index.ts";
import type { ConversationLog } from "../../model/conversation_log.ts";
import { REDACT_WINDOW_MS } from "../../model/config.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import type { RecordedEvent } from "../../model/state/event.ts";
import type { HubContext, Services } from "../../context.ts";
import { isChannelOperator, muteRefusal, readableChannel, sendRefusal } from "../../policy/channel_access.ts";
import type { Session, User } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { exceedsLine, parseMsgid } from "../../output/render.ts";
import type { Param } from "../../output/framed_params.ts";
import { tooLongToDeliver } from "../../fanout/replies.ts";

/** `REDACT <target> <msgid> [:reason]` */
function redact(
  context: HubContext,
  services: Services,
  session: Session,
  message: Message,
  user: User,
): void {
  const [name = "", msgid = "", given = ""] = message.params;
  const fail = (code: string, about: readonly Param[], text: string) =>
    context.fail(session, "REDACT", code, about, text);
  if (!session.caps.has(CAP.redaction)) {
    return fail("NEED_CAPABILITY", [], `Request ${MESSAGE_REDACTION} first`);
  }
  runReading(context, services, session, redactMessage(context, services, session, user, name, msgid, given));
}

function* redactMessage(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  name: string,
  msgid: string,
  given: string,
): WorkSteps {
  const fail = (code: string, about: readonly Param[], text: string) =>
    context.fail(session, "REDACT", code, about, text);
  const seq = parseMsgid(msgid, context.config.logId);
  const find = () => findRedactionTarget(context, services, session, user, name);
  let found = find();
  const isReadable = () => found !== undefined || !isChannelName(name);
  let entry = seq !== undefined && found?.timeline.has(seq) ? services.history.message(seq) : undefined;
  if (entry === undefined && seq !== undefined && (isReadable() || canBeArchived(context, services, name))) {
    const archived = yield* readArchivedMessage(context, services, session, seq);
    if (session.closeReason !== undefined || session.user !== user) return;
    found = find();
    const isStillReadable = isReadable() || canBeArchived(context, services, name);
    if (archived !== undefined && isStillReadable && isArchivedIn(services, session, name, archived)) {
      entry = archived.message;
    }
  }
  if (entry === undefined && !isReadable()) {
    return fail("INVALID_TARGET", [name], "You cannot delete messages from there");
  }
  const shownName = found?.name ?? name;
  const about = [shownName, msgid];
  if (entry === undefined) {
    return fail("UNKNOWN_MSGID", about, "This message does not exist or is too old");
  }
  const channel = entry.event.target.kind === "channel" ? context.state.channel(shownName) : undefined;
  const rules = entry.event.target.kind === "channel" && isChannelOperator(user, channel);
  if (!rules && entry.event.from !== user.owner) {
    return fail("REDACT_FORBIDDEN", about, "You are not authorised to delete this message");
  }
  if (!rules && context.now - entry.time > REDACT_WINDOW_MS) {
    const window = [...about, REDACT_WINDOW_MS / 1000];
    return fail("REDACT_WINDOW_EXPIRED", window, "You can no longer delete this message");
  }
  const silent = muteRefusal(context, user) ??
    (rules || channel === undefined ? undefined : sendRefusal(user, channel.conversation, channel));
  const event = buildRedaction(user, shownName, entry, msgid, silent === undefined ? given : "");
  if (exceedsLine(event)) return tooLongToDeliver(context, session);
  services.history.recalled = entry;
  context.commit(event);
  services.history.recalled = undefined;
}

/** Whether the archive may have a channel `name` that the hub does not hold; it is open to all. */
function canBeArchived(context: HubContext, services: Services, name: string): boolean {
  return hasOlder(context, services) && !services.history.channels.has(casefold(name));
}

/** Whether the message belongs to the conversation that `session` calls `name`. */
function isArchivedIn(
  services: Services,
  session: Session,
  name: string,
  { conversations, archivedUntil }: ArchivedMessage,
): boolean {
  const key = archivedKey(services, session, name, archivedUntil);
  return key !== undefined && conversations.some((each) => isSameKey(each, key));
}

/** A server operator may delete messages in every channel. */
function findRedactionTarget(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  name: string,
): ConversationLog | undefined {
  if (!isChannelName(name)) return services.history.directConversation(user.owner, name);
  return user.isServerOperator
    ? services.history.channels.get(casefold(name))
    : readableChannel(context, services, session, name);
}

/** Both participants know a direct message by the name of its receiver. */
function buildRedaction(
  { source }: User,
  name: string,
  { event: { from, target: sentTo } }: LoggedMessage,
  msgid: string,
  reason: string,
): RecordedEvent & { kind: "redact" } {
  // The channel may have been renamed since.
  const target = sentTo.kind === "channel" ? { ...sentTo, name } : sentTo;
  return { kind: "redact", source, target, from, msgid, reason };
}

export const REDACT_VERBS: VerbTable = {
  REDACT: { min: 2, who: "user", run: redact },
};
