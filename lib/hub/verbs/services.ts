/**
 * The services, NickServ, OperServ (`operserv.ts`) and HistServ (`histserv.ts`), each also as a verb: what is said to one is a command, is not recorded, and
 * is answered by notices. NickServ is for clients and habits that know no SASL.
 */
import { casefold } from "../../irc/casemap.ts";
import type { Message } from "../../irc/message.ts";
import type { Hub } from "../hub.ts";
import { quoted } from "../quote.ts";
import type { Session, User } from "../state.ts";
import type { VerbTable } from "../verb.ts";
import { accountOf } from "../accounts.ts";
import { refusalWords } from "../passwords.ts";
import { HISTSERV } from "../service_notice.ts";
import { registerAccount, unregisterAccount } from "./account.ts";
import { serveHistory } from "./histserv.ts";
import { OPERSERV, operServ } from "./operserv.ts";
import { changePassword } from "./passwd.ts";
import { checkPassword, loggedIn } from "./sasl.ts";

/** Names that no client can have. */
export const NICKSERV = "NickServ";

type Service = (hub: Hub, session: Session, user: User, text: string) => void;

/** By folded name. */
const SERVICES: ReadonlyMap<string, Service> = new Map([
  [casefold(NICKSERV), nickServ],
  [casefold(OPERSERV), operServ],
  [casefold(HISTSERV), serveHistory],
]);
/** First letters of their names. */
const FIRST = new Set([...SERVICES.keys()].map((name) => name.charCodeAt(0)));

/** `rest`: what is behind the command's name, as it was typed. */
type Command = (hub: Hub, session: Session, user: User, rest: string) => void;

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ["help", help],
  ["identify", identify],
  ["passwd", passwd],
  ["register", register],
  ["unregister", unregister],
  ["status", status],
]);

/** Asked for every message: most targets begin otherwise. */
export function isService(name: string): boolean {
  const first = name.charCodeAt(0);
  return (first >= 0x80 || FIRST.has(first | 0x20)) && SERVICES.has(casefold(name));
}

/** Carries out what `user` has said to the service `name`. */
export function serve(hub: Hub, session: Session, user: User, name: string, text: string): void {
  SERVICES.get(casefold(name))!(hub, session, user, text);
}

function nickServ(hub: Hub, session: Session, user: User, text: string): void {
  const [word, rest] = firstWord(text);
  const command = COMMANDS.get(word.toLowerCase());
  if (command !== undefined) return command(hub, session, user, rest);
  answer(hub, session, "I know HELP, REGISTER, IDENTIFY, PASSWD, STATUS and UNREGISTER");
}

/** `text` without spaces around it, in two: up to the first spaces, and behind them. */
function firstWord(text: string): [word: string, rest: string] {
  const [, word = "", rest = ""] = /^(\S*)\s*(.*)$/s.exec(text.trim()) ?? [];
  return [word, rest];
}

function answer(hub: Hub, session: Session, text: string): void {
  const { serverName } = hub.config;
  const nick = session.user?.nick ?? session.nick;
  hub.tell(session, `:${NICKSERV}!services@${serverName} NOTICE ${nick} :${text}`);
}

function help(hub: Hub, session: Session): void {
  answer(hub, session, "REGISTER <password> makes the name that you have now yours");
  answer(hub, session, "IDENTIFY [<name>] <password> logs you in (better: let your client do it by SASL)");
  answer(hub, session, "PASSWD <new password> changes the password of the name that you are logged in to");
  answer(hub, session, "STATUS tells whether you are logged in");
  answer(hub, session, "UNREGISTER <name> gives the name up, and frees it for others");
}

function identify(hub: Hub, session: Session, user: User, rest: string): void {
  const [first, second] = firstWord(rest);
  const [name, password] = second === "" ? [user.nick, first] : [first, second];
  if (password === "") return answer(hub, session, "IDENTIFY [<name>] <password>");
  if (accountOf(session) !== undefined) return status(hub, session);
  checkPassword(hub, session, { name, password }, (outcome) => {
    if (outcome.kind === "refused") {
      return answer(hub, session, `Your password was not checked: ${refusalWords(outcome.refusal)}`);
    }
    if (outcome.kind === "wrong") {
      const other = second === "" ? " (for another name: IDENTIFY <name> <password>)" : "";
      return answer(hub, session, `The name ${quoted(name)} or the password is wrong${other}`);
    }
    const { account } = outcome;
    loggedIn(hub, session, account);
    if (session.closing !== undefined) return; // it is banned
    const more = user.folded === account.folded
      ? ""
      : `; your name is not changed: /nick ${account.name} if nobody has it`;
    answer(hub, session, `You are logged in as ${account.name}${more}`);
  });
}

/** Other networks take `REGISTER <password> <email>`. A password of several words is refused, not cut. */
function register(hub: Hub, session: Session, _user: User, rest: string): void {
  const [password, more] = firstWord(rest);
  if (password === "") return answer(hub, session, "REGISTER <password>");
  if (more !== "" && !/^[^\s@]+@[^\s@]+$/.test(more)) {
    return answer(
      hub,
      session,
      "REGISTER <password>: it is one word; the verb REGISTER and PASSWD take more",
    );
  }
  registerAccount(hub, session, password, (outcome) => {
    if (outcome.kind === "failed") answer(hub, session, outcome.text);
    else answer(hub, session, `The name ${outcome.account.name} is yours, and you are logged in to it`);
  });
}

function passwd(hub: Hub, session: Session, _user: User, password: string): void {
  if (password === "") return answer(hub, session, "PASSWD <new password>");
  changePassword(hub, session, password, (outcome) => {
    if (outcome.kind === "failed") answer(hub, session, outcome.text);
    else answer(hub, session, `The password of ${outcome.account.name} is changed`);
  });
}

function unregister(hub: Hub, session: Session, _user: User, name: string): void {
  if (name === "") return answer(hub, session, "UNREGISTER <name>");
  unregisterAccount(hub, session, name, (outcome) => {
    if (outcome.kind === "failed") answer(hub, session, outcome.text);
    else answer(hub, session, `The name ${outcome.account.name} is free`);
  });
}

function status(hub: Hub, session: Session): void {
  const account = accountOf(session);
  answer(
    hub,
    session,
    account === undefined ? "You are not logged in" : `You are logged in as ${account.name}`,
  );
}

/** `NICKSERV <command>`, and NS: what many networks take in place of PRIVMSG. */
function asVerb(service: Service) {
  return (hub: Hub, session: Session, message: Message, user: User): void =>
    service(hub, session, user, message.params.join(" "));
}

export const SERVICE_VERBS: VerbTable = {
  NICKSERV: { min: 1, who: "user", run: asVerb(nickServ) },
  NS: { min: 1, who: "user", run: asVerb(nickServ) },
  OPERSERV: { min: 1, who: "user", run: asVerb(operServ) },
  OS: { min: 1, who: "user", run: asVerb(operServ) },
  HISTSERV: { min: 1, who: "user", run: asVerb(serveHistory) },
  HS: { min: 1, who: "user", run: asVerb(serveHistory) },
};
