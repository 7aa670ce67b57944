/** Slash commands of channel operators. Where no channel is named, they act on the current one. Pure. */
import { formatDuration, parseDuration } from "../../../base/values/duration.ts";
import { KEEP_MIN_MS, parseKeepTime } from "../../../irc/keep_time.ts";
import { isSameName } from "../../../irc/names/casemap.ts";
import { channelFault, isChannelName } from "../../../irc/names/name_rules.ts";
import { describeNameFault } from "../../../irc/names/new_name_rules.ts";
import type { Chat } from "../../conversation/chat.ts";
import { describeMask } from "../../conversation/model/mode_text.ts";
import {
  addChannelPrefix,
  parseOptionalWord,
  splitChannel,
  splitFirstWord,
  splitWords,
} from "../arguments.ts";
import { checkTargets, makeReasonParams, requestChange, resolveTarget } from "../requests.ts";
import { askInfo } from "../info_requests.ts";
import { defineCommand } from "../slash_command.ts";
import type { SlashCommand } from "../slash_command.ts";

/** RFC 2812 section 3.2.3: at most three changes with a parameter in one MODE, whatever the server. */
const RANK_CHANGES_PER_LINE = 3;

/** The mask lists of a channel that MODE with this parameter alone asks for. */
const MASK_LIST_PATTERN = /^\+?([beIq])$/;

const MASK_DETAILS = [
  "MASK: nick!user@host with * for anything, or account:NAME",
  "Example: /ban *!*@192.0.2.7",
];

export const CHANNEL_OPERATOR_COMMANDS: readonly SlashCommand[] = [
  defineCommand({
    names: ["kick"],
    usage: "[ROOM] NAME [REASON]",
    summary: "remove a person from the room",
    otherwise: "name",
    topic: "room",
    parse: parseNameAndReason,
    run(chat, { channel, name, reason }, now) {
      const target = resolveTarget(chat, channel, now);
      if (target === undefined || !checkTargets(chat, [name], now)) return;
      requestChange(chat, makeKick(target, name, reason), now);
    },
  }),
  defineCommand({
    names: ["ban"],
    usage: "[ROOM] NAME|MASK [REASON]",
    summary: "ban a person, and remove them",
    otherwise: "name",
    details: MASK_DETAILS,
    topic: "room",
    parse: parseNameAndReason,
    run: ban,
  }),
  defineCommand({
    names: ["unban"],
    usage: "[ROOM] NAME|MASK",
    summary: "lift a ban",
    otherwise: "name",
    details: MASK_DETAILS,
    topic: "room",
    parse(rest) {
      const [channel, behind] = splitChannel(rest);
      const [name = "", ...more] = splitWords(behind);
      return name === "" || more.length > 0 ? undefined : { channel, name };
    },
    run(chat, { channel, name }, now) {
      const target = resolveTarget(chat, channel, now);
      if (target === undefined || !checkTargets(chat, [name], now)) return;
      const mask = makeBanMask(name);
      requestChange(chat, { command: "MODE", params: [target, "-b", mask] }, now, {
        done: `nothing changed: ${describeMask(mask)} is not banned from ${target}`,
      });
    },
  }),
  defineCommand({
    names: ["bans"],
    usage: "[ROOM]",
    summary: "list the bans of the room",
    topic: "room",
    parse: parseOptionalWord,
    run(chat, word, now) {
      const target = resolveTarget(chat, word === "" ? undefined : addChannelPrefix(word), now);
      if (target !== undefined) showMasks(chat, target, "b", now);
    },
  }),
  defineRankCommand("op", "+o", "make people operators of the room", "operators already"),
  defineRankCommand("deop", "-o", "make them operators no longer", "no operators"),
  defineRankCommand("voice", "+v", "let people speak in a moderated room", "with voice already"),
  defineRankCommand("devoice", "-v", "take that permission back", "without voice"),
  defineCommand({
    names: ["mode"],
    usage: "[ROOM] [CHANGES…]",
    summary: "show or change the room's settings",
    otherwise: "name",
    details: [
      "+i only by invitation    +m only operators and voiced people speak",
      "+n no outside messages   +t only operators set the topic",
      "+s hidden from outside   +k KEY: needs a key   +l NUMBER: is limited",
      "-i and so on undo it. Example: /mode #dev +il 20",
    ],
    topic: "room",
    hasSecret: mayHaveKey,
    parse(rest) {
      const [channel, behind] = splitChannel(rest);
      return { channel, changes: splitWords(behind) };
    },
    run: changeMode,
  }),
  defineCommand({
    names: ["keep"],
    usage: "[ROOM] [TIME|default]",
    summary: "how long messages are kept",
    otherwise: "name",
    details: ["Older messages are deleted. TIME: at least 1h. Example: /keep 30d"],
    topic: "room",
    parse(rest) {
      const [channel, behind] = splitChannel(rest);
      const [time = "", ...more] = splitWords(behind);
      return more.length === 0 ? { channel, time } : undefined;
    },
    run(chat, { channel, time }, now) {
      const target = resolveTarget(chat, channel, now);
      if (target === undefined) return;
      const fault = time === "" ? undefined : describeKeepFault(time);
      if (fault !== undefined) return chat.refuse(fault, now);
      const params = [`SET ${target} KEEP ${time}`.trimEnd()];
      askInfo(chat, { command: "HISTSERV", params }, { for: "setting" }, now);
    },
  }),
  defineCommand({
    names: ["rename"],
    usage: "[ROOM] NEWNAME [REASON]",
    summary: "rename the room",
    details: ["The old name leads to it for a day. Example: /rename #dev #ops"],
    topic: "room",
    parse: parseRename,
    run(chat, { channel, to, reason }, now) {
      const target = resolveTarget(chat, channel, now);
      if (target === undefined) return;
      const fault = channelFault(to);
      if (fault !== undefined) return chat.refuse(`${to}: ${describeNameFault(to, fault)}`, now);
      requestChange(chat, { command: "RENAME", params: [target, to, ...makeReasonParams(reason)] }, now);
    },
  }),
];

/** What is wrong with a time for which messages are to be kept. */
function describeKeepFault(time: string): string | undefined {
  if (time.toLowerCase() === "default" || parseKeepTime(time.toLowerCase()) !== undefined) return undefined;
  const least = `at least ${formatDuration(KEEP_MIN_MS)}`;
  return parseDuration(time.toLowerCase()) === undefined
    ? `${time} is not a time such as 30d (${least}), nor default (like other rooms)`
    : `${time} is too short: messages of a room are kept for ${least}`;
}

/** A person, or a mask of people, in a channel. */
interface NameInChannel {
  readonly channel: string | undefined;
  readonly name: string;
  readonly reason: string;
}

function parseNameAndReason(rest: string): NameInChannel | undefined {
  const [channel, behind] = splitChannel(rest);
  const [name, reason] = splitFirstWord(behind);
  return name === "" ? undefined : { channel, name, reason };
}

/** A reason only behind both names: in `/rename #dev ops` the second word could be either. */
function parseRename(rest: string): { channel: string | undefined; to: string; reason: string } | undefined {
  const [first, behind] = splitFirstWord(rest);
  const [second, reason] = splitFirstWord(behind);
  if (first === "") return undefined;
  if (second === "") return { channel: undefined, to: addChannelPrefix(first), reason };
  return isChannelName(first) && isChannelName(second) ? { channel: first, to: second, reason } : undefined;
}

/** `unchanged` is what the people are where the command changes nothing, in words. */
function defineRankCommand(
  name: string,
  [sign, letter]: "+o" | "-o" | "+v" | "-v",
  summary: string,
  unchanged: string,
): SlashCommand {
  return defineCommand({
    names: [name],
    usage: "[ROOM] NAME…",
    summary,
    otherwise: "name",
    topic: "room",
    parse(rest) {
      const [channel, behind] = splitChannel(rest);
      const nicks = splitWords(behind);
      return nicks.length === 0 ? undefined : { channel, nicks };
    },
    run(chat, { channel, nicks }, now) {
      const target = resolveTarget(chat, channel, now);
      if (target === undefined || !checkTargets(chat, nicks, now)) return;
      for (let start = 0; start < nicks.length; start += RANK_CHANGES_PER_LINE) {
        const some = nicks.slice(start, start + RANK_CHANGES_PER_LINE);
        const modes = sign! + letter!.repeat(some.length);
        requestChange(chat, { command: "MODE", params: [target, modes, ...some] }, now, {
          done: `nothing changed in ${target}; ${unchanged}: ${some.join(", ")}`,
        });
      }
    },
  });
}

function changeMode(
  chat: Chat,
  { channel, changes }: { channel: string | undefined; changes: readonly string[] },
  now: number,
): void {
  const target = resolveTarget(chat, channel, now);
  if (target === undefined) return;
  if (changes.length === 0) {
    return askInfo(chat, { command: "MODE", params: [target] }, { for: "modes", channel: target }, now);
  }
  const list = changes.length === 1 ? MASK_LIST_PATTERN.exec(changes[0]!)?.[1] : undefined;
  if (list !== undefined) return showMasks(chat, target, list, now);
  const { modes, params, missing } = joinModeWords(changes);
  if (missing !== undefined) {
    const value = missing === "+k" ? "KEY" : missing === "+l" ? "NUMBER" : "NAME";
    return chat.refuse(`${missing} needs a ${value.toLowerCase()}: /mode ${target} ${missing} ${value}`, now);
  }
  requestChange(chat, { command: "MODE", params: [target, modes, ...params] }, now, {
    done: `nothing changed: ${target} has these settings already`,
  });
}

/** Whether a word of changes has a `k`, signed or not. One without a sign is a name where nothing follows it. */
function mayHaveKey(rest: string): boolean {
  const words = splitWords(splitChannel(rest)[1]);
  return words.some((word, at) => /k/i.test(word) && (/^[+-]/.test(word) || at < words.length - 1));
}

/** `+k secret -l` as `+k-l secret`. `missing`: the change that lacks its parameter. */
function joinModeWords(
  words: readonly string[],
): { modes: string; params: readonly string[]; missing: string | undefined } {
  let modes = "";
  const params: string[] = [];
  let lacking: string[] = [];
  for (const word of words) {
    if (modes !== "" && (lacking.length > 0 || !/^[+-][A-Za-z+-]*$/.test(word))) {
      params.push(word);
      lacking.shift();
    } else {
      modes += word;
      lacking = listChangesWithParam(word);
    }
  }
  return { modes, params, missing: lacking[0] };
}

/** The changes in `word` that need a parameter. */
function listChangesWithParam(word: string): string[] {
  const changes: string[] = [];
  let sign = "+";
  for (const letter of word) {
    if (letter === "+" || letter === "-") sign = letter;
    else if ("ohv".includes(letter) || sign === "+" && "kl".includes(letter)) changes.push(sign + letter);
  }
  return changes;
}

function showMasks(chat: Chat, channel: string, list: string, now: number): void {
  askInfo(chat, { command: "MODE", params: [channel, list] }, { for: "masks", channel, list }, now);
}

/** A member is removed after the ban is in force, so that they cannot come back at once. */
function ban(chat: Chat, { channel, name, reason }: NameInChannel, now: number): void {
  const target = resolveTarget(chat, channel, now);
  if (target === undefined || !checkTargets(chat, [name], now)) return;
  const [word] = splitFirstWord(reason);
  if (parseDuration(word) !== undefined) {
    return chat.refuse(`a room's ban lasts until /unban and has no duration; leave out ${word}`, now);
  }
  const members = chat.channels.get(target)?.members.values() ?? [];
  const member = [...members].find((nick) => isSameName(nick, name));
  requestChange(chat, { command: "MODE", params: [target, "+b", makeBanMask(name)] }, now, {
    next: member === undefined ? undefined : makeKick(target, member, reason || "Banned"),
  });
}

function makeKick(channel: string, nick: string, reason: string): { command: string; params: string[] } {
  return { command: "KICK", params: [channel, nick, ...makeReasonParams(reason)] };
}

/**
 * A name alone is banned wherever it connects from; `account:NAME` is banned under every name
 * (https://ircv3.net/specs/extensions/account-extban); a mask stays as it is.
 */
function makeBanMask(name: string): string {
  if (name.startsWith("account:")) return `~${name}`;
  return /[!@*?:]/.test(name) ? name : `${name}!*@*`;
}
