/**
 * The IRC services NickServ, OperServ (`operserv.ts`) and HistServ (`histserv.ts`), each also available as a verb, and
 * OnCall (`oncall_service.ts`). A message to a service is a command. It is not recorded, and is answered by notices.
 * NickServ is for clients without SASL, and for users accustomed to it.
 */
import { casefold } from "../../../irc/names/casemap.ts";
import { ONCALL_SERVICE } from "../../../irc/oncall.ts";
import type { Message } from "../../../irc/message.ts";
import type { HubContext, Services } from "../../context.ts";
import { toSafeParam } from "../../output/safe_param.ts";
import type { Session, User } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { accountOf } from "../../model/state/entities.ts";
import { hashRefusalText } from "../../services/accounts/passwords.ts";
import { HISTSERV, sendServiceNotice } from "../../fanout/history/service_notice.ts";
import { notWithToken } from "../../fanout/replies.ts";
import { registerAccount, unregisterAccount } from "../users/account.ts";
import { runHistServCommand } from "./histserv.ts";
import { runOnCallCommand } from "../oncall/oncall_service.ts";
import { OPERSERV, runOperServCommand } from "../server/operserv.ts";
import { changePassword } from "../users/password_change.ts";
import { checkPassword, completeLoginWithoutSasl } from "../login.ts";

/** Nick of the service; no client can have it. */
const NICKSERV = "NickServ";

/** `tags`: the client-only tags of the message, in wire form. */
type ServiceCommand = (
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  text: string,
  tags: string,
) => void;

/** Services by folded name. */
const SERVICES: ReadonlyMap<string, ServiceCommand> = new Map<string, ServiceCommand>([
  [casefold(NICKSERV), runNickServCommand],
  [casefold(OPERSERV), runOperServCommand],
  [casefold(HISTSERV), runHistServCommand],
  [casefold(ONCALL_SERVICE), runOnCallCommand],
]);
/** First letters of the folded names of the services. */
const FIRST_LETTERS = new Set([...SERVICES.keys()].map((name) => name.charCodeAt(0)));

/** `rest`: the text after the command's name, as typed. */
type NickServCommand = (
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  rest: string,
) => void;

const COMMANDS: ReadonlyMap<string, NickServCommand> = new Map([
  ["help", sendNickServHelp],
  ["identify", identify],
  ["passwd", passwd],
  ["register", register],
  ["unregister", unregister],
  ["status", sendLoginStatus],
]);

/** Called for every message: the first letter rules out most targets. */
export function isService(name: string): boolean {
  const first = name.charCodeAt(0);
  return (first >= 0x80 || FIRST_LETTERS.has(first | 0x20)) && SERVICES.has(casefold(name));
}

/** Executes the command that `user` has sent to the service `name`. */
export function runServiceCommand(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  name: string,
  { text, tags }: { readonly text: string; readonly tags: string },
): void {
  if (session.connection.token !== undefined) return notWithToken(context, session, "PRIVMSG");
  SERVICES.get(casefold(name))!(context, services, session, user, text, tags);
}

function runNickServCommand(
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  text: string,
): void {
  const [word, rest] = splitCommandWord(text);
  const command = COMMANDS.get(word.toLowerCase());
  if (command !== undefined) return command(context, services, session, user, rest);
  sendNickServNotice(context, session, "Unknown command; to list the commands: /msg NickServ HELP");
}

/** Splits `text`, trimmed, at the first spaces. */
function splitCommandWord(text: string): [word: string, rest: string] {
  const [, word = "", rest = ""] = /^(\S*)\s*(.*)$/s.exec(text.trim()) ?? [];
  return [word, rest];
}

function sendNickServNotice(context: HubContext, session: Session, text: string): void {
  sendServiceNotice(context, session, NICKSERV, text);
}

const HELP_LINES = [
  "REGISTER <passphrase> registers your current name as an account",
  "IDENTIFY [<name>] <passphrase> logs you in; prefer SASL if your client has it",
  "PASSWD <new passphrase> changes the passphrase of your account",
  "STATUS shows whether you are logged in",
  "UNREGISTER <name> deletes your account and frees its name for others",
];

function sendNickServHelp(context: HubContext, _services: Services, session: Session): void {
  sendNickServNotice(context, session, HELP_LINES.join("\n"));
}

const IDENTIFY_USAGE = "usage: IDENTIFY [<name>] <passphrase>";

function identify(context: HubContext, services: Services, session: Session, user: User, rest: string): void {
  const [first, second] = splitCommandWord(rest);
  const [name, password] = second === "" ? [user.nick, first] : [first, second];
  if (password === "") return sendNickServNotice(context, session, IDENTIFY_USAGE);
  if (accountOf(session) !== undefined) return sendLoginStatus(context, services, session);
  checkPassword(context, services, session, { name, password }, (outcome) => {
    if (outcome.kind === "refused") {
      return sendNickServNotice(
        context,
        session,
        `Your passphrase was not checked: ${hashRefusalText(outcome.refusal)}`,
      );
    }
    if (outcome.kind === "wrong") {
      const usage = second === "" ? `\n${IDENTIFY_USAGE}` : "";
      return sendNickServNotice(
        context,
        session,
        `Wrong passphrase for ${toSafeParam(name)}, or no such account${usage}`,
      );
    }
    const { account } = outcome;
    completeLoginWithoutSasl(context, services, session, account);
    if (session.closeReason !== undefined) return; // closed by a ban
    const more = user.folded === account.folded
      ? ""
      : `\nYour name is still ${user.nick}; to change it: /nick ${account.name}`;
    sendNickServNotice(context, session, `You are logged in as ${account.name}${more}`);
  });
}

/**
 * Other networks take `REGISTER <password> <email>`: an email address is accepted and ignored. A password of several
 * words is refused, not truncated.
 */
function register(
  context: HubContext,
  services: Services,
  session: Session,
  _user: User,
  rest: string,
): void {
  const [password, more] = splitCommandWord(rest);
  if (password === "") return sendNickServNotice(context, session, "usage: REGISTER <passphrase>");
  if (more !== "" && !/^[^\s@]+@[^\s@]+$/.test(more)) {
    return sendNickServNotice(
      context,
      session,
      "REGISTER takes no spaces in the passphrase; PASSWD can set one with spaces",
    );
  }
  registerAccount(
    context,
    services,
    session,
    password,
    (outcome) => sendNickServNotice(context, session, outcome.text),
  );
}

function passwd(
  context: HubContext,
  services: Services,
  session: Session,
  _user: User,
  password: string,
): void {
  if (password === "") return sendNickServNotice(context, session, "usage: PASSWD <new passphrase>");
  changePassword(
    context,
    services,
    session,
    password,
    (outcome) => sendNickServNotice(context, session, outcome.text),
  );
}

function unregister(
  context: HubContext,
  services: Services,
  session: Session,
  _user: User,
  name: string,
): void {
  if (name === "") return sendNickServNotice(context, session, "usage: UNREGISTER <name>");
  unregisterAccount(
    context,
    services,
    session,
    name,
    (outcome) => sendNickServNotice(context, session, outcome.text),
  );
}

function sendLoginStatus(context: HubContext, _services: Services, session: Session): void {
  const account = accountOf(session);
  sendNickServNotice(
    context,
    session,
    account === undefined ? "You are not logged in" : `You are logged in as ${account.name}`,
  );
}

/** `NICKSERV <command>`, and NS: verbs that many networks accept in place of PRIVMSG. */
function serviceVerb(service: ServiceCommand) {
  return (context: HubContext, services: Services, session: Session, message: Message, user: User): void =>
    service(context, services, session, user, message.params.join(" "), "");
}

export const SERVICE_VERBS: VerbTable = {
  NICKSERV: { min: 1, who: "user", run: serviceVerb(runNickServCommand) },
  NS: { min: 1, who: "user", run: serviceVerb(runNickServCommand) },
  OPERSERV: { min: 1, who: "user", run: serviceVerb(runOperServCommand) },
  OS: { min: 1, who: "user", run: serviceVerb(runOperServCommand) },
  HISTSERV: { min: 1, who: "user", run: serviceVerb(runHistServCommand) },
  HS: { min: 1, who: "user", run: serviceVerb(runHistServCommand) },
};
