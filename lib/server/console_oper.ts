/** What whoever runs the server can do at its prompt to keep order: to people, to rooms and to accounts. */
import { printable } from "../base/printable.ts";
import { casefold } from "../irc/casemap.ts";
import { KICKLEN } from "../irc/limits.ts";
import { isRoomName, NAME_FAULT_TEXT, nickFault } from "../irc/names.ts";
import type { ScramCredentials } from "../irc/scram.ts";
import { truncateText } from "../irc/text.ts";
import { Account, MAX_ACCOUNTS } from "../hub/accounts.ts";
import type { Target } from "../hub/archive.ts";
import { setBan, takeBack } from "../hub/banning.ts";
import { banWords } from "../hub/bans.ts";
import type { BanKind } from "../hub/bans.ts";
import type { Hub } from "../hub/hub.ts";
import { PASSWORD_ITERATIONS, SALT_BYTES } from "../hub/passwords.ts";
import type { Room } from "../hub/state.ts";
import { endAccount } from "../hub/verbs/account.ts";
import { killUser } from "../hub/verbs/oper.ts";
import { changeModes, sayModes } from "../hub/verbs/room_mode.ts";
import type { ModeRequest } from "../hub/verbs/room_mode.ts";

/** A password that is to be hashed, which takes a while, and what comes of it then, in a turn: lines to show. */
export interface HashRequest {
  readonly password: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly done: (hub: Hub, credentials: ScramCredentials) => string[];
}

const PASSPHRASE_LENGTH = 20;
/** 32 letters and digits, without l, o, 0 and 1. */
const PASSPHRASE_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";
/** Lists longer than that are cut. */
const LIST_MAX_LINES = 1000;
/** How the server is called where somebody's nick is wanted. */
const BY = "the server";

/** `kick NAME [WHY]` closes sessions, `kick #ROOM NAME [WHY]` puts out of a room. */
export function kick(hub: Hub, rest: string): string[] {
  const [name = "", nick = "", ...why] = rest.split(/\s+/);
  if (!isRoomName(name)) return kickOff(hub, rest);
  const [room, user] = [hub.state.room(name), hub.state.user(nick)];
  if (room === undefined) return [`there is no room ${printable(name)}`];
  if (user === undefined || !room.members.has(user)) {
    return [`${printable(nick) || "nobody"} is not in ${room.name}`];
  }
  const reason = truncateText(why.join(" ") || "by the server", KICKLEN);
  hub.commit({ kind: "kick", source: hub.config.serverName, room: room.name, nick: user.nick, reason });
  return [];
}

function kickOff(hub: Hub, rest: string): string[] {
  const [nick, why] = nickAndReason(rest);
  const user = hub.state.user(nick);
  if (user === undefined) {
    return [nick === "" ? "kick whom? as in: kick bob" : `there is no ${printable(nick)}`];
  }
  for (const session of [...user.sessions]) {
    hub.letGo(session, why === "" ? "Kicked by the server" : `Kicked by the server: ${why}`);
  }
  return [];
}

export function kill(hub: Hub, rest: string): string[] {
  const [nick, why] = nickAndReason(rest);
  const user = hub.state.user(nick);
  if (user === undefined) {
    return [nick === "" ? "kill whom? as in: kill bob" : `there is no ${printable(nick)}`];
  }
  killUser(hub, user, hub.config.serverName, BY, truncateText(why || "No reason given", KICKLEN));
  return [];
}

function nickAndReason(rest: string): [nick: string, why: string] {
  const [, nick = "", why = ""] = /^(\S*)\s*(.*)$/s.exec(rest) ?? [];
  return [nick, why];
}

export function ban(kind: BanKind) {
  return (hub: Hub, rest: string): string[] => {
    if (rest === "") return [`whom? as in: ${kind} bob 2h too loud`];
    return [printable(setBan(hub, { kind, words: rest.split(/\s+/), user: undefined }).text)];
  };
}

export function unban(kind: BanKind) {
  return (hub: Hub, rest: string): string[] => {
    if (rest === "") return [`whom? as in: un${kind} bob`];
    return [printable(takeBack(hub, kind, rest, undefined).text)];
  };
}

export function bans(hub: Hub): string[] {
  const lines = hub.bans.list(hub.now).map((each) =>
    `${each.kind}  ${each.mask}  by ${each.by}, ${banWords(each)}`
  );
  return lines.length === 0 ? ["nobody is banned or muted"] : cut(lines);
}

/** Grants it until the server stops: to an account, or to somebody who is here without one. */
export function oper(hub: Hub, name: string): string[] {
  const user = hub.state.user(name);
  const account = user?.account ?? hub.accounts.get(name);
  if (account !== undefined) {
    hub.opers.add(account);
    for (const each of [...account.users]) hub.commit({ kind: "oper", user: each, oper: true });
    const stays = hub.config.opers.has(account.folded);
    const until = stays ? "" : ` until the server stops (for good: serve --oper ${account.name})`;
    return [`${account.name} is an operator${until}`];
  }
  if (user === undefined) return [name === "" ? "whom? as in: oper alice" : `there is no ${printable(name)}`];
  hub.commit({ kind: "oper", user, oper: true });
  return [`${user.nick} is an operator until they leave: the name has no account`];
}

export function deoper(hub: Hub, name: string): string[] {
  const user = hub.state.user(name);
  const account = user?.account ?? hub.accounts.get(name);
  const known = account !== undefined && hub.opers.delete(account);
  const users = new Set(account === undefined ? [] : hub.opers.usersBy(account, hub.state.opers));
  if (user?.oper) users.add(user);
  for (const each of users) hub.commit({ kind: "oper", user: each, oper: false });
  const done = known || users.size > 0;
  return [
    done
      ? `${printable(name)} is no operator any more, until the server stops`
      : `${printable(name)} is no operator`,
  ];
}

export function accounts(hub: Hub): string[] {
  const unreadable = Array.from(
    hub.accounts.unreadable,
    (name) => `${name}  unreadable, given to no client`,
  );
  const lines = Array.from(hub.accounts.all, (account) => {
    const { name, createdAt, users } = account;
    const marks = [
      users.some(({ sessions }) => sessions.length > 0) ? "here" : "",
      hub.opers.has(account) ? "operator" : "",
    ].filter(Boolean);
    return [name, `since ${new Date(createdAt).toISOString().slice(0, 10)}`, ...marks].join("  ");
  });
  lines.push(...unreadable.map(printable));
  return lines.length === 0 ? ["no name has an account yet"] : cut(lines.sort());
}

/** Makes an account with a passphrase that is made up here, and shown once. */
export function register(hub: Hub, name: string): string[] | HashRequest {
  const why = whyNotRegistered(hub, name);
  if (why !== undefined) return [why];
  const passphrase = newPassphrase(hub);
  return {
    password: passphrase,
    salt: hub.random(SALT_BYTES),
    iterations: PASSWORD_ITERATIONS,
    done(hub, credentials) {
      const account = new Account(name, hub.passingOwner(), hub.now, credentials);
      hub.decoys.keep();
      hub.accounts.fact(account);
      hub.accounts.add(account);
      hub.runErrands(hub.accounts.release(name));
      const isOperator = hub.config.opers.has(account.folded);
      if (isOperator) hub.opers.add(account);
      return [
        `${name} is registered${
          isOperator ? ", and is an operator" : ""
        }. Its passphrase, which is not shown again: ${passphrase}`,
        `"chatterbox join ${name}" asks for it; other IRC clients take it as the password of SASL`,
      ];
    },
  };
}

/** Why the prompt can't make the account; undefined: it can, and the name is reserved until it has. */
function whyNotRegistered(hub: Hub, name: string): string | undefined {
  if (name === "") return "which name? as in: register alice";
  const fault = nickFault(name);
  if (fault !== undefined) return `${printable(name)}: ${NAME_FAULT_TEXT[fault]}`;
  if (hub.reserved.of(name) === "server") {
    return `${name} is a name of the server or of a service, and is given to nobody`;
  }
  if (hub.config.accounts === "off") return "there are no accounts on this server (--accounts off)";
  if (hub.accounts.isFull) return `this server has its ${MAX_ACCOUNTS} accounts`;
  if (!hub.accounts.reserve(name)) return `${name} belongs to somebody, or is being registered just now`;
  return undefined;
}

/** 20 characters that are not mistaken for each other, 100 bits. */
function newPassphrase(hub: Hub): string {
  const characters = [...hub.random(PASSPHRASE_LENGTH)].map((byte) => PASSPHRASE_LETTERS[byte % 32]!);
  return characters.join("").replace(/.{5}(?=.)/g, "$&-");
}

/** For somebody who has lost the key. */
export function unregister(hub: Hub, name: string): string[] {
  const account = hub.accounts.get(name);
  if (account === undefined && hub.accounts.freeUnreadable(name)) {
    return [`the name ${printable(name)} is free`];
  }
  if (account === undefined) {
    return [name === "" ? "which? as in: unregister alice" : `there is no account ${printable(name)}`];
  }
  endAccount(hub, account);
  return [`the name ${account.name} is free`];
}

export function rooms(hub: Hub): string[] {
  const lines = [...hub.state.rooms.values()].map((room) => {
    let modes = "";
    sayModes({ ...request(hub, room.target, room), answer: (_code, rest) => modes = rest }, true);
    const { topic } = room.target;
    const count = room.members.size === 1 ? "1 member" : `${room.members.size} members`;
    return printable([modes.replace(/ \+$/, ""), count, topic].filter((part) => part !== "").join("  "));
  });
  return cut(lines.sort());
}

/** `mode #ROOM [CHANGES]` */
export function mode(hub: Hub, rest: string): string[] {
  const [name = "", modes = "", ...args] = rest.split(/\s+/);
  if (!isRoomName(name)) return ["of which room? as in: mode #tea +m"];
  const room = hub.state.room(name);
  const target = room?.target ?? hub.archive.rooms.get(casefold(name));
  if (target === undefined) return [`there is no room ${printable(name)}`];
  const lines: string[] = [];
  const answer = (_code: string, text: string) => void lines.push(printable(text.replace(" :", ": ")));
  const asked = { ...request(hub, target, room), answer };
  if (modes !== "") changeModes(hub, asked, modes, args);
  if (lines.length === 0) sayModes(asked, true);
  return lines;
}

function request(hub: Hub, target: Target, room: Room | undefined): Omit<ModeRequest, "answer"> {
  return { target, room, source: hub.config.serverName, runs: true, display: (by) => by };
}

function cut(lines: string[]): string[] {
  if (lines.length <= LIST_MAX_LINES) return lines;
  return [...lines.slice(0, LIST_MAX_LINES), `… and ${lines.length - LIST_MAX_LINES} more`];
}
