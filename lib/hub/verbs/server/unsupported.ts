/**
 * Verbs of features that this server does not have. They get their own replies, so that a client does not take them
 * for misspelt: SUMMON and USERS (users of the machine), CONNECT and SQUIT (other servers), VERIFY (codes by mail).
 */
import { ERR_SUMMONDISABLED, ERR_USERSDISABLED } from "../../../irc/numerics.ts";
import type { Message } from "../../../irc/message.ts";
import type { HubContext, Services } from "../../context.ts";
import { toSafeParam } from "../../output/safe_param.ts";
import { accountOf } from "../../model/state/entities.ts";
import type { Session } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { noSuchServer, notServerOperator } from "../../fanout/replies.ts";

/** There is no server but this one. */
function rejectOtherServer(
  context: HubContext,
  _services: Services,
  session: Session,
  message: Message,
): void {
  if (session.user?.isServerOperator) {
    return noSuchServer(context, session, message.params[0]!);
  }
  notServerOperator(context, session);
}

/** https://ircv3.net/specs/extensions/account-registration: no account is ever waiting for a code. */
function rejectVerify(context: HubContext, _services: Services, session: Session, message: Message): void {
  const account = toSafeParam(message.params[0]!);
  if (accountOf(session) !== undefined) {
    return context.fail(session, "VERIFY", "ALREADY_AUTHENTICATED", [account], "You are already logged in");
  }
  context.fail(session, "VERIFY", "INVALID_CODE", [account], "Accounts need no verification on this server");
}

export const UNSUPPORTED_VERBS: VerbTable = {
  SUMMON: {
    min: 0,
    who: "session",
    run: (context, _services, session) =>
      context.numeric(session, ERR_SUMMONDISABLED, "SUMMON has been disabled"),
  },
  USERS: {
    min: 0,
    who: "session",
    run: (context, _services, session) =>
      context.numeric(session, ERR_USERSDISABLED, "USERS has been disabled"),
  },
  CONNECT: { min: 1, who: "session", run: rejectOtherServer },
  SQUIT: { min: 1, who: "session", run: rejectOtherServer },
  VERIFY: { min: 2, who: "anyone", run: rejectVerify },
};
