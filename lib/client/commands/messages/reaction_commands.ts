/** Slash commands that refer to messages of others: replies and reactions. Pure. */
import { findEmojiByName } from "../../../base/values/emoji.ts";
import { isSameName } from "../../../irc/names/casemap.ts";
import { REACT_TAG, REPLY_TAG, UNREACT_TAG } from "../../../irc/reaction.ts";
import type { Chat } from "../../conversation/chat.ts";
import { isTarget, splitFirstWord, splitWords } from "../arguments.ts";
import { currentTarget, describeNoTarget, requestChange } from "../requests.ts";
import { defineCommand } from "../slash_command.ts";
import type { SlashCommand } from "../slash_command.ts";
import { describeMessage, findMessage, isCount, noteMeant, splitCount } from "./conversation_messages.ts";
import { sendText } from "./text_sending.ts";

/** Reactions of ours that can be withdrawn. */
export const MAX_GIVEN_REACTIONS = 100;

export const REACTION_COMMANDS: readonly SlashCommand[] = [
  defineCommand({
    names: ["reply"],
    usage: "[N|@NAME] TEXT",
    summary: "reply to the last message of others here",
    details: [
      "N counts back the messages of others, 1 to 99: 2 is the one before.",
      "With @NAME: the last message of that person.",
      "It is quoted. For a TEXT that begins with a number: /reply 1 TEXT",
    ],
    worksOffline: true,
    parse(rest) {
      const [count, text] = splitCount(rest);
      return text.trim() === "" ? undefined : { count, text };
    },
    run: reply,
  }),
  defineCommand({
    names: ["react"],
    usage: "[N] EMOJI [NAME]",
    summary: "react to the last message of others here",
    details: [
      "N counts back as in /reply; with NAME: the messages of that person.",
      "EMOJI: also a name such as :tada:, or a word. Example: /react 👍 bob",
      "History shows none here: people who come later see them on the page.",
    ],
    parse(rest) {
      const words = splitWords(rest);
      const count = isCount(words[0] ?? "") ? Number(words.shift()) : undefined;
      const [text, name, ...more] = words;
      return text === undefined || more.length > 0 ? undefined : { count, text, name };
    },
    run: react,
  }),
  defineCommand({
    names: ["unreact"],
    usage: "[EMOJI]",
    summary: "withdraw your last reaction here",
    topic: "more",
    details: ["With EMOJI: the last one with it. Of those since this program began."],
    parse(rest) {
      const [text, ...more] = splitWords(rest);
      return more.length > 0 ? undefined : { text };
    },
    run: unreact,
  }),
];

function reply(chat: Chat, { count, text }: { count: number | undefined; text: string }, now: number): void {
  const target = currentTarget(chat);
  if (target === undefined) return chat.refuse(`not sent: ${describeNoTarget(chat)}`, now);
  if (!chat.features.supportsTags) {
    return chat.refuse("this server does not support replies (message-tags)", now);
  }
  const [word, rest] = splitFirstWord(text);
  const name = count === undefined && rest !== "" ? word : "";
  if (hasWritten(chat, target, name)) {
    return chat.refuse(`to answer ${name}: /reply @${name} TEXT; if ${name} is text: /reply 1 ${text}`, now);
  }
  const person = name.startsWith("@") && isTarget(name.slice(1)) ? name.slice(1) : undefined;
  const of = person === undefined ? "others" : { nick: person };
  const message = findMessage(chat, target, { count, of }, "to reply to");
  if ("missing" in message) return chat.refuse(message.missing, now);
  noteMeant(chat, message, now);
  if (!chat.isOnline) chat.note(`reply to ${describeMessage(message)}`, now); // else the echo says it
  sendText(chat, {
    target,
    text: person === undefined ? text : rest,
    manner: "said",
    replyTo: message.id,
  }, now);
}

/** Whether another person called `name` has said something in the conversation `where`. */
function hasWritten({ excerpts }: Chat, where: string, name: string): boolean {
  return excerpts.listShown(where).some(({ of, isOwn }) => !isOwn && isSameName(of, name));
}

function react(
  chat: Chat,
  { count, text, name }: { count: number | undefined; text: string; name: string | undefined },
  now: number,
): void {
  const target = currentTarget(chat);
  if (target === undefined) return chat.refuse(describeNoTarget(chat), now);
  if (!chat.features.supportsTags) {
    return chat.refuse("this server does not support reactions (message-tags)", now);
  }
  const reaction = toReaction(text);
  if (reaction === undefined) return chat.refuse(`no emoji is called ${text}; it can be pasted`, now);
  const message = findMessage(
    chat,
    target,
    { count, of: name === undefined ? "others" : { nick: name } },
    "to react to",
  );
  if ("missing" in message) return chat.refuse(message.missing, now);
  noteMeant(chat, message, now);
  const { given } = chat.excerpts;
  given.push({ where: target, id: message.id, text: reaction });
  if (given.length > MAX_GIVEN_REACTIONS) given.shift();
  const tags = new Map([[REACT_TAG, reaction], [REPLY_TAG, message.id]]);
  requestChange(chat, { tags, command: "TAGMSG", params: [target] }, now, {
    done: `you reacted ${reaction} to ${describeMessage(message)}`,
  });
}

function unreact(chat: Chat, { text }: { text: string | undefined }, now: number): void {
  const target = currentTarget(chat);
  if (target === undefined) return chat.refuse(describeNoTarget(chat), now);
  if (!chat.features.supportsTags) {
    return chat.refuse("this server does not support reactions (message-tags)", now);
  }
  const wanted = text === undefined ? undefined : toReaction(text);
  const { excerpts } = chat;
  const at = excerpts.given.findLastIndex(({ id, where, ...reaction }) =>
    isSameName(excerpts.get(id)?.where ?? where, target) && // which may have been renamed
    (text === undefined || reaction.text === wanted)
  );
  const [given] = at < 0 ? [] : excerpts.given.splice(at, 1);
  if (given === undefined) {
    return chat.refuse(`no reaction ${text === undefined ? "" : `${text} `}of yours is known here`, now);
  }
  const message = excerpts.get(given.id);
  const about = message === undefined ? "" : ` to ${message.of}: «${message.excerpt}»`;
  const tags = new Map([[UNREACT_TAG, given.text], [REPLY_TAG, given.id]]);
  requestChange(chat, { tags, command: "TAGMSG", params: [target] }, now, {
    done: `you removed the reaction ${given.text}${about}`,
  });
}

/** `text`, or the emoji that it names (`:tada:`); undefined: none has that name. */
function toReaction(text: string): string | undefined {
  const name = /^:([\w+-]+):$/.exec(text)?.[1];
  return name === undefined ? text : findEmojiByName(name);
}
