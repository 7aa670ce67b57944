/** The target of a message: resolves the name that a client gives, or replies why the message is refused. */
import {
  ERR_CANNOTSENDTOCHAN,
  ERR_CANTSENDTOUSER,
  ERR_NOSUCHCHANNEL,
  ERR_NOSUCHNICK,
} from "../../../irc/numerics.ts";
import { casefold } from "../../../irc/names/casemap.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import type { HubContext, Services } from "../../context.ts";
import { isReceiver } from "../../model/state/entities.ts";
import type { Session, User } from "../../model/state/entities.ts";
import type { MessageEvent, MessageVerb, RoutedDirectTarget, RoutedTarget } from "../../model/state/event.ts";
import type { Param } from "../../output/framed_params.ts";
import { messageRefusal, muteRefusal } from "../../policy/channel_access.ts";

/** Client-only tags that show what the sender is doing at the moment: delivered, never recorded. */
const UNRECORDED_TAGS = new Set(["+typing", "+draft/typing"]);

export type MessageDraft = Pick<MessageEvent, "verb" | "source" | "from" | "text" | "tags" | "id"> & {
  /** The message may be queued for a receiver that is offline. */
  readonly waits: boolean;
};

/** The target called `name`; undefined if the message is refused, of which the client has been told. */
export function findTarget(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  name: string,
  draft: MessageDraft,
): RoutedTarget | undefined {
  if (rejectIfMuted(context, session, user, name, draft)) return undefined;
  if (isChannelName(name) || isStatusTarget(name)) {
    return findChannelTarget(context, services, session, user, name, draft);
  }
  const target = findDirectTarget(context, services, name, draft);
  if (target === undefined) {
    rejectMessage(context, session, draft.verb, ERR_NOSUCHNICK, name, "No such nick");
  }
  return target;
}

/** A NOTICE is never answered with an error (RFC 2812 §3.3.2); one with a label still gets its ACK. */
export function rejectMessage(
  context: HubContext,
  session: Session,
  verb: MessageVerb,
  code: string,
  ...params: readonly Param[]
): void {
  if (verb !== "NOTICE") context.numeric(session, code, ...params);
}

/** True if `user` is muted, of which the client has been told; a message of unrecorded tags is dropped silently. */
function rejectIfMuted(
  context: HubContext,
  session: Session,
  user: User,
  name: string,
  draft: MessageDraft,
): boolean {
  if (user.mute === undefined) return false;
  const why = muteRefusal(context, user);
  if (why === undefined) return false;
  if (!isUnrecorded(draft.tags)) {
    const code = isChannelName(name) || isStatusTarget(name) ? ERR_CANNOTSENDTOCHAN : ERR_CANTSENDTOUSER;
    rejectMessage(context, session, draft.verb, code, name, why);
  }
  return true;
}

/**
 * Channels accept messages from outside unless they are +n, so that a script can send to a channel without joining
 * it. An empty channel accepts messages while the log holds it.
 */
function findChannelTarget(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  name: string,
  draft: MessageDraft,
): RoutedTarget | undefined {
  const prefix = isStatusTarget(name) ? name.charAt(0) as "@" | "+" : undefined;
  const channelName = prefix === undefined ? name : name.slice(1);
  const channel = context.state.channel(channelName);
  const conversation = channel?.conversation ?? services.history.channels.get(casefold(channelName));
  const refusal = conversation && messageRefusal(session, user, conversation, channel);
  if (conversation === undefined || refusal === "hidden") {
    rejectMessage(context, session, draft.verb, ERR_NOSUCHCHANNEL, name, "No such channel");
    return undefined;
  }
  if (refusal === undefined) {
    const spelled = channel?.name ?? conversation.name;
    return prefix === undefined
      ? { kind: "channel", name: spelled, channel, conversation }
      : { kind: "ranks", prefix, name: spelled, channel, conversation };
  }
  if (!isUnrecorded(draft.tags)) {
    rejectMessage(context, session, draft.verb, ERR_CANNOTSENDTOCHAN, conversation.name, refusal.why);
  }
  return undefined;
}

/**
 * The user with the nick, also while its connection is broken; otherwise the account of that name, for which the
 * message is queued.
 */
export function findDirectTarget(
  context: HubContext,
  services: Services,
  nick: string,
  draft: MessageDraft,
): RoutedDirectTarget | undefined {
  const receiver = context.state.user(nick);
  if (
    receiver !== undefined && (receiver.sessions.some(isReceiver) || draft.waits || draft.verb === "TAGMSG")
  ) {
    return { kind: "direct", name: receiver.nick, owner: receiver.owner, receiver };
  }
  const account = context.config.accounts === "off" ? undefined : services.accounts.get(nick);
  if (account === undefined || draft.verb === "TAGMSG") return undefined;
  const here = account.users.some(({ sessions }) => sessions.some(isReceiver));
  return here || draft.waits
    ? { kind: "direct", name: account.name, owner: account.owner, receiver }
    : undefined;
}

/** `@#room`, `+#room` (ISUPPORT STATUSMSG): to the channel's operators; with `+`, also to members with voice. */
export function isStatusTarget(name: string): boolean {
  return (name.charCodeAt(0) === 0x40 || name.charCodeAt(0) === 0x2b) && isChannelName(name.slice(1));
}

export function isUnrecorded(tags: string): boolean {
  return tags.split(";").every((tag) => UNRECORDED_TAGS.has(tag.split("=", 1)[0]!));
}
