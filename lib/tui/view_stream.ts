/**
 * What of a chat is shown at a terminal: the entries of the current view, and those that concern all. Entries of other
 * views are held, and shown when the person comes there. Pure.
 */
import { isSameName } from "../irc/names/casemap.ts";
import { isAside } from "../client/commands/messages/asides.ts";
import type { Chat } from "../client/conversation/chat.ts";
import { findConversations } from "../client/conversation/entry_routing.ts";
import { conversationOf } from "../client/conversation/model/chat_entry.ts";
import type { ChatEntry, MessageEntry } from "../client/conversation/model/chat_entry.ts";
import type { ReadPosition } from "../client/conversation/model/read_position.ts";
import { MAX_VIEWS, resolveView } from "../client/conversation/model/views.ts";
import type { View, ViewKey } from "../client/conversation/model/views.ts";
import { RepeatedEntries } from "./repeated_entries.ts";
import { isPresence } from "./view/entry_view.ts";

/** Entries held of one view, the latest. */
export const MAX_HELD_OF_VIEW = 50;
/** Messages that have been read, of those held, shown before the unread ones. */
export const MAX_READ_SHOWN = 10;

type Unread = ChatEntry & { readonly kind: "unread" };

/** The entries of a view that were not shown. */
interface HeldEntries {
  entries: ChatEntry[];
  /** What was told of the unread ones when they were read from history. */
  counted: Unread | undefined;
}

/** What is shown when another view has become the current one. */
export interface OpenedView {
  readonly view: View;
  /** Undefined: nothing is unread. */
  readonly unread: Unread | undefined;
  /** What has been read, and behind it what has not. */
  readonly read: readonly ChatEntry[];
  readonly rest: readonly ChatEntry[];
}

export class ViewStream {
  readonly #chat: Chat;
  readonly #repeated = new RepeatedEntries();
  readonly #held = new Map<ViewKey, HeldEntries>();
  /** Messages that were dropped unread, and the number at which that is told. */
  #dropped = 0;
  #toldDropped = 1;
  /** `View.key` of the view that is shown; null: nothing has been shown yet. */
  #shown: object | undefined | null = null;
  /** The first message shown since the person came to the view. */
  #start: ReadPosition | undefined;

  constructor(chat: Chat) {
    this.#chat = chat;
  }

  /** What earlier messages of the current view are before; undefined: no message of it has been shown. */
  get start(): ReadPosition | undefined {
    return this.#start;
  }

  /** The current view, if it is another one than before. */
  takeOpened(now: number): OpenedView | undefined {
    const view = this.#find(this.#chat.views.current ?? "");
    if (view?.key === this.#shown) return undefined;
    const isFirst = this.#shown === null;
    this.#shown = view?.key;
    this.#start = undefined;
    if (view === undefined || isFirst || !this.#chat.showsOneView) return undefined;
    const held = this.#held.get(view.key);
    this.#held.delete(view.key);
    const opened = this.#open(view, held, now);
    for (const entry of [...opened.read, ...opened.rest]) this.#noteShown(entry);
    return opened;
  }

  /** The entries to show now: `entry`, or nothing, if it is held or of no account. `wasAsked`: the person asked for it. */
  take(entry: ChatEntry, wasAsked = false): readonly ChatEntry[] {
    const isRename = entry.kind === "renamed" || entry.kind === "room_renamed";
    const merged = isRename ? this.#takeMerged() : [];
    return [...this.#take(entry, wasAsked), ...merged, ...this.#takeDropped(entry.time)];
  }

  #take(entry: ChatEntry, wasAsked: boolean): readonly ChatEntry[] {
    const { showsOneView, views } = this.#chat;
    if (!wasAsked && this.#repeated.has(entry)) return [];
    if (wasAsked || !showsOneView) return [entry];
    if (this.#isForAll(entry)) {
      if (entry.kind === "message") {
        if (entry.senderId === undefined) this.#noteSeen(entry);
        else this.#holdOwn(entry);
      }
      return [entry];
    }
    const names = this.#namesOf(entry);
    if (names.some((name) => views.current !== undefined && isSameName(name, views.current))) {
      this.#noteShown(entry);
      return [entry];
    }
    const known = names.flatMap((name) => this.#find(name) ?? []);
    if (known.length === 0) return names.length > 0 && isPresence(entry) ? [] : [entry];
    for (const view of known) this.#hold(view, entry);
    return [];
  }

  /** `/set stream` has chosen whether one view is shown: up to now all has been, or is now. Returns what was held. */
  takeAllHeld(): ChatEntry[] {
    const { views } = this.#chat;
    return views.list().flatMap(({ key, name, lastActivity }) => {
      const held = this.#held.get(key);
      this.#held.delete(key);
      views.markRead(name, lastActivity ?? 0);
      return held?.entries ?? [];
    });
  }

  #find(name: string): View | undefined {
    return this.#chat.views.find(name);
  }

  /** What happens to us, and what answers us, is shown in any view; services and bots answer by direct NOTICEs. */
  #isForAll(entry: ChatEntry): boolean {
    const { nick } = this.#chat;
    switch (entry.kind) {
      case "joined":
      case "left":
      case "kicked":
        return isSameName(entry.nick, nick);
      case "renamed":
        return isSameName(entry.to, nick);
      case "message":
        return entry.senderId !== undefined || entry.channel === undefined && entry.manner === "notice";
      case "room_renamed":
      case "note":
      case "alarm":
      case "server":
      case "invited":
      case "found":
        return true;
      default:
        return false;
    }
  }

  #namesOf(entry: ChatEntry): readonly string[] {
    if (entry.kind === "heading") return entry.channel === undefined ? [] : [entry.channel];
    const { nick, views: { current } } = this.#chat;
    const isLoaded = (name: string) => this.#find(name) !== undefined;
    return findConversations(entry, { nick, current, isLoaded });
  }

  /** `message`, which is shown outside of its view, is read, unless something before it is not. */
  #noteSeen(message: MessageEntry): void {
    const { nick, views, readMarkers } = this.#chat;
    const name = conversationOf(message, nick);
    if (this.#find(name)?.unreadCount !== 1) return;
    views.markRead(name, message.time);
    if (message.id !== undefined) readMarkers?.markShown(name, message.time, message.seq);
  }

  /** `message` was sent from another view, and shown there: its own one has it, too, and is listed only if it was before. */
  #holdOwn(message: MessageEntry): void {
    const { nick, views } = this.#chat;
    const name = conversationOf(message, nick);
    if (views.current !== undefined && isSameName(name, views.current)) return;
    if (message.channel === undefined && this.#find(name) === undefined) views.openDirect(name, 0);
    const view = this.#find(name);
    if (view === undefined) return;
    this.#hold(view, message);
    if (view.unreadCount === 0 && isAside(this.#chat, name)) views.close(name);
  }

  #noteShown(entry: ChatEntry): void {
    if (entry.kind === "message") this.#start ??= { seq: entry.seq, id: entry.id, time: entry.time };
  }

  #hold(view: View, entry: ChatEntry): void {
    if (isPresence(entry) || entry.kind === "heading") return;
    if (entry.kind === "renamed" && view.kind === "channel") return;
    const held = this.#held.get(view.key) ?? { entries: [], counted: undefined };
    this.#held.set(view.key, held);
    if (this.#held.size > MAX_VIEWS) this.#forgetDropped();
    if (entry.kind === "unread") return void (held.counted = entry);
    if (entry.kind === "redacted") {
      held.entries = held.entries.filter((each) => each.kind !== "message" || each.id !== entry.id);
      if (entry.isReplaced) return;
    }
    held.entries.push(entry);
    if (held.entries.length > MAX_HELD_OF_VIEW) held.entries.shift();
  }

  /** Views that are dropped take their entries along: the messages among them were not read. */
  #forgetDropped(): void {
    for (const [key, { entries }] of this.#held) {
      if (key.into !== undefined || this.#find(key.name)?.key === key) continue;
      this.#held.delete(key);
      this.#dropped += entries.filter(({ kind }) => kind === "message").length;
    }
  }

  /** Tells of messages that no view has any more: of the first, and each time there are twice as many. */
  #takeDropped(time: number): readonly ChatEntry[] {
    if (this.#dropped < this.#toldDropped) return [];
    this.#toldDropped = this.#dropped * 2;
    const text = this.#dropped === 1 ? "1 unread message is" : `${this.#dropped} unread messages are`;
    const why = `there are more than ${MAX_VIEWS} conversations (/logs NAME shows what the server has)`;
    return [{ kind: "alarm", time, text: `${text} in no list any more: ${why}` }];
  }

  /** Views have become parts of others, which go on with their entries: those of the current one are shown now. */
  #takeMerged(): readonly ChatEntry[] {
    const { current } = this.#chat.views;
    const taken: ChatEntry[] = [];
    for (const [key, { entries, counted }] of this.#held) {
      const into = resolveView(key);
      if (into === key) continue;
      this.#held.delete(key);
      if (current !== undefined && this.#find(current)?.key === into) {
        taken.push(...entries);
        continue;
      }
      const held = this.#held.get(into);
      const all = [...held?.entries ?? [], ...entries].sort((a, b) => a.time - b.time);
      this.#held.set(into, { entries: all.slice(-MAX_HELD_OF_VIEW), counted: held?.counted ?? counted });
    }
    for (const entry of taken) this.#noteShown(entry);
    return taken;
  }

  #open(view: View, held: HeldEntries | undefined, now: number): OpenedView {
    const entries = held?.entries ?? [];
    const { count, readUntil } = this.#chat.views.unreadAtChoice;
    const isNew = (entry: ChatEntry): entry is MessageEntry =>
      entry.kind === "message" && entry.time > readUntil && !isSameName(entry.from, this.#chat.nick);
    const shown = entries.filter(isNew).length;
    const first = entries.findIndex(isNew);
    const end = count === 0 || first < 0 ? entries.length : first;
    const unread = count === 0 ? undefined : {
      kind: "unread",
      time: now,
      channel: view.name,
      count: Math.max(count, shown),
      isAtLeast: held?.counted?.isAtLeast === true && count > shown,
      shown,
      since: readUntil || held?.counted?.since || 0,
    } as const;
    return { view, unread, read: entries.slice(0, end).slice(-MAX_READ_SHOWN), rest: entries.slice(end) };
  }
}
