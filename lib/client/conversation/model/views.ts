/**
 * The views of a chat: one for each channel and each direct conversation, with the number of unread messages.
 * One view is current: its messages are shown, and therefore read. Only the person chooses it. A channel that
 * we have left stays current, so that nothing typed for it is sent to another one. Pure.
 */
import { casefold, isSameName } from "../../../irc/names/casemap.ts";
import { isChannelName } from "../../../irc/names/name_rules.ts";
import type { MessageEntry } from "./chat_entry.ts";
import type { JoinedChannels } from "./joined_channels.ts";
import { mentionsUser } from "./mention.ts";
import { UnreadCounter } from "./unread_counter.ts";
import type { WantedChannels } from "./wanted_channels.ts";

/** One view, whatever it is called: its name is that of now. */
export interface ViewKey {
  readonly name: string;
  /** The view that it is a part of since both have one name. */
  readonly into?: ViewKey | undefined;
  /** Something is half typed there: the view is not dropped. */
  hasDraft?: boolean;
}

/** The view that `key` is, or is a part of by now. */
export function resolveView(key: ViewKey): ViewKey {
  return key.into === undefined ? key : resolveView(key.into);
}

export type ViewKind = "channel" | "direct";

export interface View {
  /** Stands for the view, whatever its name. */
  readonly key: ViewKey;
  readonly kind: ViewKind;
  /** A channel, or the nick of the other user. */
  readonly name: string;
  readonly unreadCount: number;
  /** Unread messages that mention us; in a direct conversation, all of them. */
  readonly mentionCount: number;
  /** Time of the latest message, milliseconds since the epoch; undefined: there is none. */
  readonly lastActivity: number | undefined;
  /** Time up to which everything has been read, milliseconds since the epoch; 0: unknown. */
  readonly readUntil: number;
  readonly isCurrent: boolean;
  /** We were in the channel, or there were messages; not closed since. */
  readonly isOpen: boolean;
  /** We are in the channel. A direct conversation is always joined. */
  readonly isJoined: boolean;
}

/** What a view needs to know of a message. */
export interface ViewMessage {
  /** Undefined: a direct message. */
  readonly channel: string | undefined;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly quoted?: MessageEntry["quoted"];
  /** Milliseconds since the epoch. */
  readonly time: number;
}

interface ViewState extends ViewKey {
  name: string;
  into?: ViewState;
  /** Listed even if it is not current: we were in the channel, or there were messages; not closed since. */
  isOpen: boolean;
  lastActivity: number | undefined;
  readonly unread: UnreadCounter;
}

/** What was unread of a view when it became the current one. */
export interface UnreadAtChoice {
  readonly count: number;
  /** As in {@link View}. */
  readonly readUntil: number;
}

/** Views kept. Wanted channels and the current view are never dropped. */
export const MAX_VIEWS = 500;

export class Views {
  /** By folded name, in the order in which they were opened. */
  #views = new Map<string, ViewState>();
  #current: ViewState | undefined;
  #isWatched = true;
  #unreadAtChoice: UnreadAtChoice = { count: 0, readUntil: 0 };
  #lastSender: ViewState | undefined;
  readonly #joined: Pick<JoinedChannels, "get">;
  readonly #wanted: Pick<WantedChannels, "has">;

  constructor(joined: Pick<JoinedChannels, "get">, wanted: Pick<WantedChannels, "has">) {
    this.#joined = joined;
    this.#wanted = wanted;
  }

  /** The name of the current view. */
  get current(): string | undefined {
    return this.#current?.name;
  }

  /** The channel of the current view, unless we have left it. */
  get currentChannel(): string | undefined {
    const { current } = this;
    return current !== undefined && this.#wanted.has(current) ? current : undefined;
  }

  /** Of the current view. */
  get unreadAtChoice(): UnreadAtChoice {
    return this.#unreadAtChoice;
  }

  /** The user that has sent us the latest direct message, under the nick of now. */
  get lastSender(): string | undefined {
    return this.#lastSender?.name;
  }

  find(name: string): View | undefined {
    const view = this.#get(name);
    return view && this.#describe(view);
  }

  /** Channels first, both kinds in the order in which they were opened. */
  list(): View[] {
    return [...this.#listKind("channel"), ...this.#listKind("direct")].map((view) => this.#describe(view));
  }

  listNames(kind: ViewKind): string[] {
    return this.#listKind(kind).map(({ name }) => name);
  }

  /** Whether the person sees what is received in `name`. */
  isSeen(name: string): boolean {
    return this.#isWatched && this.#current !== undefined && this.#get(name) === this.#current;
  }

  /** Whether the person looks at the current view: otherwise its messages stay unread. */
  setWatched(isWatched: boolean): void {
    this.#isWatched = isWatched;
  }

  /** Makes the view called `name` the current one and its messages read; undefined: no view is current. */
  choose(name: string | undefined): void {
    const view = name === undefined ? undefined : this.#getOrCreate(name);
    if (view !== undefined && view !== this.#current) {
      this.#unreadAtChoice = { count: view.unread.count, readUntil: view.unread.readUntil };
    }
    this.#current = view;
    if (this.#current === undefined || name === undefined) return;
    this.#current.name = name;
    if (this.#isWatched) this.#current.unread.markRead(this.#current.lastActivity ?? 0);
  }

  /** Removes a view from the list until the next direct message, or until the channel is joined. */
  close(name: string): void {
    const view = this.#get(name);
    if (view === undefined) return;
    view.isOpen = false;
    if (view === this.#current) this.#current = undefined;
  }

  /** We have joined the channel `name`. */
  openChannel(name: string): void {
    this.#getOrCreate(name).isOpen = true;
  }

  /** There is a direct conversation with `nick`, with a latest message of the time `latest` in history. */
  openDirect(nick: string, latest: number): void {
    const view = this.#openDirect(nick);
    view.lastActivity = Math.max(view.lastActivity ?? 0, latest);
  }

  /**
   * The channel or user `from` is now called `to`. A view of that name and the renamed one become one: the current one of
   * them, else the renamed one, goes on.
   */
  rename(from: string, to: string): void {
    let view = this.#get(from);
    if (view === undefined) return;
    let other = this.#get(to);
    if (other !== undefined && other !== view) {
      if (other === this.#current) [view, other] = [other, view];
      this.#views.delete(casefold(other.name));
      other.into = view;
      view.isOpen ||= other.isOpen;
      view.lastActivity = Math.max(view.lastActivity ?? 0, other.lastActivity ?? 0);
      view.unread.addAll(other.unread);
      if (other === this.#lastSender) this.#lastSender = view;
    }
    this.#rename(view, to);
    if (view === this.#current) this.choose(to);
  }

  /** Counts a message: a live one, or one of history that may be unread. `nick` is ours, `words` are mentions, too. */
  receive(message: ViewMessage, nick: string, words?: readonly string[]): void {
    const { channel, from, to, time } = message;
    const isOwn = isSameName(from, nick);
    const view = channel === undefined ? this.#openDirect(isOwn ? to : from) : this.#get(channel);
    if (view === undefined) return;
    view.lastActivity = Math.max(view.lastActivity ?? 0, time);
    if (channel === undefined && !isOwn) this.#lastSender = view;
    if (view === this.#current && this.#isWatched) view.unread.markRead(time);
    else if (!isOwn) {
      view.unread.add({ time, isMention: channel === undefined || mentionsUser(message, nick, words) });
    }
  }

  /** Counts unread messages of `channel` that are not passed to {@link receive}. */
  addUnread(channel: string, count: number): void {
    const view = this.#get(channel);
    if (view !== undefined && view !== this.#current) view.unread.addEarlier(count);
  }

  /** The conversation `name` has been read up to `time`, by this client or another one of the person. */
  markRead(name: string, time: number): void {
    this.#get(name)?.unread.markRead(time);
  }

  #listKind(kind: ViewKind): ViewState[] {
    const isListed = (view: ViewState) =>
      view.isOpen || view === this.#current || this.#wanted.has(view.name);
    return this.#views.values().filter((view) => kindOf(view.name) === kind && isListed(view)).toArray();
  }

  #get(name: string): ViewState | undefined {
    return this.#views.get(casefold(name));
  }

  #openDirect(nick: string): ViewState {
    const view = this.#getOrCreate(nick);
    view.isOpen = true;
    return view;
  }

  #getOrCreate(name: string): ViewState {
    const known = this.#get(name);
    if (known !== undefined) return known;
    const view = { name, isOpen: false, lastActivity: undefined, unread: new UnreadCounter() };
    this.#views.set(casefold(name), view);
    if (this.#views.size > MAX_VIEWS) this.#dropOldest(view);
    return view;
  }

  /** Renames a view, which keeps its place in the list. */
  #rename(renamed: ViewState, to: string): void {
    const views = [...this.#views.values()];
    renamed.name = to;
    this.#views = new Map(views.map((view) => [casefold(view.name), view]));
  }

  #delete(view: ViewState): void {
    this.#views.delete(casefold(view.name));
    if (view === this.#current) this.#current = undefined;
  }

  /** Drops the least recently active view, closed ones first. */
  #dropOldest(newest: ViewState): void {
    const isKept = (view: ViewState) =>
      view === newest || view === this.#current || view.hasDraft || this.#wanted.has(view.name);
    const [oldest] = this.#views.values().filter((view) => !isKept(view)).toArray().sort((a, b) =>
      Number(a.isOpen) - Number(b.isOpen) || (a.lastActivity ?? 0) - (b.lastActivity ?? 0)
    );
    if (oldest !== undefined) this.#delete(oldest);
  }

  #describe(view: ViewState): View {
    const { name, lastActivity, unread } = view;
    const kind = kindOf(name);
    return {
      key: view,
      kind,
      name,
      unreadCount: unread.count,
      mentionCount: unread.mentionCount,
      lastActivity,
      readUntil: unread.readUntil,
      isCurrent: view === this.#current,
      isOpen: view.isOpen,
      isJoined: kind === "direct" || this.#joined.get(name) !== undefined,
    };
  }
}

function kindOf(name: string): ViewKind {
  return isChannelName(name) ? "channel" : "direct";
}
