/**
 * The IRC services NickServ, OperServ (`operserv.ts`) and HistServ (`histserv.ts`), each also available as a verb. A
 * message to a service is a command. It is not recorded, and is answered by notices. NickServ is for clients without
 * SASL, and for users accustomed to it.
 */
import { casefold } from "../../../irc/names/casemap.ts";
import type { Message } from "../../../irc/message.ts";
import type { HubContext, Services } from "../../context.ts";
import { toSafeParam } from "../../output/safe_param.ts";
import type { Session, User } from "../../model/state/entities.ts";
import type { VerbTable } from "../verb.ts";
import { accountOf, sessionNick } from "../../model/state/entities.ts";
import { hashRefusalText } from "../../services/accounts/passwords.ts";
import { HISTSERV } from "../../fanout/history/service_notice.ts";
import { registerAccount, unregisterAccount } from "../users/account.ts";
import { runHistServCommand } from "./histserv.ts";
import { OPERSERV, runOperServCommand } from "../server/operserv.ts";
import { changePassword } from "../users/password_change.ts";
import { checkPassword, completeLoginWithoutSasl } from "../login.ts";

/** Nick of the service; no client can have it. */
export const NICKSERV = "NickServ";

type ServiceCommand = (
  context: HubContext,
  services: Services,
  session: Session,
  user: User,
  text: string,
) => void;

/** Services by folded name. */
const SERVICES: ReadonlyMap<string, ServiceCommand> = new Map([
  [casefold(NICKSERV), runNickServCommand],
  [casefold(OPERSERV), runOperServCommand],
  [casefold(HISTSERV), runHistServCommand],
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
  text: string,
): void {
  SERVICES.get(casefold(name))!(context, services, session, user, text);
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
  sendNickServNotice(
    context,
    session,
    "Unknown command; the commands are HELP, REGISTER, IDENTIFY, PASSWD, STATUS and UNREGISTER",
  );
}

/** Splits `text`, trimmed, at the first spaces. */
function splitCommandWord(text: string): [word: string, rest: string] {
  const [, word = "", rest = ""] = /^(\S*)\s*(.*)$/s.exec(text.trim()) ?? [];
  return [word, rest];
}

function sendNickServNotice(context: HubContext, session: Session, text: string): void {
  const { serverName } = context.config;
  const nick = sessionNick(session);
  context.send(session, `:${NICKSERV}!services@${serverName} NOTICE ${nick} :${text}`);
}

function sendNickServHelp(context: HubContext, _services: Services, session: Session): void {
  sendNickServNotice(context, session, "REGISTER <password> registers an account for your current nick");
  sendNickServNotice(
    context,
    session,
    "IDENTIFY [<name>] <password> logs you in (preferably, let your client use SASL)",
  );
  sendNickServNotice(
    context,
    session,
    "PASSWD <new password> changes the password of the account that you are logged in to",
  );
  sendNickServNotice(context, session, "STATUS shows whether you are logged in");
  sendNickServNotice(
    context,
    session,
    "UNREGISTER <name> deletes your account and frees its name for others",
  );
}

function identify(context: HubContext, services: Services, session: Session, user: User, rest: string): void {
  const [first, second] = splitCommandWord(rest);
  const [name, password] = second === "" ? [user.nick, first] : [first, second];
  if (password === "") return sendNickServNotice(context, session, "usage: IDENTIFY [<name>] <password>");
  if (accountOf(session) !== undefined) return sendLoginStatus(context, services, session);
  checkPassword(context, services, session, { name, password }, (outcome) => {
    if (outcome.kind === "refused") {
      return sendNickServNotice(
        context,
        session,
        `Your password was not checked: ${hashRefusalText(outcome.refusal)}`,
      );
    }
    if (outcome.kind === "wrong") {
      const other = second === "" ? " (for another account: IDENTIFY <name> <password>)" : "";
      return sendNickServNotice(
        context,
        session,
        `The name ${toSafeParam(name)} or the password is wrong${other}`,
      );
    }
    const { account } = outcome;
    completeLoginWithoutSasl(context, services, session, account);
    if (session.closeReason !== undefined) return; // closed by a ban
    const more = user.folded === account.folded
      ? ""
      : `; your nick is unchanged: use /nick ${account.name} if that is free`;
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
  if (password === "") return sendNickServNotice(context, session, "usage: REGISTER <password>");
  if (more !== "" && !/^[^\s@]+@[^\s@]+$/.test(more)) {
    return sendNickServNotice(
      context,
      session,
      "REGISTER <password>: one word; the verb REGISTER and PASSWD accept spaces",
    );
  }
  registerAccount(context, services, session, password, (outcome) => {
    if (outcome.kind === "failed") sendNickServNotice(context, session, outcome.text);
    else {sendNickServNotice(
        context,
        session,
        `The name ${outcome.account.name} is yours, and you are logged in to it`,
      );}
  });
}

function passwd(
  context: HubContext,
  services: Services,
  session: Session,
  _user: User,
  password: string,
): void {
  if (password === "") return sendNickServNotice(context, session, "usage: PASSWD <new password>");
  changePassword(context, services, session, password, (outcome) => {
    if (outcome.kind === "failed") sendNickServNotice(context, session, outcome.text);
    else sendNickServNotice(context, session, `The password of ${outcome.account.name} is changed`);
  });
}

function unregister(
  context: HubContext,
  services: Services,
  session: Session,
  _user: User,
  name: string,
): void {
  if (name === "") return sendNickServNotice(context, session, "usage: UNREGISTER <name>");
  unregisterAccount(context, services, session, name, (outcome) => {
    if (outcome.kind === "failed") sendNickServNotice(context, session, outcome.text);
    else {sendNickServNotice(
        context,
        session,
        `The account ${outcome.account.name} is deleted, and its name is free`,
      );}
  });
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
    service(context, services, session, user, message.params.join(" "));
}

export const SERVICE_VERBS: VerbTable = {
  NICKSERV: { min: 1, who: "user", run: serviceVerb(runNickServCommand) },
  NS: { min: 1, who: "user", run: serviceVerb(runNickServCommand) },
  OPERSERV: { min: 1, who: "user", run: serviceVerb(runOperServCommand) },
  OS: { min: 1, who: "user", run: serviceVerb(runOperServCommand) },
  HISTSERV: { min: 1, who: "user", run: serviceVerb(runHistServCommand) },
  HS: { min: 1, who: "user", run: serviceVerb(runHistServCommand) },
};
