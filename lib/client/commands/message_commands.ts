/** Slash commands that send messages, and what is typed without a slash. Pure. */
import { utf8Length } from "../../base/bytes.ts";
import { isSameName } from "../../irc/names/casemap.ts";
import { makeExcerpt, REACT_TAG, REPLY_TAG } from "../../irc/reaction.ts";
import { maxTextBytes, splitText } from "../../irc/text_splitter.ts";
import type { Chat } from "../conversation/chat.ts";
import { makeTextMessage } from "../conversation/model/ctcp.ts";
import { MAX_OWN_EXCERPTS } from "../conversation/model/message_excerpts.ts";
import type { MessageExcerpt, OwnMessage } from "../conversation/model/message_excerpts.ts";
import type { UnsentMessage } from "../conversation/unsent_message.ts";
import { isServiceName, isTarget, splitFirstWord, splitWords } from "./arguments.ts";
import { requestChange } from "./requests.ts";
import { defineCommand } from "./slash_command.ts";
import type { SlashCommand } from "./slash_command.ts";

type Manner = UnsentMessage["manner"];

export const MESSAGE_COMMANDS: readonly SlashCommand[] = [
  defineCommand({
    names: ["msg", "chat"],
    usage: "NAME|ROOM TEXT",
    summary: "send to a person or a room",
    hasSecret: (rest) => isServiceName(splitFirstWord(rest)[0]),
    worksOffline: true,
    parse(rest) {
      const [target, text] = splitFirstWord(rest);
      return text === "" ? undefined : { target, text };
    },
    run(chat, { target, text }, now) {
      if (isTarget(target)) return sendText(chat, target, text, "said", now);
      chat.refuse(`${target} is not a valid name; give one name or one room`, now);
    },
  }),
  defineCommand({
    names: ["me"],
    usage: "TEXT",
    summary: "say what you do, as in: /me waves",
    worksOffline: true,
    parse: (rest) => rest === "" ? undefined : rest,
    run: (chat, text, now) => sendToCurrentChannel(chat, text, "did", now),
  }),
  defineCommand({
    names: ["react"],
    usage: "EMOJI [NAME]",
    summary: "react to the last message here",
    details: ["With NAME: to the last message of that person. Example: /react 👍 bob"],
    parse(rest) {
      const [text, name, ...more] = splitWords(rest);
      return text === undefined || more.length > 0 ? undefined : { text, name };
    },
    run: react,
  }),
  defineCommand({
    names: ["delete"],
    usage: "[TEXT]",
    summary: "remove your last message, or that with TEXT",
    details: [
      "TEXT is in the first 40 characters of it. It is shown what is removed.",
      `Searched: your last ${MAX_OWN_EXCERPTS} here, and what /logs or /search has shown.`,
      "Within a day. The server no longer shows it; people may have read it.",
    ],
    parse: (rest) => rest.trim(),
    run: deleteMessage,
  }),
];

/** Sends `text` to the current channel, if there is one. */
export function sendToCurrentChannel(chat: Chat, text: string, manner: Manner, now: number): void {
  if (chat.channel !== undefined) return sendText(chat, chat.channel, text, manner, now);
  const why = chat.leftChannel === undefined
    ? "you are not in a room"
    : `you are no longer in ${chat.leftChannel}`;
  chat.refuse(`not sent: ${why}; choose a room with /join ROOM`, now);
}

/** In as many messages as it takes. */
function sendText(chat: Chat, target: string, text: string, manner: Manner, now: number): void {
  for (const piece of splitText(text, countTextBytes(target, manner))) {
    if (chat.say({ target, text: piece, manner }, now)) continue;
    return chat.refuse(`too many messages are queued; not sent: ${piece}`, now);
  }
}

/** Bytes of text that fit a line, as others receive it. */
function countTextBytes(target: string, manner: Manner): number {
  const { command, params: [, frame = ""] } = makeTextMessage({ target, text: "", manner });
  return maxTextBytes(command, target) - utf8Length(frame);
}

/** Reacts to the newest message in the current channel: of `name`, or of anyone else. */
function react(chat: Chat, { text, name }: { text: string; name: string | undefined }, now: number): void {
  const { channel } = chat;
  if (channel === undefined) return chat.refuse("you are not in a room", now);
  if (!chat.features.supportsTags) return chat.refuse("this server does not support reactions", now);
  const id = chat.excerpts.findNewest(({ where, of }) =>
    isSameName(where, channel) && (name === undefined ? !isSameName(of, chat.nick) : isSameName(of, name))
  );
  if (id === undefined) {
    return chat.refuse(`there is no message of ${name ?? "another person"} here to react to`, now);
  }
  const tags = new Map([[REACT_TAG, text], [REPLY_TAG, id]]);
  requestChange(chat, { tags, command: "TAGMSG", params: [channel] }, now, { done: `you reacted ${text}` });
}

/** Removes our newest message, if it is in the current channel, or the only one with `text`. */
function deleteMessage(chat: Chat, text: string, now: number): void {
  if (!chat.features.supportsRedaction) return chat.refuse("this server cannot remove messages", now);
  if (text === "" && chat.outbox.size > 0) {
    return chat.refuse(
      "your last message has not reached the server yet; to remove another: /delete TEXT",
      now,
    );
  }
  const found = text === "" ? findOwnNewest(chat) : findOwnWith(chat, text);
  if ("missing" in found) return chat.refuse(found.missing, now);
  requestChange(chat, { command: "REDACT", params: [found.where, found.id] }, now, {
    done: `removed: «${found.excerpt}»`,
  });
}

type FoundMessage = OwnMessage | { readonly missing: string };

function findOwnNewest(chat: Chat): FoundMessage {
  const newest = chat.excerpts.newestOwn;
  if (newest === undefined) {
    return { missing: "no message of yours has come here yet; one of /logs or /search: /delete TEXT" };
  }
  const { where, excerpt } = newest;
  if (isSameName(where, chat.channel ?? "")) return newest;
  return {
    missing: `your last message is in another place (${where}): «${excerpt}»; /delete TEXT removes it`,
  };
}

/** In the current channel, if it is there, else anywhere. Of messages that are the same the newest. */
function findOwnWith(chat: Chat, text: string): FoundMessage {
  const wanted = text.toLowerCase();
  const cut = makeExcerpt(text).toLowerCase();
  const all = chat.excerpts.listOwn().filter(({ excerpt }) => {
    const written = excerpt.toLowerCase();
    return written.includes(wanted) || written === cut;
  });
  const here = all.filter(({ where }) => isSameName(where, chat.channel ?? ""));
  const found = here.length > 0 ? here : all;
  const newest = found.at(-1);
  if (newest === undefined) {
    const reach = `the last ${MAX_OWN_EXCERPTS} of yours that were shown`;
    return { missing: `«${text}» is in none of ${reach}; /logs and /search show earlier ones` };
  }
  const isSame = ({ where, excerpt }: MessageExcerpt) =>
    isSameName(where, newest.where) && excerpt === newest.excerpt && !excerpt.endsWith("…");
  return found.slice(0, -1).every(isSame)
    ? newest
    : { missing: `${found.length} messages of yours have «${text}»; write more of the one to remove` };
}
