/** MODE (modern, "MODE message"): user modes here, channel modes in channel_mode.ts. */
import { casefold } from "../../../irc/names/casemap.ts";
import {
  ERR_UMODEUNKNOWNFLAG,
  ERR_USERSDONTMATCH,
  RPL_CREATIONTIME,
  RPL_UMODEIS,
} from "../../../irc/numerics.ts";
import type { Message } from "../../../irc/message.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import type { Source } from "../../model/identifiers.ts";
import type { HubContext, Services } from "../../context.ts";
import { canRead, canSee, isChannelOperator } from "../../policy/channel_access.ts";
import { formatUserModes, isSelfSetMode } from "../../model/state/user_mode_letters.ts";
import type { Session } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { changeChannelModes, sendChannelModes } from "../channels/channel_mode.ts";
import { frameWords } from "../../output/framed_params.ts";
import type { FramedParams } from "../../output/framed_params.ts";
import { noSuchChannel, noSuchNick } from "../../fanout/replies.ts";

function mode(context: HubContext, services: Services, session: Session, message: Message): void {
  const [name = "", modes = ""] = message.params;
  if (!isChannelName(name)) return userMode(context, session, name, modes);
  const channel = context.state.channel(name);
  // A channel without members that still has settings can be changed by server operators.
  const empty = session.user?.isServerOperator ? services.history.channels.get(casefold(name)) : undefined;
  const target = channel?.conversation ?? (empty?.settings && empty);
  if (target === undefined || !canSee(session, target, channel)) {
    return noSuchChannel(context, session, name);
  }
  const request = {
    target,
    channel,
    source: session.user?.source ?? "",
    runs: isChannelOperator(session.user, channel),
    answer: (code: string, params: FramedParams) => context.numericFramed(session, code, params),
    display: (source: Source) => context.config.cloak?.sourceOf(source) ?? source,
  };
  if (modes !== "") {
    return void changeChannelModes(context, services, request, modes, message.params.slice(2));
  }
  sendChannelModes(request, session.user?.isServerOperator || canRead(context, session, target, channel));
  if (channel !== undefined) {
    context.numericFramed(
      session,
      RPL_CREATIONTIME,
      frameWords(channel.name, Math.floor(channel.createdAt / 1000)),
    );
  }
}

/** "the server MUST apply the modes that are implemented, and then send the ERR_UMODEUNKNOWNFLAG". */
function userMode(context: HubContext, session: Session, nick: string, modes: string): void {
  const user = context.state.user(nick);
  if (user === undefined) {
    return noSuchNick(context, session, nick);
  }
  if (user !== session.user) {
    return context.numeric(session, ERR_USERSDONTMATCH, "Can't change mode for other users");
  }
  if (modes === "") {
    return context.numericFramed(session, RPL_UMODEIS, frameWords(formatUserModes(context.state, user)));
  }
  const { on, off, deop, unknown } = parseUserModes(modes, formatUserModes(context.state, user));
  if (deop && user.isServerOperator) context.commit({ kind: "oper", user, oper: false });
  if (on !== "" || off !== "") context.commit({ kind: "umode", user, on, off });
  if (unknown) context.numeric(session, ERR_UMODEUNKNOWNFLAG, "Unknown MODE flag");
}

/** The changes that `modes` makes to `now`. `+o` cannot be requested and is ignored; `-o` gives operator status up. */
function parseUserModes(
  modes: string,
  now: string,
): { on: string; off: string; deop: boolean; unknown: boolean } {
  const wanted = new Map<string, boolean>();
  let plus = true;
  for (const char of modes) {
    if (char === "+" || char === "-") plus = char === "+";
    else wanted.set(char, plus);
  }
  const changes = (to: boolean) =>
    [...wanted].filter(([letter, on]) => isSelfSetMode(letter) && on === to && on !== now.includes(letter))
      .map(([letter]) => letter).join("");
  return {
    on: changes(true),
    off: changes(false),
    deop: wanted.get("o") === false,
    unknown: wanted.keys().some((letter) => letter !== "o" && !isSelfSetMode(letter)),
  };
}

export const MODE_VERBS: VerbTable = {
  MODE: { min: 1, who: "session", run: mode },
};
