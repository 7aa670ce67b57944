/**
 * BAN, UNBAN, MUTE, UNMUTE and BANS, for server operators (our own; docs/protocol/bans.md).
 * `BAN <mask> [<duration>] [:<reason>]` is answered by `NOTE BAN DONE <mask> :text` or FAIL; `BANS` by lines
 * `BANS <ban|mute> <mask> <until|*> <by> :<reason>` and a final `BANS *`.
 */
import type { Message } from "../../../irc/message.ts";
import { liftBan, setBan } from "../../policy/ban_service.ts";
import type { BanOutcome } from "../../policy/ban_service.ts";
import type { BanKind } from "../../model/ban.ts";
import type { HubContext, Services } from "../../context.ts";
import type { Session, User } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { formatTimestamp } from "../../output/render.ts";
import { forOperators } from "./oper.ts";

function addBanHandler(kind: BanKind) {
  return forOperators((context, services, session, message, user) => {
    replyToBan(
      context,
      session,
      message,
      setBan(context, services, { kind, words: message.params, user }),
    );
  });
}

function removeBanHandler(kind: BanKind) {
  return forOperators((context, services, session, message, user) => {
    replyToBan(
      context,
      session,
      message,
      liftBan(context, services, kind, message.params[0]!, user),
    );
  });
}

function replyToBan(
  context: HubContext,
  session: Session,
  { command, params }: Message,
  outcome: BanOutcome,
): void {
  if (outcome.kind === "failed") {
    return context.fail(session, command, outcome.code, [params[0]!], outcome.text);
  }
  context.send(
    session,
    `:${context.config.serverName} NOTE ${command} DONE ${outcome.mask} :${outcome.text}`,
  );
}

function sendBans(
  context: HubContext,
  services: Services,
  session: Session,
  _message: Message,
  _user: User,
): void {
  const { serverName } = context.config;
  for (const { kind, mask, until, by, reason } of services.bans.list(context.now)) {
    const when = until === 0 ? "*" : formatTimestamp(until);
    context.send(session, `:${serverName} BANS ${kind} ${mask} ${when} ${by} :${reason}`);
  }
  context.send(session, `:${serverName} BANS *`);
}

export const BAN_VERBS: VerbTable = {
  BAN: { min: 1, who: "user", run: addBanHandler("ban") },
  UNBAN: { min: 1, who: "user", run: removeBanHandler("ban") },
  MUTE: { min: 1, who: "user", run: addBanHandler("mute") },
  UNMUTE: { min: 1, who: "user", run: removeBanHandler("mute") },
  BANS: { min: 0, who: "user", run: forOperators(sendBans) },
};
