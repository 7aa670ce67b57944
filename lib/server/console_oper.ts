/** The console's commands that keep order among people and in rooms. */
import { printable } from "../base/printable.ts";
import { formatTime } from "../base/timestamp.ts";
import { casefold } from "../irc/casemap.ts";
import { KICKLEN } from "../irc/limits.ts";
import { isRoomName } from "../irc/names.ts";
import { truncateText } from "../irc/text.ts";
import type { Target } from "../hub/archive.ts";
import { setBan, takeBack } from "../hub/banning.ts";
import type { BanOutcome } from "../hub/banning.ts";
import { banWords } from "../hub/bans.ts";
import type { BanKind } from "../hub/bans.ts";
import type { Hub } from "../hub/hub.ts";
import { MODES_PER_LINE } from "../hub/room_modes.ts";
import type { Room } from "../hub/state.ts";
import { killUser } from "../hub/verbs/oper.ts";
import { changeModes, sayModes } from "../hub/verbs/room_mode.ts";
import type { ModeOutcome, ModeRequest } from "../hub/verbs/room_mode.ts";
import { CommandFailure, notFound, usage } from "./console_command.ts";
import type { CommandResult, FailureStatus, Issuer } from "./console_command.ts";

/** Lists longer than that are cut. */
const LIST_MAX_LINES = 1000;
/** How the server is called where somebody's nick is wanted. */
const BY = "the server";

/** `kick NAME [WHY]` closes sessions, `kick #ROOM NAME [WHY]` puts out of a room. */
export function kick(hub: Hub, rest: string, issuer: Issuer): CommandResult {
  const [name = "", nick = "", ...why] = rest.split(/\s+/);
  if (!isRoomName(name)) return kickOff(hub, rest, issuer);
  const [room, user] = [hub.state.room(name), hub.state.user(nick)];
  if (room === undefined) return notFound(`there is no room ${printable(name)}`);
  if (user === undefined || !room.members.has(user)) {
    return notFound(`${printable(nick) || "nobody"} is not in ${room.name}`);
  }
  const reason = truncateText(why.join(" ") || `by ${nameOf(issuer)}`, KICKLEN);
  hub.commit({ kind: "kick", source: sourceOf(hub, issuer), room: room.name, nick: user.nick, reason });
  return [];
}

function kickOff(hub: Hub, rest: string, issuer: Issuer): CommandResult {
  const [nick, why] = nickAndReason(rest);
  const user = hub.state.user(nick);
  if (user === undefined) return noSuchUser(nick, "kick whom? as in: kick bob");
  const words = `Kicked by ${nameOf(issuer)}`;
  for (const session of [...user.sessions]) hub.letGo(session, why === "" ? words : `${words}: ${why}`);
  return [];
}

export function kill(hub: Hub, rest: string, issuer: Issuer): CommandResult {
  const [nick, why] = nickAndReason(rest);
  const user = hub.state.user(nick);
  if (user === undefined) return noSuchUser(nick, "kill whom? as in: kill bob");
  const reason = truncateText(why || "No reason given", KICKLEN);
  killUser(hub, user, sourceOf(hub, issuer), nameOf(issuer), reason);
  return [];
}

function nameOf({ user }: Issuer): string {
  return user?.nick ?? BY;
}

function sourceOf(hub: Hub, { user }: Issuer): string {
  return user?.source ?? hub.config.serverName;
}

function noSuchUser(name: string, usageWords: string): CommandFailure {
  return name === "" ? usage(usageWords) : notFound(`there is no ${printable(name)}`);
}

function nickAndReason(rest: string): [nick: string, why: string] {
  const [, nick = "", why = ""] = /^(\S*)\s*(.*)$/s.exec(rest) ?? [];
  return [nick, why];
}

export function ban(kind: BanKind) {
  return (hub: Hub, rest: string, { user }: Issuer): CommandResult => {
    if (rest === "") return usage(`whom? as in: ${kind} bob 2h too loud`);
    return banResult(setBan(hub, { kind, words: rest.split(/\s+/), user }));
  };
}

export function unban(kind: BanKind) {
  return (hub: Hub, rest: string, { user }: Issuer): CommandResult => {
    if (rest === "") return usage(`whom? as in: un${kind} bob`);
    return banResult(takeBack(hub, kind, rest, user));
  };
}

const BAN_FAILURES: Readonly<Record<string, FailureStatus>> = {
  INVALID_MASK: "usage",
  INVALID_DURATION: "usage",
  NO_SUCH_BAN: "not_found",
};

function banResult(outcome: BanOutcome): CommandResult {
  const text = printable(outcome.text);
  if (outcome.kind === "done") return [text];
  return new CommandFailure(BAN_FAILURES[outcome.code] ?? "refused", text);
}

export function bans(hub: Hub): string[] {
  const lines = hub.bans.list(hub.now).map((each) =>
    `${each.kind}  ${each.mask}  by ${each.by}, ${banWords(each, (time) => formatTime(time, false))}`
  );
  return lines.length === 0 ? ["nobody is banned or muted"] : cut(lines);
}

/** Grants it until the server stops: to an account, or to somebody who is here without one. */
export function oper(hub: Hub, name: string): CommandResult {
  const user = hub.state.user(name);
  const account = user?.account ?? hub.accounts.get(name);
  if (account !== undefined) {
    hub.opers.add(account);
    for (const each of [...account.users]) hub.commit({ kind: "oper", user: each, oper: true });
    const stays = hub.config.opers.has(account.folded);
    const until = stays ? "" : ` until the server stops (for good: serve --oper ${account.name})`;
    return [`${account.name} is an operator${until}`];
  }
  if (user === undefined) return noSuchUser(name, "whom? as in: oper alice");
  hub.commit({ kind: "oper", user, oper: true });
  return [`${user.nick} is an operator until they leave: the name has no account`];
}

export function deoper(hub: Hub, name: string): CommandResult {
  if (name === "") return usage("whom? as in: deoper alice");
  const user = hub.state.user(name);
  const account = user?.account ?? hub.accounts.get(name);
  const known = account !== undefined && hub.opers.delete(account);
  const users = new Set(account === undefined ? [] : hub.opers.usersBy(account, hub.state.opers));
  if (user?.oper) users.add(user);
  for (const each of users) hub.commit({ kind: "oper", user: each, oper: false });
  if (!known && users.size === 0) return notFound(`${printable(name)} is no operator`);
  return [`${printable(name)} is no operator any more, until the server stops`];
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
export function mode(hub: Hub, rest: string, issuer: Issuer): CommandResult {
  const [name = "", modes = "", ...args] = rest.split(/\s+/);
  if (!isRoomName(name)) return usage("of which room? as in: mode #lobby +m");
  const room = hub.state.room(name);
  const target = room?.target ?? hub.archive.rooms.get(casefold(name));
  if (target === undefined) return notFound(`there is no room ${printable(name)}`);
  const lines: string[] = [];
  const failures: string[] = [];
  const answer = (code: string, text: string) => {
    const line = printable(text.replace(" :", ": "));
    (isError(code) ? failures : lines).push(line);
  };
  const asked = { ...request(hub, target, room), source: sourceOf(hub, issuer), answer };
  const { done, ignored } = modes === "" ? UNCHANGED : changeModes(hub, asked, modes, args);
  if (ignored !== "") {
    failures.push(
      `${ignored}: without what it takes, or too many at once (at most ${MODES_PER_LINE} with words)`,
    );
  }
  if (args.length > 0) failures.push(`${args.join(" ")}: no mode takes that`);
  if (failures.length > 0) return { lines, failure: modeFailure(done, failures.map(printable).join("; ")) };
  if (lines.length === 0) sayModes(asked, true);
  return lines;
}

const UNCHANGED: ModeOutcome = { done: [], ignored: "" };

/** Changes that are possible are made beside others that are not, as on IRC; the answer tells both. */
function modeFailure(done: readonly string[], why: string): CommandFailure {
  if (done.length === 0) return usage(why);
  return new CommandFailure("partly_done", `done: ${printable(done.join(" "))}; not done: ${why}`);
}

/** Numerics of errors: 4xx, 5xx and those that IRCv3 and servers have added in 69x. */
function isError(code: string): boolean {
  return /^(?:[45]|69)/.test(code);
}

function request(hub: Hub, target: Target, room: Room | undefined): Omit<ModeRequest, "answer"> {
  return { target, room, source: hub.config.serverName, runs: true, display: (by) => by };
}

export function cut(lines: string[]): string[] {
  if (lines.length <= LIST_MAX_LINES) return lines;
  return [...lines.slice(0, LIST_MAX_LINES), `… and ${lines.length - LIST_MAX_LINES} more`];
}
