/** INVITE (modern, "Channel Operations"). */
import {
  ERR_USERONCHANNEL,
  RPL_AWAY,
  RPL_ENDOFINVITELIST,
  RPL_INVITELIST,
  RPL_INVITING,
} from "../../../irc/numerics.ts";
import type { Message } from "../../../irc/message.ts";
import type { HubContext, Services } from "../../context.ts";
import { isChannelOperator } from "../../policy/channel_access.ts";
import type { Session, User } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { requireChannel } from "./channel_privileges.ts";
import { frameWords } from "../../output/framed_params.ts";
import { needMoreParams, noSuchNick, notChannelOperator } from "../../fanout/replies.ts";

/** `INVITE nick #room` invites; `INVITE` alone lists the sender's invitations that are not used yet. */
function invite(
  context: HubContext,
  _services: Services,
  session: Session,
  message: Message,
  user: User,
): void {
  const [nick = "", name = ""] = message.params;
  if (message.params.length === 0) return sendInvites(context, session, user);
  if (name === "") return needMoreParams(context, session, "INVITE");
  const target = context.state.user(nick);
  if (target === undefined) {
    return noSuchNick(context, session, nick);
  }
  const channel = requireChannel(context, session, user, name);
  if (channel === undefined) return;
  if (channel.members.has(target)) {
    return context.numeric(
      session,
      ERR_USERONCHANNEL,
      target.nick,
      channel.name,
      "is already on channel",
    );
  }
  if (channel.conversation.settings?.hasFlag("i") && !isChannelOperator(user, channel)) {
    return notChannelOperator(context, session, channel.name);
  }
  context.commit({ kind: "invite", source: user.source, user: target, channel: channel.name });
  context.numericFramed(session, RPL_INVITING, frameWords(target.nick, channel.name));
  if (target.away !== "") context.numeric(session, RPL_AWAY, target.nick, target.away);
}

function sendInvites(context: HubContext, session: Session, user: User): void {
  for (const channel of user.invites?.keys() ?? []) {
    context.numericFramed(session, RPL_INVITELIST, frameWords(channel.name));
  }
  context.numeric(session, RPL_ENDOFINVITELIST, "End of /INVITE list");
}

export const INVITATION_VERBS: VerbTable = {
  INVITE: { min: 0, who: "user", run: invite },
};
