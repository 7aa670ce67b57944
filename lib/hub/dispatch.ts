/** Dispatches a message: finds its verb, runs the checks common to all verbs, and calls the handler. */
import { assert, unreachable } from "../base/assert.ts";
import { ERR_ALREADYREGISTERED, ERR_INPUTTOOLONG, ERR_UNKNOWNCOMMAND } from "../irc/numerics.ts";
import type { LineFault } from "../irc/line_splitter.ts";
import type { Message } from "../irc/message.ts";
import { refuseForeignProtocol } from "./policy/foreign_protocol.ts";
import type { HubContext, Services } from "./context.ts";
import type { Session } from "./model/state/entities.ts";
import type { Verb } from "./verbs/verb.ts";
import { consumeBatchLine, failOpenBatch } from "./verbs/messaging/multiline_batch.ts";
import { VERBS } from "./verbs/mod.ts";
import { endInvalidToken } from "./verbs/users/token.ts";
import { needMoreParams, notForObservers, notRegistered, notWithToken } from "./fanout/replies.ts";

/** Maximum length, in characters, of an unknown command quoted in an error. */
const QUOTED_COMMAND_LENGTH = 32;

/**
 * Commands that change accounts, ask questions, page people, or use the rights of a server operator. A session that was
 * logged in with a token may not use them: no scope stands for them.
 */
const NOT_WITH_TOKEN = new Set(
  ("TOKEN KEYSHARE ASK ONCALL PAGE REGISTER UNREGISTER PASSWD AUTHENTICATE NICKSERV NS OPERSERV OS OPER KILL WALLOPS BAN UNBAN MUTE UNMUTE BANS")
    .split(" "),
);

export function dispatch(context: HubContext, services: Services, session: Session, message: Message): void {
  if (session.connection.token !== undefined && endInvalidToken(context, services, session)) return;
  if (message.tags.size > 0 && consumeBatchLine(context, services, session, message)) return;
  const verb = VERBS.get(message.command);
  if (verb === undefined) return rejectUnknownCommand(context, session, message.command);
  if (!checkVerbAccess(context, session, verb, message.command)) return;
  if (session.connection.token !== undefined && NOT_WITH_TOKEN.has(message.command)) {
    return notWithToken(context, session, message.command);
  }
  if (message.params.length < verb.min) {
    return needMoreParams(context, session, message.command);
  }
  context.verbUses[verb.nth]!++;
  const { phase } = session;
  switch (verb.who) {
    case "user":
      assert(phase.kind === "registered", "a verb of users has one");
      return verb.run(context, services, session, message, phase.user);
    case "newcomer":
      assert(phase.kind === "registering", "a verb of newcomers comes before the registration");
      return verb.run(context, services, session, message, phase);
    default:
      return verb.run(context, services, session, message);
  }
}

function rejectUnknownCommand(context: HubContext, session: Session, command: string): void {
  if (session.phase.kind === "registering") return rejectUnregistered(context, session, command);
  context.numeric(
    session,
    ERR_UNKNOWNCOMMAND,
    command.slice(0, QUOTED_COMMAND_LENGTH),
    "Unknown command",
  );
}

function rejectUnregistered(context: HubContext, session: Session, command: string): void {
  if (refuseForeignProtocol(context, session, command)) return;
  notRegistered(context, session);
}

/** Whether the session may use the verb; sends the refusal if not. */
function checkVerbAccess(context: HubContext, session: Session, verb: Verb, command: string): boolean {
  const { kind: phase } = session.phase;
  switch (verb.who) {
    case "anyone":
      return true;
    case "newcomer":
      if (phase === "registering") return true;
      context.numeric(session, ERR_ALREADYREGISTERED, "You may not reregister");
      return false;
    case "session":
    case "user":
      if (phase === "registering") {
        if (command === "NOTICE") return false; // "they must not send any error back" (modern, "NOTICE message")
        rejectUnregistered(context, session, command);
        return false;
      }
      if (verb.who === "session" || phase === "registered") return true;
      notForObservers(context, session, command);
      return false;
    default:
      return unreachable(verb);
  }
}

/** Replies to a line that is not a valid message; nothing of it is kept. */
export function replyToFault(
  context: HubContext,
  services: Services,
  session: Session,
  fault: LineFault,
): void {
  if (session.phase.kind === "registering" && refuseForeignProtocol(context, session, fault.head)) return;
  sendFault(context, session, fault);
  failOpenBatch(context, services, session);
}

function sendFault(context: HubContext, session: Session, { fault, head }: LineFault): void {
  const command = /^[A-Za-z0-9]{1,32}/.exec(head)?.[0]?.toUpperCase() ?? "*";
  switch (fault) {
    case "too_long":
      return context.numeric(session, ERR_INPUTTOOLONG, "Input line was too long");
    case "not_utf8": // https://ircv3.net/specs/extensions/utf8-only
      return context.fail(
        session,
        command,
        "INVALID_UTF8",
        [],
        "Message rejected: it is not valid UTF-8",
      );
    case "nul":
      return context.fail(
        session,
        command,
        "INVALID_MESSAGE",
        [],
        "Message rejected: it contains a NUL byte",
      );
    default:
      unreachable(fault);
  }
}
