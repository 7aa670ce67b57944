/** JOIN, PART, TOPIC, NAMES, KICK (modern, "Channel Operations"). */
import { CAP } from "../../../irc/capabilities.ts";
import { utf8Length } from "../../../base/bytes.ts";
import {
  ERR_BADCHANMASK,
  ERR_CANNOTSENDTOCHAN,
  ERR_CHANNELISFULL,
  ERR_INPUTTOOLONG,
  ERR_LINKCHANNEL,
  ERR_TOOMANYCHANNELS,
  ERR_TOOMANYTARGETS,
  RPL_NOTOPIC,
} from "../../../irc/numerics.ts";
import { KICKLEN, MAXTARGETS, TOPICLEN } from "../../../irc/limits.ts";
import type { Message } from "../../../irc/message.ts";
import { channelFault } from "../../../irc/names/name_rules.ts";
import { NAME_FAULT_TEXT } from "../../../irc/names/new_name_rules.ts";
import type { RecordedStateEvent } from "../../model/state/event.ts";
import { visibleChannel } from "../../policy/visibility.ts";
import type { HubContext, Services } from "../../context.ts";
import { findByFormerName, newChannelRefusal } from "../../policy/name_availability.ts";
import { exceedsLine } from "../../output/render.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import {
  canSee,
  isChannelOperator,
  joinRefusal,
  muteRefusal,
  sendRefusal,
} from "../../policy/channel_access.ts";
import { maskCheckUnits } from "../../model/conversation_log.ts";
import { namesUnits, sendNames, sendTopic } from "../../fanout/channel_replies.ts";
import type { Channel, Session, User } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import {
  commitWithTopicLock,
  requireChannel,
  requireMemberAsOperator,
  restoreChannelOperator,
} from "./channel_privileges.ts";
import { endOfNames, noSuchChannel, notChannelOperator, tooLongToDeliver } from "../../fanout/replies.ts";

/** Units (work_steps.ts) of joining a channel, without the work for its names and masks. */
const JOIN_UNITS = 20;
const PART_UNITS = 20;

/** The names of a list `a,b,c`. For more than MAXTARGETS names, 407 is sent and the list is empty. */
function parseTargetList(context: HubContext, session: Session, list: string): string[] {
  const names = list.split(",").filter((name) => name !== "");
  if (names.length <= MAXTARGETS) return names;
  context.numeric(session, ERR_TOOMANYTARGETS, names[MAXTARGETS]!, "Too many targets");
  return [];
}

function join(context: HubContext, services: Services, session: Session, message: Message, user: User): void {
  if (message.params[0] === "0") {
    return context.runInSteps(partAll(context, session, user));
  }
  const keys = message.params[1]?.split(",") ?? [];
  context.runInSteps(
    joinEach(context, services, session, user, parseTargetList(context, session, message.params[0]!), keys),
  );
}

function* partAll(context: HubContext, session: Session, user: User): WorkSteps {
  for (const channel of [...user.channels.keys()]) {
    if (session.closeReason !== undefined) return;
    if (user.channels.has(channel)) partOne(context, session, user, channel, "");
    yield PART_UNITS;
  }
}

function* joinEach(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  names: string[],
  keys: string[],
): WorkSteps {
  for (const [at, name] of names.entries()) {
    if (session.closeReason !== undefined) return;
    joinOne(context, services, session, user, name, keys[at] ?? "");
    const channel = context.state.channel(name);
    yield JOIN_UNITS +
      (channel === undefined ? 0 : namesUnits(context, channel) + maskCheckUnits(channel.conversation));
  }
}

function joinOne(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  name: string,
  key: string,
): void {
  const fault = channelFault(name);
  if (fault === "no_prefix") return noSuchChannel(context, session, name);
  if (fault !== undefined) {
    return context.numeric(session, ERR_BADCHANMASK, name, NAME_FAULT_TEXT[fault]);
  }
  const channel = context.state.channel(name);
  if (channel !== undefined && user.channels.has(channel)) return;
  if (channel === undefined) {
    const renamed = findByFormerName(context, services, name);
    if (renamed !== undefined && canSee(session, renamed, context.state.channel(renamed.name))) {
      return joinRenamed(context, services, session, user, name, renamed.name, key);
    }
  }
  const refusal = channel === undefined ? newChannelRefusal(context, services, session, name) : undefined;
  if (refusal !== undefined) {
    return context.numeric(session, ERR_BADCHANMASK, name, refusal);
  }
  if (!isWithinChannelLimits(context, services, session, user, channel, name)) return;
  const target = channel?.conversation ?? services.history.channel(name);
  const held = joinRefusal(user, target, channel, key);
  if (held !== undefined) return context.numeric(session, held.code, target.name, held.words);
  commitWithTopicLock(
    context,
    services,
    { kind: "join", source: user.source, channel: target.name, realname: user.realname },
    [
      target,
    ],
  );
  restoreChannelOperator(context, user, channel ?? context.state.channel(name)!);
}

/**
 * channel-rename, "Channel redirection": a client with the capability must join by the new name; others are
 * redirected.
 */
function joinRenamed(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  name: string,
  to: string,
  key: string,
): void {
  const words = "The room has been renamed";
  if (session.caps.has(CAP.channelRename)) {
    return context.fail(session, "JOIN", "CHANNEL_RENAMED", [name, to], words);
  }
  context.numeric(session, ERR_LINKCHANNEL, name, to, words);
  joinOne(context, services, session, user, to, key);
}

/** Whether the server's limits let `user` join or create `channel`; otherwise 405 or 471 has been sent. */
function isWithinChannelLimits(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  channel: Channel | undefined,
  name: string,
): boolean {
  const { channelsPerUser, channels, channelMembers } = context.limits;
  if (user.channels.size >= channelsPerUser) {
    context.numeric(session, ERR_TOOMANYCHANNELS, name, "You have joined too many channels");
  } else if (channel === undefined && context.state.channels.size >= channels) {
    context.numeric(
      session,
      ERR_TOOMANYCHANNELS,
      name,
      "The server has reached its limit of rooms",
    );
  } else if (
    channel === undefined && !services.channelQuota.canCreate(user.host, context.state.channels.size)
  ) {
    context.numeric(
      session,
      ERR_TOOMANYCHANNELS,
      name,
      "Your address has reached the limit of rooms that it may create",
    );
  } else if (channel !== undefined && channel.members.size >= channelMembers) {
    context.numeric(
      session,
      ERR_CHANNELISFULL,
      channel.name,
      "Cannot join channel: it has reached the server's limit of members",
    );
  } else return true;
  return false;
}

function part(
  context: HubContext,
  _services: Services,
  session: Session,
  message: Message,
  user: User,
): void {
  const [list = "", reason = ""] = message.params;
  context.runInSteps(partEach(context, session, user, parseTargetList(context, session, list), reason));
}

function* partEach(
  context: HubContext,
  session: Session,
  user: User,
  names: string[],
  reason: string,
): WorkSteps {
  for (const name of names) {
    if (session.closeReason !== undefined) return;
    const channel = requireChannel(context, session, user, name);
    const silent = channel &&
      (muteRefusal(context, user) ?? sendRefusal(user, channel.conversation, channel));
    if (channel !== undefined) partOne(context, session, user, channel, silent === undefined ? reason : "");
    yield PART_UNITS + (channel === undefined ? 0 : maskCheckUnits(channel.conversation));
  }
}

function partOne(context: HubContext, session: Session, user: User, channel: Channel, reason: string): void {
  commitUnlessTooLong(context, session, { kind: "part", source: user.source, channel: channel.name, reason });
}

function topic(context: HubContext, session: Session, message: Message, user: User | undefined): void {
  const [name = "", text] = message.params;
  if (text === undefined || user === undefined) {
    const channel = visibleChannel(session, context.state.channel(name));
    if (channel === undefined) return noSuchChannel(context, session, name);
    if (channel.conversation.topic === "") {
      return context.numeric(session, RPL_NOTOPIC, channel.name, "No topic is set");
    }
    return sendTopic(context, session, channel);
  }
  const channel = requireChannel(context, session, user, name, user.isServerOperator);
  if (channel === undefined) return;
  if (channel.conversation.settings?.hasFlag("t") && !isChannelOperator(user, channel)) {
    return notChannelOperator(context, session, channel.name);
  }
  const silent = muteRefusal(context, user) ??
    (isChannelOperator(user, channel) ? undefined : sendRefusal(user, channel.conversation, channel));
  if (silent !== undefined) {
    return context.numeric(session, ERR_CANNOTSENDTOCHAN, channel.name, silent);
  }
  if (utf8Length(text) > TOPICLEN) {
    return context.numeric(session, ERR_INPUTTOOLONG, `A topic has at most ${TOPICLEN} bytes`);
  }
  commitUnlessTooLong(context, session, {
    kind: "topic",
    source: user.source,
    channel: channel.name,
    topic: text,
  });
}

function names(context: HubContext, _services: Services, session: Session, message: Message): void {
  context.runInSteps(
    sendNamesOfEach(context, session, parseTargetList(context, session, message.params[0] ?? "*")),
  );
}

function* sendNamesOfEach(context: HubContext, session: Session, names: string[]): WorkSteps {
  for (const name of names) {
    if (session.closeReason !== undefined) return;
    const channel = visibleChannel(session, context.state.channel(name));
    if (channel === undefined) {
      endOfNames(context, session, name);
    } else sendNames(context, session, channel);
    yield channel === undefined ? 1 : namesUnits(context, channel);
  }
}

/** `KICK #a x,y`, `KICK #a,#b x,y` (pairwise). */
function kick(
  context: HubContext,
  _services: Services,
  session: Session,
  message: Message,
  user: User,
): void {
  const channels = parseTargetList(context, session, message.params[0]!);
  const nicks = parseTargetList(context, session, message.params[1]!);
  const reason = message.params[2] ?? user.nick;
  if (utf8Length(reason) > KICKLEN) {
    return context.numeric(session, ERR_INPUTTOOLONG, `A reason has at most ${KICKLEN} bytes`);
  }
  nicks.forEach((nick, index) => {
    const channel = requireChannel(
      context,
      session,
      user,
      channels.length === 1 ? channels[0]! : channels[index] ?? "",
      user.isServerOperator,
    );
    if (channel !== undefined) kickOne(context, session, user, channel, nick, reason);
  });
}

function kickOne(
  context: HubContext,
  session: Session,
  user: User,
  channel: Channel,
  nick: string,
  reason: string,
): void {
  const target = requireMemberAsOperator(context, session, channel, nick);
  if (target === undefined) return;
  commitUnlessTooLong(context, session, {
    kind: "kick",
    source: user.source,
    channel: channel.name,
    nick: target.nick,
    reason,
  });
}

function commitUnlessTooLong(context: HubContext, session: Session, event: RecordedStateEvent): void {
  if (exceedsLine(event)) tooLongToDeliver(context, session);
  else context.commit(event);
}

export const CHANNEL_OPERATION_VERBS: VerbTable = {
  JOIN: { min: 1, who: "user", run: join },
  PART: { min: 1, who: "user", run: part },
  TOPIC: {
    min: 1,
    who: "session",
    run: (context, _services, session, message) => topic(context, session, message, session.user),
  },
  NAMES: { min: 0, who: "session", run: names },
  KICK: { min: 2, who: "user", run: kick },
};
