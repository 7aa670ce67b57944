/** OPER, KILL, WALLOPS (modern, "Operator Messages"): commands of server operators. */
import { ERR_CANTKILLSERVER, ERR_NOOPERHOST, ERR_PASSWDMISMATCH } from "../../../irc/numerics.ts";
import { isSameName } from "../../../irc/names/casemap.ts";
import { KICKLEN } from "../../../irc/limits.ts";
import type { Message } from "../../../irc/message.ts";
import { truncateText } from "../../../irc/text_splitter.ts";
import type { Account, Session, User } from "../../model/state/entities.ts";
import { isServerOperatorAccount } from "../../policy/server_bans.ts";
import type { HubContext, Services } from "../../context.ts";
import { hashRefusalText } from "../../services/accounts/passwords.ts";
import { sendServerOperatorMode } from "../../fanout/server_operator_mode.ts";
import { sendFrom } from "../../fanout/fan_out.ts";
import type { VerbTable } from "../verb.ts";
import { checkPassword } from "../login.ts";
import { noSuchNick, notServerOperator } from "../../fanout/replies.ts";

/** Restricts a verb to server operators; other users get 481. */
export function forOperators(
  run: (context: HubContext, services: Services, session: Session, message: Message, user: User) => void,
) {
  return (context: HubContext, services: Services, session: Session, message: Message, user: User): void => {
    if (user.isServerOperator) return run(context, services, session, message, user);
    notServerOperator(context, session);
  };
}

/**
 * `OPER <account> <password>`, for clients that cannot log in by SASL: a user that is logged in to an operator account
 * becomes operator without it. The password is compared only with that of an operator account, so that neither the
 * response nor its timing reveals anything about other accounts.
 */
function oper(context: HubContext, services: Services, session: Session, message: Message, user: User): void {
  const [name = "", password = ""] = message.params;
  if (user.isServerOperator) return sendServerOperatorMode(context, session, user);
  const own = user.account !== undefined && isSameName(user.account.name, name);
  if (own && isServerOperatorAccount(services, user.account)) {
    return void context.commit({ kind: "oper", user, oper: true });
  }
  if (own) {
    return context.numeric(
      session,
      ERR_NOOPERHOST,
      "No O-lines for your host: this account is not a server operator",
    );
  }
  const of = (account: Account) => isServerOperatorAccount(services, account);
  checkPassword(context, services, session, { name, password, of }, (outcome) => {
    if (session.closeReason !== undefined) return;
    if (outcome.kind === "right") {
      services.serverOperators.addByPassword(outcome.account, user);
      return void context.commit({ kind: "oper", user, oper: true });
    }
    const words = outcome.kind === "wrong"
      ? "Password incorrect"
      : `Password not checked: ${hashRefusalText(outcome.refusal)}`;
    context.numeric(session, ERR_PASSWDMISMATCH, words);
  });
}

function kill(
  context: HubContext,
  _services: Services,
  session: Session,
  message: Message,
  user: User,
): void {
  const [nick = "", comment = ""] = message.params;
  if (isSameName(nick, context.config.serverName)) {
    return context.numeric(session, ERR_CANTKILLSERVER, "You can't kill a server!");
  }
  const target = context.state.user(nick);
  if (target === undefined) {
    return noSuchNick(context, session, nick);
  }
  killUser(context, target, user.source, user.nick, truncateText(comment || "No reason given", KICKLEN));
}

/** Disconnects all sessions of `user` with `reason`; `by` is the name of the operator that it shows. */
export function killUser(context: HubContext, user: User, source: string, by: string, reason: string): void {
  context.report({ kind: "killed", nick: user.nick, by, reason });
  const words = `Killed (${by} (${reason}))`;
  for (const session of [...user.sessions]) {
    context.send(session, `:${source} KILL ${user.nick} :${reason}`);
    context.disconnect(session, words);
  }
  if (context.state.usersInGracePeriod.has(user)) {
    context.commit({ kind: "quit", source: user.source, reason: words });
  }
}

/** `WALLOPS :<text>`: sends a text to all server operators. */
function wallops(
  context: HubContext,
  _services: Services,
  _session: Session,
  message: Message,
  user: User,
): void {
  const line = `:${user.source} WALLOPS :${message.params[0]}`;
  for (const { sessions } of context.state.serverOperators) {
    for (const each of sessions) sendFrom(context, each, user, line);
  }
}

export const OPER_VERBS: VerbTable = {
  OPER: { min: 1, who: "user", run: oper },
  KILL: { min: 1, who: "user", run: forOperators(kill) },
  WALLOPS: { min: 1, who: "user", run: forOperators(wallops) },
};
