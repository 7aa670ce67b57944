/** Slash commands and keys that choose the view that is shown, and that typed lines go to. Pure. */
import { isSameName } from "../../irc/names/casemap.ts";
import { isChannelName } from "../../irc/names/name_rules.ts";
import type { Chat } from "../conversation/chat.ts";
import type { View } from "../conversation/model/views.ts";
import { openView } from "../conversation/view_actions.ts";
import { addChannelPrefix, isTarget, parseOptionalWord } from "./arguments.ts";
import { requestChange } from "./requests.ts";
import { defineCommand } from "./slash_command.ts";
import type { SlashCommand } from "./slash_command.ts";

/** The view with a number (from 1), the next one with unread messages, or a neighbour in the list. */
export type ViewMove = number | "unread" | "next" | "previous";

/** The view that was current before the one that is shown now. */
const previousViews = new WeakMap<Chat, View["key"]>();

export const VIEW_COMMANDS: readonly SlashCommand[] = [
  defineCommand({
    names: ["go"],
    usage: "[ROOM|NAME]",
    summary: "show a room or conversation; or list them",
    details: [
      "Also Alt-1 to Alt-9, Alt-a (unread ones), Ctrl-N, Ctrl-P (neighbours).",
      "What you type goes to the view in the prompt.",
    ],
    worksOffline: true,
    parse: parseOptionalWord,
    run: (chat, word, now) => word === "" ? listViews(chat, now) : goToName(chat, word, now),
  }),
  defineCommand({
    names: ["close"],
    usage: "[ROOM|NAME]",
    summary: "close a view; a room is left",
    details: ["A conversation is there again with its next message.", "You come back to the view before."],
    worksOffline: true,
    parse: parseOptionalWord,
    run: closeView,
  }),
];

/** The line `text` with the person in it that `/r` answers; undefined: it is to stay as it is. */
export function expandReply(chat: Chat, text: string): string | undefined {
  const { lastSender } = chat.views;
  return lastSender !== undefined && /^\/r\s/i.test(text) ? `/msg ${lastSender} ${text.slice(3)}` : undefined;
}

/** A key that chooses a view. */
export function moveToView(chat: Chat, move: ViewMove, now: number): void {
  const views = chat.views.list();
  const at = views.findIndex(({ isCurrent }) => isCurrent);
  const wanted = typeof move === "number"
    ? views[move - 1]
    : move === "unread"
    ? findUnread(views, at)
    : views.at((at < 0 && move === "next" ? 0 : at + (move === "next" ? 1 : -1)) % views.length);
  if (wanted !== undefined) return wanted.isCurrent ? undefined : showView(chat, wanted.name, now);
  if (move === "unread") return chat.note("nothing is unread", now);
  if (typeof move === "number") chat.note(`there is no view ${move}; /go lists them`, now);
}

/** Makes the view `name` the current one: the person sees its messages, and what is typed goes there. */
export function showView(chat: Chat, name: string, now: number): void {
  chat.earlier.next = undefined;
  const before = chat.views.find(chat.views.current ?? "")?.key;
  if (before !== undefined) previousViews.set(chat, before);
  openView(chat, name);
  if (!chat.showsOneView) chat.note(`now ${isChannelName(name) ? "in" : "with"} ${name}`, now);
}

/** Opens the conversation with `nick`, or goes to a room, and shows it. */
export function openConversation(chat: Chat, name: string, now: number): void {
  if (!isTarget(name)) return chat.refuse(`${name} is not a valid name`, now);
  const isListed = chat.views.list().some((view) => isSameName(view.name, name)); // a closed one is opened again
  if (isChannelName(name) || isListed) return goToName(chat, name, now);
  chat.views.openDirect(name, 0);
  showView(chat, name, now);
}

/** Behind the current one, then from the first on: the first with mentions, else the first with unread messages. */
function findUnread(views: readonly View[], at: number): View | undefined {
  const others = [...views.slice(at + 1), ...views.slice(0, Math.max(0, at))];
  return others.find(({ mentionCount }) => mentionCount > 0) ??
    others.find(({ unreadCount }) => unreadCount > 0);
}

function goToName(chat: Chat, word: string, now: number): void {
  const view = findView(chat, word);
  if (view?.isCurrent) return chat.note(`${view.name} is shown already`, now);
  if (view !== undefined) return showView(chat, view.name, now);
  const advice = isChannelName(word)
    ? `/join ${word} enters it`
    : `/msg ${word} opens a conversation, /join ${addChannelPrefix(word)} enters a room`;
  chat.refuse(`there is no view ${word}; ${advice}`, now);
}

/** The view that `word` names: a name as it is, `@name`, a room without its prefix, or a number. */
function findView(chat: Chat, word: string): View | undefined {
  const views = chat.views.list();
  const named = (name: string) => views.find((view) => isSameName(view.name, name));
  return named(word) ?? named(word.replace(/^@/, "")) ?? named(addChannelPrefix(word)) ??
    (/^\d+$/.test(word) ? views[Number(word) - 1] : undefined);
}

function listViews(chat: Chat, now: number): void {
  const views = chat.views.list();
  if (views.length === 0) return chat.note("there is no view; /join ROOM enters a room", now);
  for (const [index, view] of views.entries()) {
    const { name, kind, unreadCount, mentionCount, isCurrent, isJoined } = view;
    const words = [
      ...isCurrent ? ["shown"] : [],
      ...isJoined ? [] : ["left"],
      ...unreadCount > 0 ? [`${unreadCount} new`] : [],
      ...mentionCount > 0 && kind === "channel"
        ? [`${mentionCount} ${mentionCount === 1 ? "mentions" : "mention"} you`]
        : [],
    ];
    chat.note(`${index + 1}  ${name}${words.length === 0 ? "" : `  (${words.join(", ")})`}`, now);
  }
}

function closeView(chat: Chat, word: string, now: number): void {
  const { current } = chat.views;
  const view = word === "" ? chat.views.find(current ?? "") : findView(chat, word);
  if (view === undefined) {
    return chat.refuse(word === "" ? "there is no view to close" : `there is no view ${word}`, now);
  }
  const { name } = view;
  const isIn = isChannelName(name) && chat.wantedChannels.has(name);
  if (isIn && !chat.isOnline) {
    return chat.refuse(`not connected: to leave ${name}, close it when there is a connection`, now);
  }
  if (isIn) requestChange(chat, { command: "PART", params: [name] }, now);
  const others = chat.views.list().filter((each) => each.key !== view.key);
  const next = others.find(({ key }) => key === previousViews.get(chat)) ??
    others.find(({ isJoined }) => isJoined) ?? others[0];
  chat.views.close(name);
  if (!view.isCurrent) return chat.note(`${name} is closed`, now);
  if (next !== undefined) showView(chat, next.name, now);
}
