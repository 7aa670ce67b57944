/** Slash commands of every member: joining and leaving channels, topics, invitations. Pure. */
import { TOPICLEN } from "../../irc/limits.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import { channelFault } from "../../irc/names/name_rules.ts";
import { describeChannelFault } from "../../irc/names/new_name_rules.ts";
import { truncateText } from "../../irc/text_splitter.ts";
import type { Chat } from "../conversation/chat.ts";
import { openView } from "../conversation/view_actions.ts";
import { describeTopicReply } from "./response_text.ts";
import { addChannelPrefix, joinLines, splitChannel, splitWords } from "./arguments.ts";
import { checkTargets, makeReasonParams, requestChange, resolveTarget } from "./requests.ts";
import { defineCommand } from "./slash_command.ts";
import type { SlashCommand } from "./slash_command.ts";
import { showView } from "./view_commands.ts";

/** In place of a topic, as in irssi and WeeChat: clears it. */
const CLEAR_TOPIC = "-delete";

export const CHANNEL_COMMANDS: readonly SlashCommand[] = [
  defineCommand({
    names: ["join", "j"],
    usage: "ROOM [KEY]",
    summary: "enter a room, or switch to it",
    hasSecret: (rest) => splitWords(rest).length > 1,
    parse(rest) {
      const [word, key = "", ...more] = splitWords(rest);
      return word === undefined || more.length > 0 ? undefined : { channel: addChannelPrefix(word), key };
    },
    run: join,
  }),
  defineCommand({
    names: ["part"],
    usage: "[ROOM] [REASON]",
    summary: "leave a room",
    otherwise: "text",
    takesBareChannel: true,
    parse: parseChannelAndText,
    run(chat, { channel, text }, now) {
      const target = resolveTarget(chat, channel, now);
      if (target === undefined) return;
      requestChange(chat, { command: "PART", params: [target, ...makeReasonParams(text, TOPICLEN)] }, now);
    },
  }),
  defineCommand({
    names: ["topic", "t"],
    usage: "[ROOM] [TEXT]",
    summary: "show the topic of a room, or set it",
    details: [`/topic ${CLEAR_TOPIC} clears it`],
    otherwise: "text",
    parse: parseChannelAndText,
    run(chat, { channel, text }, now) {
      const target = resolveTarget(chat, channel, now);
      if (target === undefined) return;
      if (text === CLEAR_TOPIC) return requestChange(chat, { command: "TOPIC", params: [target, ""] }, now);
      const topic = truncateText(joinLines(text), TOPICLEN);
      if (topic !== "") return requestChange(chat, { command: "TOPIC", params: [target, topic] }, now);
      chat.ask({ command: "TOPIC", params: [target] }, {
        for: "info",
        describe: (lines, _, now) => [{ kind: "note", time: now, text: describeTopicReply(lines, target) }],
      }, now);
    },
  }),
  defineCommand({
    names: ["invite"],
    usage: "NAME [ROOM]",
    summary: "invite a person to a room",
    parse: parseInvitation,
    run(chat, { name, channel }, now) {
      const target = resolveTarget(chat, channel, now);
      if (target === undefined || !checkTargets(chat, [name], now)) return;
      requestChange(chat, { command: "INVITE", params: [name, target] }, now);
    },
  }),
];

function parseChannelAndText(rest: string): { channel: string | undefined; text: string } {
  const [channel, text] = splitChannel(rest);
  return { channel, text };
}

/** `NAME [ROOM]`, or `ROOM NAME` as with the commands of operators. */
function parseInvitation(rest: string): { name: string; channel: string | undefined } | undefined {
  const [before, behind] = splitChannel(rest);
  const [name = "", after, ...more] = splitWords(behind);
  if (name === "" || more.length > 0) return undefined;
  if (after === undefined) return { name, channel: before };
  return before === undefined ? { name, channel: addChannelPrefix(after) } : undefined;
}

function join(chat: Chat, { channel, key }: { channel: string; key: string }, now: number): void {
  const fault = channelFault(channel);
  if (fault !== undefined) return chat.refuse(`${channel}: ${describeChannelFault(channel, fault)}`, now);
  const joined = chat.channels.get(channel);
  if (joined !== undefined) return switchTo(chat, joined.name, now);
  if (key.includes(",")) return chat.refuse(`a key cannot have a comma: ${key}`, now);
  if (key !== "") {
    chat.note(`the word after ${channel} is used as its key; the name of a room is one word`, now);
  }
  if (chat.settings === undefined) return chat.joinChannel(channel, key, now);
  // The view changes now, by the key that was pressed, and not with the answer, while something else is being typed.
  chat.wantedChannels.setKey(channel, key);
  chat.joinSync.join(channel, key, true, now);
  openView(chat, channel);
}

/** Makes a channel that we are in the current one. */
function switchTo(chat: Chat, channel: string, now: number): void {
  const isCurrent = chat.channel !== undefined && isSameName(chat.channel, channel);
  if (!isCurrent && chat.settings !== undefined) return showView(chat, channel, now);
  chat.channel = channel;
  chat.note(isCurrent ? `you are in ${channel} already` : `now in ${channel}`, now);
}
