/**
 * What a page shows of a chat: the rows of each conversation, the list of rooms, and what the person does with them. The
 * page carries out the effects of the chat that need a connection or a disk, and gives each of them to
 * {@link PageModel.apply}. Pure.
 */
import { casefold, isSameName } from "../../irc/names/casemap.ts";
import type { Chat } from "../../client/conversation/chat.ts";
import type { DropReason, Effect } from "../../client/conversation/effects.ts";
import type { HistoryPageResult } from "../../client/conversation/history_page.ts";
import type { ChatEntry, HistoryItem } from "../../client/conversation/model/chat_entry.ts";
import type { LocalTime } from "../../client/conversation/model/local_time.ts";
import { splitForSending } from "../../client/conversation/model/multiline_text.ts";
import { MAX_VIEWS } from "../../client/conversation/model/views.ts";
import { isBehind, positionAt } from "../../client/conversation/model/read_position.ts";
import type { ReadPosition } from "../../client/conversation/model/read_position.ts";
import type { View } from "../../client/conversation/model/views.ts";
import type { TypedMessage, UnsentMessage } from "../../client/conversation/unsent_message.ts";
import {
  askForPage,
  EDIT_WINDOW_MS,
  openView,
  react,
  removeMessage,
  setWatched,
} from "../../client/conversation/view_actions.ts";
import { ConversationRows } from "./rows/conversation_rows.ts";
import { Drafts } from "./drafts.ts";
import { findConversations } from "../../client/conversation/entry_routing.ts";
import { makeRoomList } from "./room_list.ts";
import type { RoomList } from "./room_list.ts";
import type { MessageRow } from "./row.ts";

export interface PageModelOptions {
  readonly chat: Chat;
  readonly local: LocalTime;
  /** What the chat was made with: typed earlier and not acknowledged. */
  readonly unsent?: readonly UnsentMessage[];
  readonly drafts?: Drafts;
}

/** A conversation, and how far it is loaded. */
interface Conversation {
  name: string;
  readonly rows: ConversationRows;
  isLoading: boolean;
  /** What earlier messages are before; undefined: history has not been read. */
  before: ReadPosition | undefined;
  /** Reactions may have been missed. */
  isStale: boolean;
  /** There is nothing before its first row. */
  isWhole: boolean;
  /** Why earlier messages could not be read; "": they could. */
  failure: string;
}

/** Conversations with rows; views are fewer. */
export const MAX_CONVERSATIONS = MAX_VIEWS + 100;
/** A conversation with fewer rows is filled from history when it is opened. */
const FEW_ROWS = 60;

export class PageModel {
  readonly drafts: Drafts;
  readonly #chat: Chat;
  readonly #local: LocalTime;
  /** By folded name. */
  readonly #conversations = new Map<string, Conversation>();
  /** What we have typed and the server has not accepted, by our id. */
  readonly #typed = new Map<string, { readonly rows: ConversationRows; readonly message: TypedMessage }>();
  #keys = 0;

  constructor({ chat, local, unsent = [], drafts = new Drafts() }: PageModelOptions) {
    this.#chat = chat;
    this.#local = local;
    this.drafts = drafts;
    for (const message of unsent) this.#addTyped(message);
  }

  /** The name of the open conversation; undefined: none is. */
  get current(): string | undefined {
    return this.#chat.views.current;
  }

  /** The rows of the conversation `name`. */
  rows(name: string): ConversationRows {
    return this.#get(name).rows;
  }

  /** How far the conversation `name` is loaded. */
  loadState(name: string): Pick<Conversation, "isLoading" | "isWhole" | "failure"> {
    return this.#get(name);
  }

  get roomList(): RoomList {
    return makeRoomList(this.#chat.views.list(), (name) => this.drafts.has(name));
  }

  /** Takes an effect of the chat: what it changes of what is shown. */
  apply(effect: Effect): void {
    switch (effect.kind) {
      case "show":
        return this.#show(effect.entry);
      case "keep":
        return this.#addTyped(effect.message);
      case "drop":
        return this.#settle(effect.id, effect.why);
      case "receipt":
        return this.#get(effect.target).rows.confirm(effect.messageId, effect.what);
      case "entered":
        return this.#enter(effect.channel, effect.time);
      case "page":
        return this.#addPage(effect.page);
    }
  }

  /** Opens the conversation `name`; what is unread in it has a mark above. */
  open(name: string, now: number): void {
    const { current } = this;
    if (current !== undefined && !isSameName(current, name)) this.#get(current).rows.unmarkUnread();
    this.#markUnread(name);
    openView(this.#chat, name);
    this.#refresh(name, now);
  }

  /** The person sees the page, or it is behind others. */
  setVisible(isVisible: boolean): void {
    if (isVisible && this.current !== undefined) this.#markUnread(this.current);
    setWatched(this.#chat, isVisible);
  }

  /** Asks for the messages before those that are loaded; false: that is under way, or there are none. */
  loadEarlier(name: string, now: number): boolean {
    const conversation = this.#get(name);
    if (conversation.isLoading || conversation.isWhole || !this.#canLoad) return false;
    conversation.isLoading = true;
    // The first page has what is shown already, too: its reactions may be those of other times.
    askForPage(this.#chat, name, conversation.before, now);
    return true;
  }

  /** The connection is lost: what was asked for does not come. */
  handleDisconnected(): void {
    for (const conversation of this.#conversations.values()) {
      conversation.isLoading = false;
      conversation.isStale = conversation.before !== undefined;
    }
  }

  /** Says `text` in the conversation `name`, in as few messages as possible; false: too many wait already. */
  say(name: string, text: string, now: number, more: Partial<TypedMessage> = {}): boolean {
    const { isOnline, features } = this.#chat;
    const manner = more.manner ?? "said";
    const known = features.multiline ?? (isOnline ? undefined : "unknown");
    const pieces = splitForSending(text, { target: name, manner }, manner === "did" ? undefined : known);
    return pieces.every((piece, nth) =>
      this.#chat.say({ ...nth === 0 && more, target: name, text: piece, manner }, now)
    );
  }

  /** Whether the person can edit or remove the message of `row`. */
  canEdit(row: MessageRow, now: number): boolean {
    const { supportsRedaction, supportsTags } = this.#chat.features;
    return supportsRedaction && supportsTags && row.isOwn && row.id !== undefined &&
      row.removedBy === undefined &&
      row.sendState !== "pending" && now - row.time < EDIT_WINDOW_MS;
  }

  /** Puts `text` in the place of our message in `row`. */
  edit(name: string, row: MessageRow, text: string, now: number): boolean {
    if (row.id === undefined) return false;
    const replyTo = row.replyTo?.id;
    const manner = row.manner === "did" ? "did" : "said";
    return this.say(name, text, now, { manner, replaces: row.id, ...replyTo !== undefined && { replyTo } });
  }

  remove(name: string, row: MessageRow, now: number): void {
    if (row.id !== undefined) removeMessage(this.#chat, name, row.id, now);
  }

  /** Reacts with `text`, or withdraws that reaction. */
  toggleReaction(name: string, row: MessageRow, text: string, now: number): void {
    if (row.id === undefined) return;
    const removed = row.reactions.some((group) => group.text === text && group.isOwn);
    react(this.#chat, { target: name, id: row.id, text, removed }, now);
  }

  /** Sends the message of `row`, which has failed, once more. */
  retry(row: MessageRow, now: number): void {
    const typed = this.#typed.get(row.senderId ?? "");
    if (typed === undefined || row.sendState !== "failed") return;
    this.dismiss(row);
    this.#chat.say(typed.message, now);
  }

  /** The person no longer wants to see the message of `row`, which has failed. */
  dismiss(row: MessageRow): void {
    const { senderId } = row;
    if (senderId === undefined || row.sendState !== "failed") return;
    this.#typed.get(senderId)?.rows.drop(senderId);
    this.#typed.delete(senderId);
  }

  get #canLoad(): boolean {
    return this.#chat.isOnline && this.#chat.features.hasHistory;
  }

  #get(name: string): Conversation {
    const known = this.#conversations.get(casefold(name));
    if (known !== undefined) return known;
    const { chat, local } = { chat: this.#chat, local: this.#local };
    const newKey = () => `r${++this.#keys}`;
    const rows = new ConversationRows({
      get nick() {
        return chat.nick;
      },
      local,
      newKey,
    });
    const conversation = {
      name,
      rows,
      isLoading: false,
      before: undefined,
      isStale: false,
      isWhole: false,
      failure: "",
    };
    this.#conversations.set(casefold(name), conversation);
    if (this.#conversations.size > MAX_CONVERSATIONS) this.#dropUnlisted(conversation);
    return conversation;
  }

  /** Drops the oldest conversation that no view lists, and nothing typed is shown in. */
  #dropUnlisted(newest: Conversation): void {
    const listed = new Set(this.#chat.views.list().map(({ name }) => casefold(name)));
    const typed = new Set(Array.from(this.#typed.values(), ({ rows }) => rows));
    for (const [folded, conversation] of this.#conversations) {
      if (conversation === newest || listed.has(folded) || typed.has(conversation.rows)) continue;
      this.#conversations.delete(folded);
      return;
    }
  }

  #show(entry: ChatEntry): void {
    const { nick } = this.#chat;
    if (entry.kind === "room_renamed" || entry.kind === "renamed" && !isSameName(entry.to, nick)) {
      this.#rename(entry.from, entry.to);
    }
    const isLoaded = (name: string) => this.#conversations.has(casefold(name));
    for (const name of findConversations(entry, { nick, current: this.current, isLoaded })) {
      this.#get(name).rows.append(entry);
    }
  }

  /** The conversation `from` goes on as `to`, unless there is one of that name. */
  #rename(from: string, to: string): void {
    const conversation = this.#conversations.get(casefold(from));
    if (conversation === undefined || this.#conversations.has(casefold(to))) return;
    this.#conversations.delete(casefold(from));
    this.#conversations.set(casefold(to), conversation);
    conversation.name = to;
    this.drafts.rename(from, to);
  }

  #addTyped(message: UnsentMessage): void {
    const { rows } = this.#get(message.target);
    this.#typed.set(message.id, { rows, message: toTyped(message) });
    rows.addPending(message);
  }

  #settle(id: string, why: DropReason): void {
    const typed = this.#typed.get(id);
    if (typed === undefined) return;
    if (why.kind === "failed") return typed.rows.fail(id, why.text);
    this.#typed.delete(id);
    if (why.kind === "accepted") typed.rows.accept(id, why.messageId);
    else typed.rows.drop(id);
  }

  #enter(channel: string, now: number): void {
    if (this.current !== undefined && isSameName(channel, this.current)) this.#refresh(channel, now);
  }

  /** Fills a conversation that has few rows, or asks for the reactions that were missed. */
  #refresh(name: string, now: number): void {
    const conversation = this.#get(name);
    if (conversation.before === undefined || conversation.rows.count < FEW_ROWS) this.loadEarlier(name, now);
    if (!conversation.isStale || !this.#canLoad) return;
    conversation.isStale = false;
    askForPage(this.#chat, name, undefined, now);
  }

  #addPage({ target, items, reactions, start, failure }: HistoryPageResult): void {
    const conversation = this.#get(target);
    const { rows } = conversation;
    const { ignoreList } = this.#chat;
    const first = rows.firstPosition;
    const isAsked = conversation.isLoading;
    conversation.isLoading = false;
    conversation.failure = failure;
    if (failure === "" && start === undefined) conversation.isWhole = true;
    if (start !== undefined && isEarlier(start, conversation.before)) conversation.before = start;
    const count = rows.count;
    // What is later than the first row and not shown is still to come, in its order.
    const earlier = items.filter((item) =>
      !ignoreList.isHidden(item) && isEarlier(positionOfItem(item), first)
    );
    // First the reactions: those to messages of this page wait for them, in front of later ones that wait already.
    rows.addEarlierReactions(reactions.filter((entry) => !ignoreList.isHidden(entry)));
    rows.prepend(this.#chat.acceptHistory(earlier));
    // A page that shows nothing new is no reason to wait until the person scrolls once more.
    if (isAsked && start !== undefined && rows.count === count) this.loadEarlier(target, start.time);
  }

  #markUnread(name: string): void {
    const view = this.#findView(name);
    if (view === undefined || view.unreadCount === 0) return;
    this.#get(name).rows.markUnread(view.readUntil, view.unreadCount);
  }

  #findView(name: string): View | undefined {
    return this.#chat.views.list().find((view) => isSameName(view.name, name));
  }
}

/** Whether `position` is before `other`, or there is no other one. */
function isEarlier(position: ReadPosition, other: ReadPosition | undefined): boolean {
  return other === undefined || !isBehind(position, other);
}

function positionOfItem(item: HistoryItem): ReadPosition {
  return item.kind === "gap" ? positionAt(item.time) : { seq: item.seq, id: item.id, time: item.time };
}

function toTyped({ target, text, manner, replyTo, replaces }: UnsentMessage): TypedMessage {
  return {
    target,
    text,
    manner,
    ...replyTo !== undefined && { replyTo },
    ...replaces !== undefined && { replaces },
  };
}
