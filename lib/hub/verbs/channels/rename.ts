/**
 * RENAME (https://ircv3.net/specs/extensions/channel-rename): gives a channel another name and leaves everything else
 * as it is. Allowed to the accounts that the channel remembers as operators, and to server operators. A name under
 * which the archive has history is taken: the history would be lost, or be another channel's.
 */
import { CAP } from "../../../irc/capabilities.ts";
import { utf8Length } from "../../../base/bytes.ts";
import { elapsedMs } from "../../../base/clock.ts";
import { casefold } from "../../../irc/names/casemap.ts";
import { ERR_INPUTTOOLONG } from "../../../irc/numerics.ts";
import { KICKLEN } from "../../../irc/limits.ts";
import type { Message } from "../../../irc/message.ts";
import { channelFault } from "../../../irc/names/name_rules.ts";
import { NAME_FAULT_TEXT } from "../../../irc/names/new_name_rules.ts";
import { RENAME_INTERVAL_MS, RENAME_MAX_NAMES } from "../../model/config.ts";
import { hasOlder, isNameArchived, runReading } from "../../fanout/history/archive_reader.ts";
import type { WorkSteps } from "../../model/work_steps.ts";
import type { HubContext, Services } from "../../context.ts";
import { findByFormerName, newChannelRefusal } from "../../policy/name_availability.ts";
import { canSee, isChannelOperator, muteRefusal } from "../../policy/channel_access.ts";
import { isRememberedOperator } from "../../model/channel_settings.ts";
import type { Channel, Session, User } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { noSuchChannel, notChannelOperator, notOnChannel } from "../../fanout/replies.ts";

const TAKEN_TEXT = "The room name is already taken";
const UNKNOWN_TEXT = "The archive cannot say now whether the name is free; try again later";

/** `RENAME <channel> <new name> [:reason]` */
function renameChannel(
  context: HubContext,
  services: Services,
  session: Session,
  message: Message,
  user: User,
): void {
  const [name = "", to = "", reason = ""] = message.params;
  runReading(context, services, session, renameSteps(context, services, session, user, name, to, reason));
}

/** Asks the archive whether it has a room of that name, and looks at all else again when it has answered. */
function* renameSteps(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  name: string,
  to: string,
  reason: string,
): WorkSteps {
  const found = findRenamed(context, services, session, user, name, to);
  if (found === undefined) return;
  const isAsked = casefold(to) !== found.folded && hasOlder(context, services);
  const isArchived = isAsked ? yield* isNameArchived(context, services, session, to) : false;
  if (session.closeReason !== undefined || session.user !== user) return;
  const channel = isAsked ? findRenamed(context, services, session, user, name, to) : found;
  if (channel === undefined) return;
  const about = [channel.name, to];
  if (isArchived === undefined) return context.fail(session, "RENAME", "CANNOT_RENAME", about, UNKNOWN_TEXT);
  if (isArchived) return context.fail(session, "RENAME", "CHANNEL_NAME_IN_USE", about, TAKEN_TEXT);
  // A fixed bound: each member with a client that has to rejoin gets the reason in a line with the member's
  // own source.
  if (utf8Length(reason) > KICKLEN) {
    return context.numeric(session, ERR_INPUTTOOLONG, `A reason has at most ${KICKLEN} bytes`);
  }
  const why = muteRefusal(context, user) === undefined ? reason : "";
  context.commit({ kind: "rename", source: user.source, channel: channel.name, to, reason: why });
}

/** The channel that `user` may rename to `to`, as far as the hub knows; undefined: the refusal is told. */
function findRenamed(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  name: string,
  to: string,
): Channel | undefined {
  const channel = context.state.channel(name);
  if (channel === undefined || !canSee(session, channel.conversation, channel)) {
    noSuchChannel(context, session, name);
    return undefined;
  }
  if (!isChannelOperator(user, channel)) {
    if (user.channels.has(channel)) notChannelOperator(context, session, channel.name);
    else notOnChannel(context, session, channel.name);
    return undefined;
  }
  const about = [channel.name, to];
  if (isChannelNameTaken(context, services, channel, to)) {
    context.fail(session, "RENAME", "CHANNEL_NAME_IN_USE", about, TAKEN_TEXT);
    return undefined;
  }
  const against = channelRenameRefusal(context, user, channel, to) ??
    newChannelRefusal(context, services, session, to, channel.conversation);
  if (against === undefined) return channel;
  context.fail(session, "RENAME", "CANNOT_RENAME", about, against);
  return undefined;
}

/** True if another channel has this name, had it and has left data behind, or was recently renamed from it. */
function isChannelNameTaken(context: HubContext, services: Services, channel: Channel, to: string): boolean {
  const folded = casefold(to);
  if (folded === channel.folded) return false;
  if (context.state.channels.has(folded) || services.history.channels.has(folded)) return true;
  const other = findByFormerName(context, services, to);
  return other !== undefined && other !== channel.conversation;
}

/** The reason for a refusal, as text; undefined if the rename is allowed. */
function channelRenameRefusal(
  context: HubContext,
  user: User,
  channel: Channel,
  to: string,
): string | undefined {
  if (!user.isServerOperator && !isRememberedOperator(channel.conversation.settings, user.account)) {
    return user.account === undefined
      ? "Register your name first: renaming a room needs an account"
      : "Only operators that the room remembers by their account can rename it";
  }
  const fault = channelFault(to);
  if (fault !== undefined) return NAME_FAULT_TEXT[fault];
  if (to === channel.name) return "The room already has this name";
  if (channel.isPermanent) return "This room cannot be renamed";
  if (elapsedMs(channel.conversation.renamedAt, context.now) < RENAME_INTERVAL_MS) {
    return "This room has been renamed recently; try again later";
  }
  const anew = channel.audience.filter(({ caps }) => !caps.has(CAP.channelRename)).length;
  return anew * channel.members.size > RENAME_MAX_NAMES
    ? "The room has too many members to be renamed"
    : undefined;
}

export const RENAME_VERBS: VerbTable = {
  RENAME: { min: 2, who: "user", run: renameChannel },
};
