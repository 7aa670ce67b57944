/** Console commands for users, bans, operators and channels. */
import { toPrintable } from "../../base/printable_text.ts";
import { casefold } from "../../irc/names/casemap.ts";
import { KICKLEN } from "../../irc/limits.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import { truncateText } from "../../irc/text_splitter.ts";
import type { ConversationLog } from "../../hub/model/conversation_log.ts";
import { liftBan, setBan } from "../../hub/policy/ban_service.ts";
import type { BanOutcome } from "../../hub/policy/ban_service.ts";
import { banText } from "../../hub/services/bans.ts";
import type { BanKind } from "../../hub/model/ban.ts";
import type { Hub } from "../../hub/hub.ts";
import { MODES_PER_LINE } from "../../hub/model/channel_modes.ts";
import type { Channel } from "../../hub/model/state/entities.ts";
import { killUser } from "../../hub/verbs/server/oper.ts";
import { changeChannelModes, sendChannelModes } from "../../hub/verbs/channels/channel_mode.ts";
import type { ModeOutcome, ModeRequest } from "../../hub/verbs/channels/channel_mode.ts";
import { CommandFailure, notFoundFailure, wrongUsage } from "./console_command.ts";
import type { CommandResult, FailureStatus, Issuer } from "./console_command.ts";

/** Longer lists are truncated. */
const LIST_MAX_LINES = 1000;
/** Name of the server where a message names the nick of the issuer. */
const SERVER_ISSUER = "the server";

/** `kick NAME [REASON]` disconnects a user, `kick #ROOM NAME [REASON]` removes one from a channel. */
export function kick(hub: Hub, rest: string, issuer: Issuer): CommandResult {
  const [name = "", nick = "", ...why] = rest.split(/\s+/);
  if (!isChannelName(name)) return disconnectByName(hub, rest, issuer);
  const [channel, user] = [hub.context.state.channel(name), hub.context.state.user(nick)];
  if (channel === undefined) return notFoundFailure(`there is no room ${toPrintable(name)}`);
  if (user === undefined || !channel.members.has(user)) {
    return notFoundFailure(`${toPrintable(nick) || "that user"} is not in ${channel.name}`);
  }
  const reason = truncateText(why.join(" ") || `by ${issuerName(issuer)}`, KICKLEN);
  hub.context.commit({
    kind: "kick",
    source: issuerSource(hub, issuer),
    channel: channel.name,
    nick: user.nick,
    reason,
  });
  return [`removed ${user.nick} from ${channel.name}`];
}

function disconnectByName(hub: Hub, rest: string, issuer: Issuer): CommandResult {
  const [nick, why] = parseNickAndReason(rest);
  const user = hub.context.state.user(nick);
  if (user === undefined) {
    const channel = hub.context.state.channel(`#${nick}`);
    if (channel !== undefined && why !== "") {
      return notFoundFailure(
        `there is no user ${toPrintable(nick)}; for the room: kick ${channel.name} NAME`,
      );
    }
    return noSuchUser(nick, "usage: kick [#ROOM] NAME [REASON]");
  }
  const words = `Kicked by ${issuerName(issuer)}`;
  for (const session of [...user.sessions]) {
    hub.context.disconnect(session, why === "" ? words : `${words}: ${why}`);
  }
  return [`disconnected ${user.nick}`];
}

export function kill(hub: Hub, rest: string, issuer: Issuer): CommandResult {
  const [nick, why] = parseNickAndReason(rest);
  const user = hub.context.state.user(nick);
  if (user === undefined) return noSuchUser(nick, "usage: kill NAME [REASON]");
  const reason = truncateText(why || "No reason given", KICKLEN);
  killUser(hub.context, user, issuerSource(hub, issuer), issuerName(issuer), reason);
  return [`disconnected ${user.nick}`];
}

function issuerName({ user }: Issuer): string {
  return user?.nick ?? SERVER_ISSUER;
}

function issuerSource(hub: Hub, { user }: Issuer): string {
  return user?.source ?? hub.context.config.serverName;
}

function noSuchUser(name: string, usage: string): CommandFailure {
  return name === "" ? wrongUsage(usage) : notFoundFailure(`there is no user ${toPrintable(name)}`);
}

function parseNickAndReason(rest: string): [nick: string, why: string] {
  const [, nick = "", why = ""] = /^(\S*)\s*(.*)$/s.exec(rest) ?? [];
  return [nick, why];
}

export function ban(kind: BanKind) {
  return (hub: Hub, rest: string, { user }: Issuer): CommandResult => {
    if (rest === "") {
      return wrongUsage(`usage: ${kind} TARGET [TIME] [REASON], such as: ${kind} bob 2h too loud`);
    }
    return banResult(setBan(hub.context, hub.services, { kind, words: rest.split(/\s+/), user }));
  };
}

export function unban(kind: BanKind) {
  return (hub: Hub, rest: string, { user }: Issuer): CommandResult => {
    if (rest === "") return wrongUsage(`usage: un${kind} TARGET, such as: un${kind} bob`);
    return banResult(liftBan(hub.context, hub.services, kind, rest, user));
  };
}

const BAN_FAILURES: Readonly<Record<string, FailureStatus>> = {
  INVALID_MASK: "usage",
  INVALID_DURATION: "usage",
  NO_SUCH_BAN: "not_found",
};

function banResult(outcome: BanOutcome): CommandResult {
  const text = toPrintable(outcome.text);
  if (outcome.kind === "done") return [text];
  return new CommandFailure(BAN_FAILURES[outcome.code] ?? "refused", text);
}

export function bans(hub: Hub): string[] {
  const lines = hub.services.bans.list(hub.context.now).map((each) =>
    `${each.kind}  ${each.mask}  by ${each.by}, ${banText(each)}`
  );
  return lines.length === 0 ? ["no bans or mutes are set"] : truncateLines(lines);
}

/** `oper NAME`: grants operator rights until the server stops, to an account or to a connected user without one. */
export function oper(hub: Hub, name: string): CommandResult {
  const user = hub.context.state.user(name);
  const account = user?.account ?? hub.services.accounts.get(name);
  if (account !== undefined) {
    hub.services.serverOperators.add(account);
    for (const each of [...account.users]) hub.context.commit({ kind: "oper", user: each, oper: true });
    const stays = hub.context.config.opers.has(account.folded);
    const until = stays ? "" : ` until the server stops (permanently: serve --oper ${account.name})`;
    return [`${account.name} is an operator${until}`];
  }
  if (user === undefined) return noSuchUser(name, "usage: oper NAME");
  hub.context.commit({ kind: "oper", user, oper: true });
  return [`${user.nick} is an operator until they disconnect: the name has no account`];
}

export function deoper(hub: Hub, name: string): CommandResult {
  if (name === "") return wrongUsage("usage: deoper NAME");
  const user = hub.context.state.user(name);
  const account = user?.account ?? hub.services.accounts.get(name);
  const known = account !== undefined && hub.services.serverOperators.delete(account);
  const users = new Set(
    account === undefined
      ? []
      : hub.services.serverOperators.usersOfAccount(account, hub.context.state.serverOperators),
  );
  if (user?.isServerOperator) users.add(user);
  for (const each of users) hub.context.commit({ kind: "oper", user: each, oper: false });
  if (!known && users.size === 0) return notFoundFailure(`${toPrintable(name)} is not an operator`);
  return [`${toPrintable(name)} is no longer an operator; --oper applies again at the next start`];
}

export function channels(hub: Hub): string[] {
  const lines = [...hub.context.state.channels.values()].map((channel) => {
    let modes = "";
    sendChannelModes({
      ...buildModeRequest(hub, channel.conversation, channel),
      answer: (_code, params) => modes = params,
    }, true);
    const { topic } = channel.conversation;
    const count = channel.members.size === 1 ? "1 person" : `${channel.members.size} people`;
    return toPrintable([modes.replace(/ \+$/, ""), count, topic].filter((part) => part !== "").join("  "));
  });
  return truncateLines(lines.sort());
}

/** `mode #ROOM [CHANGES]` */
export function mode(hub: Hub, rest: string, issuer: Issuer): CommandResult {
  const [name = "", modes = "", ...args] = rest.split(/\s+/);
  if (!isChannelName(name)) return wrongUsage(roomUsage(hub, name));
  const channel = hub.context.state.channel(name);
  const target = channel?.conversation ?? hub.services.history.channels.get(casefold(name));
  if (target === undefined) return notFoundFailure(`there is no room ${toPrintable(name)}`);
  const lines: string[] = [];
  const failures: string[] = [];
  const answer = (code: string, text: string) => {
    const line = toPrintable(text.replace(" :", ": "));
    (isErrorNumeric(code) ? failures : lines).push(line);
  };
  const asked = { ...buildModeRequest(hub, target, channel), source: issuerSource(hub, issuer), answer };
  const { done, ignored } = modes === ""
    ? NO_MODE_CHANGES
    : changeChannelModes(hub.context, hub.services, asked, modes, args);
  if (ignored !== "") {
    failures.push(
      `${ignored}: missing parameter, or too many parameters (at most ${MODES_PER_LINE} at once)`,
    );
  }
  if (args.length > 0) failures.push(`${args.join(" ")}: unused parameter`);
  if (failures.length > 0) {
    return { lines, failure: partialModeFailure(done, failures.map(toPrintable).join("; ")) };
  }
  if (lines.length === 0) sendChannelModes(asked, true);
  return lines.map((line) => line.replace(/ \+$/, " has no modes set"));
}

/** What `mode` expects, where `name` is not the name of a room. */
function roomUsage(hub: Hub, name: string): string {
  return hub.context.state.channel(`#${name}`) === undefined
    ? "usage: mode #ROOM [CHANGES], such as: mode #lobby +m"
    : `the name of a room begins with #: mode #${name}`;
}

const NO_MODE_CHANGES: ModeOutcome = { done: [], ignored: "" };

/** As on IRC, the possible changes are made although others fail; the answer names both. */
function partialModeFailure(done: readonly string[], why: string): CommandFailure {
  if (done.length === 0) return wrongUsage(why);
  return new CommandFailure("partly_done", `done: ${toPrintable(done.join(" "))}; not done: ${why}`);
}

/** Error numerics: 4xx, 5xx, and 69x, which IRCv3 and servers have added. */
function isErrorNumeric(code: string): boolean {
  return /^(?:[45]|69)/.test(code);
}

function buildModeRequest(
  hub: Hub,
  target: ConversationLog,
  channel: Channel | undefined,
): Omit<ModeRequest, "answer"> {
  return { target, channel, source: hub.context.config.serverName, runs: true, display: (by) => by };
}

export function truncateLines(lines: string[]): string[] {
  if (lines.length <= LIST_MAX_LINES) return lines;
  return [...lines.slice(0, LIST_MAX_LINES), `… and ${lines.length - LIST_MAX_LINES} more`];
}
