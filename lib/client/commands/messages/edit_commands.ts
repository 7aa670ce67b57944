/** Slash commands that change or remove messages of one's own. Pure. */
import { TOPICLEN } from "../../../irc/limits.ts";
import { isSameName } from "../../../irc/names/casemap.ts";
import { makeExcerpt } from "../../../irc/reaction.ts";
import type { Chat } from "../../conversation/chat.ts";
import { compareAge, MAX_OWN_EXCERPTS } from "../../conversation/model/message_excerpts.ts";
import type { ShownMessage } from "../../conversation/model/message_excerpts.ts";
import { EDIT_WINDOW_MS } from "../../conversation/view_actions.ts";
import { currentTarget, describeNoTarget, makeReasonParams, requestChange } from "../requests.ts";
import { defineCommand } from "../slash_command.ts";
import type { SlashCommand } from "../slash_command.ts";
import { findMessage, noteMeant, refresh, splitCount } from "./conversation_messages.ts";
import type { FoundMessage } from "./conversation_messages.ts";
import { findLineStart } from "./line_start.ts";
import { sendText } from "./text_sending.ts";

export const EDIT_COMMANDS: readonly SlashCommand[] = [
  defineCommand({
    names: ["edit"],
    usage: "[N] [TEXT]",
    summary: "replace your last message here by TEXT",
    details: [
      "Without TEXT at a terminal: opens it in $VISUAL, $EDITOR or vi.",
      "N counts back your messages here, 1 to 99: 2 is the one before.",
      "Within a day. For a TEXT that begins with a number: /edit 1 TEXT",
      "Clients without edits show a new message, and some the old one, too.",
    ],
    parse(rest) {
      const [count, text] = splitCount(rest);
      return { count, text };
    },
    run: edit,
  }),
  defineCommand({
    names: ["redact"],
    usage: "[N] [REASON]",
    summary: "remove your last message here",
    topic: "more",
    details: ["N counts as in /edit, without those removed. Others see the REASON."],
    parse(rest) {
      const [count, reason] = splitCount(rest);
      return { count, reason };
    },
    run: redact,
  }),
  defineCommand({
    names: ["delete"],
    usage: "[N|TEXT]",
    summary: "remove your last message, or that with TEXT",
    details: [
      "N counts as in /edit, without those removed.",
      "TEXT is in the first 40 characters of it. It is shown what is removed.",
      `Searched: your last ${MAX_OWN_EXCERPTS} here, and what /logs or /search has shown.`,
      "Within a day. The server no longer shows it; people may have read it.",
    ],
    parse: (rest) => rest.trim(),
    run: deleteMessage,
  }),
];

const CANNOT_REMOVE = "this server cannot remove messages (draft/message-redaction)";

function edit(chat: Chat, { count, text }: { count: number | undefined; text: string }, now: number): void {
  if (text.trim() === "") return chat.refuse("no editor is opened here: /edit [N] TEXT", now);
  const message = findEditable(chat, count, now);
  if (message === undefined) return;
  noteMeant(chat, message, now);
  chat.note(`editing your message: «${message.excerpt}»`, now);
  replaceMessage(chat, message, text, now);
}

/** Our message that `/edit` is about; undefined: there is none that can be edited, and the person is told. */
export function findEditable(chat: Chat, count: number | undefined, now: number): FoundMessage | undefined {
  const { supportsRedaction, supportsTags } = chat.features;
  const missing = !supportsRedaction
    ? `${CANNOT_REMOVE}, so there are no edits`
    : supportsTags
    ? undefined
    : "this server does not support edits (message-tags)";
  const message = missing === undefined ? findOwn(chat, count, "/edit", now) : undefined;
  const isOld = message !== undefined && now - message.at >= EDIT_WINDOW_MS;
  if (message !== undefined && !isOld) return message;
  const why = isOld ? `it is older than a day: «${message.excerpt}»` : missing;
  if (why !== undefined) chat.refuse(why, now);
  return undefined;
}

/** Sends `text` in the place of `message`. */
export function replaceMessage(chat: Chat, message: FoundMessage, text: string, now: number): void {
  const { id, where, manner, replyTo } = message;
  sendText(chat, {
    target: where,
    text,
    manner: manner === "did" ? "did" : "said",
    replaces: id,
    ...replyTo !== undefined && { replyTo },
  }, now);
}

function redact(
  chat: Chat,
  { count, reason }: { count: number | undefined; reason: string },
  now: number,
): void {
  if (!chat.features.supportsRedaction) return chat.refuse(CANNOT_REMOVE, now);
  const message = findOwn(chat, count, "/redact", now);
  if (message === undefined || count === undefined && isAnother(chat, message, "/redact", now)) return;
  remove(chat, message, now, reason);
}

/** Removes our newest message, if it is in the current conversation, or the only one with `text`. */
function deleteMessage(chat: Chat, text: string, now: number): void {
  if (!chat.features.supportsRedaction) return chat.refuse(CANNOT_REMOVE, now);
  if (/^[1-9]\d?$/.test(text)) return redact(chat, { count: Number(text), reason: "" }, now);
  if (text === "" && isUnsent(chat, now, "; to remove another: /delete TEXT")) return;
  const found = text === "" ? findOwnNewest(chat) : findOwnWith(chat, text);
  if ("missing" in found) return chat.refuse(found.missing, now);
  if (text === "" && isAnother(chat, found, "/delete", now)) return;
  remove(chat, found, now);
  if (text !== "") lastRemoved.delete(chat); // that one was named
}

/** The message that was removed last, as the last one or by its number. */
const lastRemoved = new WeakMap<Chat, FoundMessage>();

/**
 * Whether `message` is older than the one that was removed last: the person may think that this one is still there, and
 * has to say that they mean it.
 */
function isAnother(chat: Chat, message: FoundMessage, command: "/delete" | "/redact", now: number): boolean {
  const last = lastRemoved.get(chat);
  if (last === undefined || !isSameName(last.where, message.where)) return false;
  if (message.order > last.order && compareAge(message, last) > 0) return false;
  const { excerpt, at, id } = message;
  const why = id === last.id ? "this is being removed" : "this would be a second one";
  chat.refuse(`${why}: «${excerpt}», ${chat.clock(at)}; ${command} 1 removes it`, now);
  return true;
}

function remove(chat: Chat, message: FoundMessage, now: number, reason = ""): void {
  const { where, id, excerpt } = message;
  lastRemoved.set(chat, message);
  noteMeant(chat, message, now);
  const params = [where, id, ...makeReasonParams(reason, TOPICLEN)];
  requestChange(chat, { command: "REDACT", params }, now, { done: `removed: «${excerpt}»` });
}

type SearchedMessage = FoundMessage | { readonly missing: string };

/**
 * Our message that `command` is about: the `count`-th last one in the current conversation; without a count our last one,
 * which has to be there. Undefined: there is none, and the person is told.
 */
function findOwn(
  chat: Chat,
  count: number | undefined,
  command: "/edit" | "/redact",
  now: number,
): FoundMessage | undefined {
  const where = currentTarget(chat);
  if (where === undefined) {
    chat.refuse(describeNoTarget(chat), now);
    return undefined;
  }
  if (isUnsent(chat, now, `; then ${command} again`)) return undefined;
  const elsewhere = count === undefined
    ? describeElsewhere(chat, `${command} 1 means the last one here`)
    : undefined;
  const found = elsewhere === undefined
    ? findMessage(chat, where, { count, of: "own" }, `for ${command}`)
    : { missing: elsewhere };
  if (!("missing" in found)) return found;
  chat.refuse(found.missing, now);
  return undefined;
}

/** Whether a message of ours waits, so that the last one that was shown is not the last one typed; the person is told. */
function isUnsent(chat: Chat, now: number, advice: string): boolean {
  if (chat.outbox.size === 0) return false;
  chat.refuse(`your last message has not reached the server yet${advice}`, now);
  return true;
}

/** That our newest message is not in the current conversation; undefined: it is, or there is none. */
function describeElsewhere(chat: Chat, advice: string): string | undefined {
  const newest = findNewestOwn(chat);
  if (newest === undefined || isHere(chat, newest)) return undefined;
  return `your last message is in another place (${newest.where}): «${newest.excerpt}»; ${advice}`;
}

/** Of those that were there when the person began the line. */
function findNewestOwn(chat: Chat): ShownMessage | undefined {
  const { newestOwn } = findLineStart(chat) ?? chat.excerpts;
  return newestOwn && refresh(chat, newestOwn);
}

function isHere(chat: Chat, { where }: ShownMessage): boolean {
  return isSameName(where, currentTarget(chat) ?? "");
}

function findOwnNewest(chat: Chat): SearchedMessage {
  const newest = findNewestOwn(chat);
  if (newest === undefined) {
    return { missing: "no message of yours has come here yet; one of /logs or /search: /delete TEXT" };
  }
  const elsewhere = describeElsewhere(chat, "/delete TEXT removes it");
  if (elsewhere !== undefined) return { missing: elsewhere };
  return findMessage(chat, newest.where, { count: undefined, of: "own" }, "to remove");
}

/** In the current conversation, if it is there, else anywhere. Of messages that are the same the newest. */
function findOwnWith(chat: Chat, text: string): SearchedMessage {
  const wanted = text.toLowerCase();
  const cut = makeExcerpt(text).toLowerCase();
  const all = chat.excerpts.listOwn().flatMap(({ id, ...message }): FoundMessage[] => {
    const written = message.excerpt.toLowerCase();
    const isFound = written.includes(wanted) || written === cut;
    return isFound && id !== undefined ? [{ ...message, id }] : [];
  });
  const here = all.filter((message) => isHere(chat, message));
  const found = here.length > 0 ? here : all;
  const newest = found.at(-1);
  if (newest === undefined) {
    const reach = `the last ${MAX_OWN_EXCERPTS} of yours that were shown`;
    return { missing: `«${text}» is in none of ${reach}; /logs and /search show earlier ones` };
  }
  const isSame = ({ where, excerpt }: FoundMessage) =>
    isSameName(where, newest.where) && excerpt === newest.excerpt && !excerpt.endsWith("…");
  return found.slice(0, -1).every(isSame)
    ? newest
    : { missing: `${found.length} messages of yours have «${text}»; write more of the one to remove` };
}
