/** JOIN, PART, TOPIC, NAMES, KICK, INVITE (modern, "Channel Operations"). */
import { utf8Length } from "../../../base/bytes.ts";
import {
  ERR_BADCHANMASK,
  ERR_CANNOTSENDTOCHAN,
  ERR_CHANNELISFULL,
  ERR_CHANOPRIVSNEEDED,
  ERR_INPUTTOOLONG,
  ERR_LINKCHANNEL,
  ERR_NEEDMOREPARAMS,
  ERR_NOSUCHCHANNEL,
  ERR_NOSUCHNICK,
  ERR_NOTONCHANNEL,
  ERR_TOOMANYCHANNELS,
  ERR_TOOMANYTARGETS,
  ERR_USERONCHANNEL,
  RPL_AWAY,
  RPL_ENDOFINVITELIST,
  RPL_ENDOFNAMES,
  RPL_INVITELIST,
  RPL_INVITING,
  RPL_NOTOPIC,
} from "../../../irc/numerics.ts";
import { CAP } from "../../../irc/capabilities.ts";
import { KICKLEN, MAXTARGETS, TOPICLEN } from "../../../irc/limits.ts";
import type { Message } from "../../../irc/message.ts";
import { channelFault, NAME_FAULT_TEXT } from "../../../irc/names/name_rules.ts";
import type { RecordedEvent } from "../../model/state/event.ts";
import { visibleChannel } from "../../policy/visibility.ts";
import type { Hub } from "../../hub.ts";
import { newChannelRefusal } from "../../policy/name_availability.ts";
import { exceedsLine } from "../../output/render.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import { toSafeParam } from "../../output/safe_param.ts";
import {
  canSee,
  isChannelOperator,
  joinRefusal,
  muteRefusal,
  sendRefusal,
} from "../../policy/channel_access.ts";
import { findByFormerName } from "../../apply/channel_rename.ts";
import { maskCheckUnits } from "../../model/conversation_log.ts";
import { namesUnits, sendNames, sendTopic } from "../../fanout/channel_replies.ts";
import type { Channel, Session, User } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import {
  commitWithTopicLock,
  requireMemberAsOperator,
  restoreChannelOperator,
} from "./channel_privileges.ts";

/** Units (work_steps.ts) of entering a channel, without its names and masks. */
const JOIN_UNITS = 20;
const PART_UNITS = 20;

/** The names of a list `a,b,c`; more than MAXTARGETS is answered by 407 and nothing is done. */
function parseTargetList(hub: Hub, session: Session, list: string): string[] {
  const names = list.split(",").filter((name) => name !== "");
  if (names.length <= MAXTARGETS) return names;
  hub.numeric(session, ERR_TOOMANYTARGETS, `${toSafeParam(names[MAXTARGETS]!)} :Too many targets`);
  return [];
}

function join(hub: Hub, session: Session, message: Message, user: User): void {
  if (message.params[0] === "0") {
    return hub.runInSteps(partAll(hub, session, user));
  }
  const keys = message.params[1]?.split(",") ?? [];
  hub.runInSteps(joinEach(hub, session, user, parseTargetList(hub, session, message.params[0]!), keys));
}

function* partAll(hub: Hub, session: Session, user: User): WorkSteps {
  for (const channel of [...user.channels.keys()]) {
    if (session.closeReason !== undefined) return;
    if (user.channels.has(channel)) partOne(hub, session, user, channel, "");
    yield PART_UNITS;
  }
}

function* joinEach(hub: Hub, session: Session, user: User, names: string[], keys: string[]): WorkSteps {
  for (const [at, name] of names.entries()) {
    if (session.closeReason !== undefined) return;
    joinOne(hub, session, user, name, keys[at] ?? "");
    const channel = hub.state.channel(name);
    yield JOIN_UNITS +
      (channel === undefined ? 0 : namesUnits(hub, channel) + maskCheckUnits(channel.conversation));
  }
}

function joinOne(hub: Hub, session: Session, user: User, name: string, key: string): void {
  const fault = channelFault(name);
  if (fault === "no_prefix") return rejectNoSuchChannel(hub, session, name);
  if (fault !== undefined) {
    return hub.numeric(session, ERR_BADCHANMASK, `${toSafeParam(name)} :${NAME_FAULT_TEXT[fault]}`);
  }
  const channel = hub.state.channel(name);
  if (channel !== undefined && user.channels.has(channel)) return;
  if (channel === undefined) {
    const renamed = findByFormerName(hub, name);
    if (renamed !== undefined && canSee(session, renamed, hub.state.channel(renamed.name))) {
      return joinRenamed(hub, session, user, name, renamed.name, key);
    }
  }
  const refusal = channel === undefined ? newChannelRefusal(hub, session, name) : undefined;
  if (refusal !== undefined) return hub.numeric(session, ERR_BADCHANMASK, `${toSafeParam(name)} :${refusal}`);
  if (!isWithinChannelLimits(hub, session, user, channel, name)) return;
  const target = channel?.conversation ?? hub.archive.channel(name);
  const held = joinRefusal(user, target, channel, key);
  if (held !== undefined) return hub.numeric(session, held.code, `${target.name} :${held.words}`);
  commitWithTopicLock(
    hub,
    { kind: "join", source: user.source, channel: target.name, realname: user.realname },
    [
      target,
    ],
  );
  restoreChannelOperator(hub, user, channel ?? hub.state.channel(name)!);
}

/** channel-rename, "Channel redirection": who knows of renaming asks again, others are led there. */
function joinRenamed(hub: Hub, session: Session, user: User, name: string, to: string, key: string): void {
  const words = "The channel has been renamed";
  if (session.caps & CAP.channelRename) {
    return hub.fail(session, "JOIN", "CHANNEL_RENAMED", `${toSafeParam(name)} ${to}`, words);
  }
  hub.numeric(session, ERR_LINKCHANNEL, `${toSafeParam(name)} ${to} :${words}`);
  joinOne(hub, session, user, to, key);
}

/** Whether the server's bounds let `user` into `channel`, or make it; otherwise 405 or 471 has been said. */
function isWithinChannelLimits(
  hub: Hub,
  session: Session,
  user: User,
  channel: Channel | undefined,
  name: string,
): boolean {
  const { channelsPerUser, channels, channelMembers } = hub.limits;
  if (user.channels.size >= channelsPerUser) {
    hub.numeric(session, ERR_TOOMANYCHANNELS, `${toSafeParam(name)} :You have joined too many channels`);
  } else if (channel === undefined && hub.state.channels.size >= channels) {
    hub.numeric(
      session,
      ERR_TOOMANYCHANNELS,
      `${toSafeParam(name)} :This server has as many channels as it may have`,
    );
  } else if (channel === undefined && !hub.channelQuota.canCreate(user.host, hub.state.channels.size)) {
    hub.numeric(
      session,
      ERR_TOOMANYCHANNELS,
      `${toSafeParam(name)} :Your address has made as many channels as it may`,
    );
  } else if (channel !== undefined && channel.members.size >= channelMembers) {
    hub.numeric(session, ERR_CHANNELISFULL, `${channel.name} :Cannot join channel: nobody more fits in`);
  } else return true;
  return false;
}

function part(hub: Hub, session: Session, message: Message, user: User): void {
  const [list = "", reason = ""] = message.params;
  hub.runInSteps(partEach(hub, session, user, parseTargetList(hub, session, list), reason));
}

function* partEach(hub: Hub, session: Session, user: User, names: string[], reason: string): WorkSteps {
  for (const name of names) {
    if (session.closeReason !== undefined) return;
    const channel = requireChannel(hub, session, user, name);
    const silent = channel && (muteRefusal(hub, user) ?? sendRefusal(user, channel.conversation, channel));
    if (channel !== undefined) partOne(hub, session, user, channel, silent === undefined ? reason : "");
    yield PART_UNITS + (channel === undefined ? 0 : maskCheckUnits(channel.conversation));
  }
}

function partOne(hub: Hub, session: Session, user: User, channel: Channel, reason: string): void {
  commitUnlessTooLong(hub, session, { kind: "part", source: user.source, channel: channel.name, reason });
}

function topic(hub: Hub, session: Session, message: Message, user: User | undefined): void {
  const [name = "", text] = message.params;
  if (text === undefined || user === undefined) {
    const channel = visibleChannel(session, hub.state.channel(name));
    if (channel === undefined) return rejectNoSuchChannel(hub, session, name);
    if (channel.conversation.topic === "") {
      return hub.numeric(session, RPL_NOTOPIC, `${channel.name} :No topic is set`);
    }
    return sendTopic(hub, session, channel);
  }
  const channel = requireChannel(hub, session, user, name, user.isServerOperator);
  if (channel === undefined) return;
  if (channel.conversation.settings?.hasFlag("t") && !isChannelOperator(user, channel)) {
    return rejectNotOperator(hub, session, channel);
  }
  const silent = muteRefusal(hub, user) ??
    (isChannelOperator(user, channel) ? undefined : sendRefusal(user, channel.conversation, channel));
  if (silent !== undefined) return hub.numeric(session, ERR_CANNOTSENDTOCHAN, `${channel.name} :${silent}`);
  if (utf8Length(text) > TOPICLEN) {
    return hub.numeric(session, ERR_INPUTTOOLONG, `:A topic has at most ${TOPICLEN} bytes`);
  }
  commitUnlessTooLong(hub, session, {
    kind: "topic",
    source: user.source,
    channel: channel.name,
    topic: text,
  });
}

function names(hub: Hub, session: Session, message: Message): void {
  hub.runInSteps(sendNamesOfEach(hub, session, parseTargetList(hub, session, message.params[0] ?? "*")));
}

function* sendNamesOfEach(hub: Hub, session: Session, names: string[]): WorkSteps {
  for (const name of names) {
    if (session.closeReason !== undefined) return;
    const channel = visibleChannel(session, hub.state.channel(name));
    if (channel === undefined) {
      hub.numeric(session, RPL_ENDOFNAMES, `${toSafeParam(name)} :End of /NAMES list.`);
    } else sendNames(hub, session, channel);
    yield channel === undefined ? 1 : namesUnits(hub, channel);
  }
}

/** `KICK #a x,y`, `KICK #a,#b x,y` (pairwise). */
function kick(hub: Hub, session: Session, message: Message, user: User): void {
  const channels = parseTargetList(hub, session, message.params[0]!);
  const nicks = parseTargetList(hub, session, message.params[1]!);
  const reason = message.params[2] ?? user.nick;
  if (utf8Length(reason) > KICKLEN) {
    return hub.numeric(session, ERR_INPUTTOOLONG, `:A reason has at most ${KICKLEN} bytes`);
  }
  nicks.forEach((nick, index) => {
    const channel = requireChannel(
      hub,
      session,
      user,
      channels.length === 1 ? channels[0]! : channels[index] ?? "",
      user.isServerOperator,
    );
    if (channel !== undefined) kickOne(hub, session, user, channel, nick, reason);
  });
}

function kickOne(
  hub: Hub,
  session: Session,
  user: User,
  channel: Channel,
  nick: string,
  reason: string,
): void {
  const target = requireMemberAsOperator(hub, session, channel, nick);
  if (target === undefined) return;
  commitUnlessTooLong(hub, session, {
    kind: "kick",
    source: user.source,
    channel: channel.name,
    nick: target.nick,
    reason,
  });
}

/** `INVITE nick #room`; `INVITE` lists the invitations that one has and has not used. */
function invite(hub: Hub, session: Session, message: Message, user: User): void {
  const [nick = "", name = ""] = message.params;
  if (message.params.length === 0) return sendInvites(hub, session, user);
  if (name === "") return hub.numeric(session, ERR_NEEDMOREPARAMS, "INVITE :Not enough parameters");
  const target = hub.state.user(nick);
  if (target === undefined) return hub.numeric(session, ERR_NOSUCHNICK, `${toSafeParam(nick)} :No such nick`);
  const channel = requireChannel(hub, session, user, name);
  if (channel === undefined) return;
  if (channel.members.has(target)) {
    return hub.numeric(session, ERR_USERONCHANNEL, `${target.nick} ${channel.name} :is already on channel`);
  }
  if (channel.conversation.settings?.hasFlag("i") && !isChannelOperator(user, channel)) {
    return rejectNotOperator(hub, session, channel);
  }
  hub.commit({ kind: "invite", source: user.source, user: target, channel: channel.name });
  hub.numeric(session, RPL_INVITING, `${target.nick} ${channel.name}`);
  if (target.away !== "") hub.numeric(session, RPL_AWAY, `${target.nick} :${target.away}`);
}

function sendInvites(hub: Hub, session: Session, user: User): void {
  for (const channel of user.invites?.keys() ?? []) hub.numeric(session, RPL_INVITELIST, channel.name);
  hub.numeric(session, RPL_ENDOFINVITELIST, ":End of /INVITE list");
}

/**
 * The channel called `name` that `user` is in, or `anyway` that is there; otherwise 403 or 442 has been said. A channel that `session` may
 * not know of is answered as one that does not exist.
 */
function requireChannel(
  hub: Hub,
  session: Session,
  user: User,
  name: string,
  anyway = false,
): Channel | undefined {
  const channel = visibleChannel(session, hub.state.channel(name));
  if (channel === undefined) rejectNoSuchChannel(hub, session, name);
  else if (anyway || user.channels.has(channel)) return channel;
  else hub.numeric(session, ERR_NOTONCHANNEL, `${channel.name} :You're not on that channel`);
  return undefined;
}

function rejectNotOperator(hub: Hub, session: Session, channel: Channel): void {
  hub.numeric(session, ERR_CHANOPRIVSNEEDED, `${channel.name} :You're not channel operator`);
}

function rejectNoSuchChannel(hub: Hub, session: Session, name: string): void {
  hub.numeric(session, ERR_NOSUCHCHANNEL, `${toSafeParam(name)} :No such channel`);
}

function commitUnlessTooLong(hub: Hub, session: Session, event: RecordedEvent): void {
  if (exceedsLine(event)) hub.numeric(session, ERR_INPUTTOOLONG, ":Too long to be delivered whole");
  else hub.commit(event);
}

export const CHANNEL_OPERATION_VERBS: VerbTable = {
  JOIN: { min: 1, who: "user", run: join },
  PART: { min: 1, who: "user", run: part },
  TOPIC: {
    min: 1,
    who: "session",
    run: (hub, session, message) => topic(hub, session, message, session.user),
  },
  NAMES: { min: 0, who: "session", run: names },
  KICK: { min: 2, who: "user", run: kick },
  INVITE: { min: 0, who: "user", run: invite },
};
