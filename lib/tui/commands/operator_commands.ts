/** Carries out what who runs a channel, or the server, has typed. Pure. */
import { unreachable } from "../../base/assert.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import { KICKLEN } from "../../irc/limits.ts";
import { channelFault, isChannelName, isTargetName, NAME_FAULT_TEXT } from "../../irc/names/name_rules.ts";
import { truncateText } from "../../irc/text_splitter.ts";
import type { Chat } from "../../client/conversation/chat.ts";
import { describeMask } from "../../client/conversation/model/mode_text.ts";
import type { OperatorInput } from "./operator_input.ts";
import { joinLines } from "./args.ts";

/** RFC 2812 section 3.2.3: at most three changes with a parameter in one MODE, whatever the server. */
const RANK_CHANGES_PER_LINE = 3;

/** The room's lists that MODE without a parameter asks for. */
const MASK_LIST_PATTERN = /^\+?([beIq])$/;

/** What `input` asks of the server. */
export function executeOperatorInput(chat: Chat, input: OperatorInput, now: number): void {
  const wrong = listParams(input).find((word) => !isTargetName(word));
  if (wrong !== undefined) return chat.refuse(`${wrong} is no name`, now);
  switch (input.kind) {
    case "sentence": {
      const { verb, mask, duration, reason } = input;
      const params = [mask, ...duration === undefined ? [] : [duration], ...makeReasonParams(reason)];
      const what = verb === "BAN" ? "is banned from this server" : "is muted on this server";
      const done = `${mask} ${what}${duration === undefined ? "" : ` for ${duration}`}`;
      return chat.ask({ command: verb, params }, { for: "order", done }, now);
    }
    case "pardon": {
      const { verb, mask } = input;
      const done = verb === "UNBAN" ? `${mask} may come in again` : `${mask} may speak again`;
      return chat.ask({ command: verb, params: [mask] }, { for: "order", done }, now);
    }
    case "sentences":
      return chat.ask({ command: "BANS" }, { for: "sentences" }, now);
    case "kill":
      return chat.ask(
        { command: "KILL", params: [input.name, makeReasonParams(input.reason)[0] ?? "No reason given"] },
        { for: "order" },
        now,
      );
    case "oper": {
      const params = [input.name ?? chat.nick, ...input.password === undefined ? [] : [input.password]];
      return chat.ask({ command: "OPER", params }, { for: "order" }, now);
    }
    default:
      return executeInChannel(chat, input, now);
  }
}

type ChannelOperatorInput = Exclude<
  OperatorInput,
  { kind: "sentence" | "pardon" | "sentences" | "kill" | "oper" }
>;

function executeInChannel(chat: Chat, input: ChannelOperatorInput, now: number): void {
  const channel = input.channel ?? chat.channel;
  if (channel === undefined) return chat.refuse("you are in no room; name one", now);
  switch (input.kind) {
    case "kick":
      return chat.ask(
        { command: "KICK", params: [channel, input.name, ...makeReasonParams(input.reason)] },
        { for: "order" },
        now,
      );
    case "invite":
      return chat.ask({ command: "INVITE", params: [input.name, channel] }, { for: "order" }, now);
    case "grant":
      for (let start = 0; start < input.names.length; start += RANK_CHANGES_PER_LINE) {
        const names = input.names.slice(start, start + RANK_CHANGES_PER_LINE);
        const modes = input.change[0]! + input.change[1]!.repeat(names.length);
        chat.ask({ command: "MODE", params: [channel, modes, ...names] }, { for: "order" }, now);
      }
      return;
    case "mode":
      return executeMode(chat, channel, input.changes, now);
    case "ban":
      return executeBan(chat, channel, input, now);
    case "unban": {
      const done = `${describeMask(makeBanMask(input.mask))} may come to ${channel} again`;
      return chat.ask(
        { command: "MODE", params: [channel, "-b", makeBanMask(input.mask)] },
        { for: "order", done },
        now,
      );
    }
    case "rename":
      return executeRename(chat, channel, input, now);
    case "bans":
      return chat.ask({ command: "MODE", params: [channel, "b"] }, { for: "masks", channel, list: "b" }, now);
    default:
      return unreachable(input);
  }
}

function executeRename(
  chat: Chat,
  channel: string,
  { to, reason }: OperatorInput & { kind: "rename" },
  now: number,
): void {
  const fault = channelFault(to);
  if (fault !== undefined) return chat.refuse(`${to}: ${NAME_FAULT_TEXT[fault]}`, now);
  chat.ask({ command: "RENAME", params: [channel, to, ...makeReasonParams(reason)] }, { for: "order" }, now);
}

function executeMode(chat: Chat, channel: string, changes: readonly string[], now: number): void {
  if (changes.length === 0) {
    return chat.ask({ command: "MODE", params: [channel] }, { for: "modes", channel }, now);
  }
  const list = changes.length === 1 ? MASK_LIST_PATTERN.exec(changes[0]!)?.[1] : undefined;
  const message = { command: "MODE", params: [channel, ...changes] };
  if (list !== undefined) return chat.ask(message, { for: "masks", channel, list }, now);
  return chat.ask(message, { for: "order" }, now);
}

/** Who is in the channel goes, once the ban keeps them from coming back at once. */
function executeBan(
  chat: Chat,
  channel: string,
  { mask, duration, reason }: OperatorInput & { kind: "ban" },
  now: number,
): void {
  if (duration !== undefined) {
    return chat.refuse(`the ban of a room has no end but /unban; leave out ${duration}`, now);
  }
  const members = chat.channels.get(channel)?.members.values() ?? [];
  const here = [...members].find((name) => isSameName(name, mask));
  const next = here === undefined
    ? undefined
    : { command: "KICK", params: [channel, here, ...makeReasonParams(reason ?? "Banned")] };
  chat.ask({ command: "MODE", params: [channel, "+b", makeBanMask(mask)] }, { for: "order", next }, now);
}

/**
 * A name alone is banned wherever they come from; `account:NAME` under whatever name
 * (https://ircv3.net/specs/extensions/account-extban); what is a mask already stays one.
 */
function makeBanMask(name: string): string {
  if (name.startsWith("account:")) return `~${name}`;
  return /[!@*?:]/.test(name) ? name : `${name}!*@*`;
}

function makeReasonParams(reason: string | undefined): string[] {
  const text = truncateText(joinLines(reason ?? ""), KICKLEN);
  return text === "" ? [] : [text];
}

/** What has to be one parameter each. */
function listParams(input: OperatorInput): string[] {
  const words: string[] = [];
  if ("channel" in input && input.channel !== undefined && isChannelName(input.channel)) {
    words.push(input.channel);
  }
  if ("name" in input && input.name !== undefined) words.push(input.name);
  if ("mask" in input) words.push(input.mask);
  if ("names" in input) words.push(...input.names);
  return words;
}
