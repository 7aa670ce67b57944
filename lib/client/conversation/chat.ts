/**
 * The chat without terminal, connection and clock: lines of the server and input of the person go in; entries
 * to show and requests to send come out ({@link Effect}).
 *
 * Everything sent is a request with a purpose; the response comes back under the number of the request.
 */
import { isSameName } from "../../irc/names/casemap.ts";
import { formatMessage } from "../../irc/message.ts";
import type { Message, MessageParts } from "../../irc/message.ts";
import { LOBBY_TOKEN } from "../../irc/vendor_extensions.ts";
import { handleResponse, handleTimeout } from "./response_handler.ts";
import { DirectSync } from "./sync/direct_sync.ts";
import { JoinSync } from "./sync/join_sync.ts";
import type { ChatEntry, HistoryItem } from "./model/chat_entry.ts";
import type { ChatOptions } from "./chat_options.ts";
import type { ConnectionInfo, Effect, RequestPurpose, RequestResult } from "./effects.ts";
import type { ChatSettings } from "./model/chat_settings.ts";
import { IgnoreList } from "./model/ignore_list.ts";
import { acceptHistory, handleLine, showReceived } from "./line_handler.ts";
import { EarlierReading } from "./earlier_messages.ts";
import { formatLogsCommand } from "./logs_command.ts";
import { ReceiptTracker } from "./receipt_tracker.ts";
import { TypingTracker } from "./typing_tracker.ts";
import type { ServerFeatures } from "./model/server_features.ts";
import { readServerFeatures } from "./model/server_features.ts";
import { LastSearch } from "./search/last_search.ts";
import { SeenMessages } from "./sync/seen_messages.ts";
import { OpenRequests } from "./open_requests.ts";
import type { Outbox } from "./outbox.ts";
import { SendTracker } from "./send_tracker.ts";
import { ReadMarkerTracker } from "./read_marker_tracker.ts";
import { JoinedChannels } from "./model/joined_channels.ts";
import { describeConnectionLoss } from "./connection_status.ts";
import type { ConnectionStatus } from "./connection_status.ts";
import type { TypedMessage, UnsentMessage } from "./unsent_message.ts";
import { Views } from "./model/views.ts";
import { MessageExcerpts } from "./model/message_excerpts.ts";
import { WantedChannels } from "./model/wanted_channels.ts";

export type { ChatOptions, CompletionWords } from "./chat_options.ts";

export class Chat {
  /** Our nick. */
  nick: string;
  /** The account that we were logged in to over the last connection. */
  #account: string | undefined;
  /** Lines of input that were refused, here or by the server. */
  #refused = 0;
  readonly channels = new JoinedChannels();
  readonly seenMessages = new SeenMessages();
  readonly excerpts = new MessageExcerpts();
  readonly lastSearch = new LastSearch();
  readonly earlier = new EarlierReading();
  readonly ignoreList: IgnoreList;
  /** What the person has chosen at a terminal; undefined: this is none. */
  readonly settings: ChatSettings | undefined;
  readonly sendTracker: SendTracker;
  readonly joinSync = new JoinSync(this);
  readonly directSync = new DirectSync(this);
  readonly typing = new TypingTracker();
  readonly receiptTracker: ReceiptTracker | undefined;
  showsOneView: boolean;
  /** Undefined: no person reads what is shown. */
  readonly readMarkers: ReadMarkerTracker | undefined;
  readonly clock: (time: number) => string;
  /** Of the last connection. */
  features: ServerFeatures = readServerFeatures({ caps: new Set(), isClaimed: false });
  readonly #server: string | undefined;
  readonly #home: string | undefined;
  readonly wantedChannels = new WantedChannels();
  readonly views = new Views(this.channels, this.wantedChannels);
  readonly #requests = new OpenRequests();
  #status: ConnectionStatus = { kind: "connecting" };
  #failure = "";
  #effects: Effect[] = [];

  constructor(
    { nick, home, clock, newId, unsent = [], ignored = [], isInteractive = false, server, ...rest }:
      ChatOptions,
  ) {
    this.showsOneView = rest.showsOneView === true;
    this.receiptTracker = rest.tracksReceipts === true ? new ReceiptTracker(this) : undefined;
    this.nick = nick;
    this.#server = server;
    this.clock = clock;
    this.sendTracker = new SendTracker(this, newId, unsent);
    this.ignoreList = new IgnoreList(ignored);
    this.settings = rest.settings;
    this.readMarkers = isInteractive ? new ReadMarkerTracker() : undefined;
    this.#home = home;
    for (const channel of [home ?? [], rest.channels ?? []].flat()) this.wantedChannels.add(channel);
    this.views.choose(home);
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  /** Effects that have not been taken yet. */
  get effectCount(): number {
    return this.#effects.length;
  }

  get isOnline(): boolean {
    return this.#status.kind === "live";
  }

  get outbox(): Outbox {
    return this.sendTracker.outbox;
  }

  /** The channel that typed lines go to. */
  get channel(): string | undefined {
    return this.views.currentChannel;
  }

  set channel(channel: string) {
    this.views.choose(channel);
  }

  /** Lines of input that were refused, and messages of which it is unknown whether they have arrived. */
  get undelivered(): { readonly refused: number; readonly unknown: number } {
    const { refused, unknown } = this.sendTracker.undelivered;
    return { refused: refused + this.#refused, unknown };
  }

  /** Whether nothing waits for a response and nothing waits to be sent. */
  get isIdle(): boolean {
    return this.#requests.size === 0 && this.outbox.size === 0;
  }

  /** The effects since the last call, in order. */
  takeEffects(): Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** We are registered with the server, for the first time or `again`. */
  handleConnected(connection: ConnectionInfo, again: boolean, now: number): void {
    this.#status = { kind: "live" };
    this.nick = connection.nick;
    this.features = readServerFeatures(connection);
    if (again) {
      this.show({ kind: "note", time: now, text: `connected again as ${this.nick}`, about: "return" });
    } else this.#chooseLobby(connection.isupport?.get(LOBBY_TOKEN), now);
    this.#noteAccount(connection.account, now);
    for (const channel of this.wantedChannels) {
      this.joinSync.join(channel, this.wantedChannels.getKey(channel), true, now);
    }
    if (this.features.hasHistory) this.directSync.start(again, now);
    this.receiptTracker?.resume(now);
    this.#settle(now);
  }

  /**
   * A server that was set up anew does not know the account: the name is free for others, which nothing else
   * shows.
   */
  #noteAccount(account: string | undefined, now: number): void {
    const before = this.#account;
    this.#account = account;
    if (before === undefined || account !== undefined) return;
    this.alarm(`this server no longer has the account ${before}; if it was set up anew:`, now);
    this.note(`chatterbox register ${before}`, now);
  }

  /**
   * Replaces the first channel by the lobby that a ChatterBox server names; "": it has none; undefined:
   * another server. Channels of an earlier visit stay.
   */
  #chooseLobby(lobby: string | undefined, now: number): void {
    const home = this.#home && this.channel;
    if (lobby === undefined || home === undefined || isSameName(lobby, home)) return;
    this.wantedChannels.remove(home);
    this.views.choose(lobby === "" ? undefined : lobby);
    if (lobby !== "") return this.wantedChannels.add(lobby);
    this.note("this server has no lobby; /list rooms lists the rooms, /join ROOM enters one", now);
  }

  /** The connection is lost; the next attempt is in `retryMs`. */
  handleDisconnected(why: string, retryMs: number, now: number): void {
    const isSettled = this.joinSync.isSettled && this.directSync.isSettled; // else an earlier loss counts
    if (this.isOnline && isSettled) this.seenMessages.noteLoss();
    this.#status = { kind: "waiting", since: now, retryMs };
    this.#failure = "";
    this.#requests.clear();
    this.joinSync.abandon(now);
    this.directSync.abandon();
    this.earlier.isWaiting = false;
    this.outbox.noteConnectionLoss();
    this.channels.clear();
    this.typing.clear();
    this.alarm(describeConnectionLoss(why, retryMs), now);
  }

  /** An attempt to reconnect begins. */
  handleConnecting(): void {
    this.#status = { kind: "connecting" };
  }

  /** An attempt to reconnect has failed; the next is in `retryMs`. Each reason is shown once. */
  handleConnectFailure(why: string, retryMs: number, now: number): void {
    this.#status = { kind: "waiting", since: now, retryMs };
    if (why !== this.#failure) this.note(`still trying to connect: ${why}`, now);
    this.#failure = why;
  }

  /** A line that is no response. */
  handleLine(line: Message, now: number): void {
    handleLine(this, line, now);
  }

  /** What became of the request `id`. */
  handleResult(id: number, result: RequestResult, now: number): void {
    if (result.kind === "lost") return; // handleDisconnected does what that means
    const purpose = this.#requests.close(id);
    if (purpose === undefined) return;
    if (result.kind === "answered") handleResponse(this, purpose, result.lines, now);
    else handleTimeout(this, purpose, now);
    this.#settle(now);
  }

  /** Sends `message` as soon as possible; false: too many wait already. */
  say(message: TypedMessage | UnsentMessage, now: number): boolean {
    if (!this.sendTracker.say(message, now)) return false;
    this.typing.noteSent(message.target);
    this.#settle(now);
    return true;
  }

  /** Sends `message`, and `rest` behind it; `purpose` decides what the response does. */
  ask(message: MessageParts, purpose: RequestPurpose, now: number, rest?: readonly MessageParts[]): void {
    try {
      for (const each of [message, ...rest ?? []]) formatMessage(each);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      if (purpose.for === "message") this.sendTracker.discard(purpose.message);
      return this.refuse(`this cannot be sent: ${message.command} ${message.params?.join(" ")}`, now);
    }
    this.#effects.push({ kind: "ask", id: this.#requests.open(purpose), message, ...rest && { rest } });
  }

  /** Joins `channel` and makes it the current one. */
  joinChannel(channel: string, key: string, now: number): void {
    this.wantedChannels.setKey(channel, key);
    this.joinSync.join(channel, key, false, now);
  }

  quit(reason: string): void {
    this.#effects.push({ kind: "quit", reason });
  }

  /** Shows `entry`, unless its sender is ignored. */
  show(entry: ChatEntry): void {
    if (!this.ignoreList.isHidden(entry)) this.#effects.push({ kind: "show", entry });
  }

  showReceived(entry: ChatEntry): void {
    showReceived(this, entry);
  }

  acceptHistory(items: readonly HistoryItem[]): HistoryItem[] {
    return acceptHistory(this, items);
  }

  /** Targets of our messages that may not have arrived: history tells, where ids do not. */
  get unsureTargets(): readonly string[] {
    return this.features.deduplicatesIds ? [] : this.outbox.unsureTargets;
  }

  formatLogsCommand(target: string, since: number): string {
    return formatLogsCommand({ target, since, name: this.nick, server: this.#server });
  }

  /** Sends read markers for what has been shown: those that are due, or, when `leaving`, all. */
  markRead(now: number, leaving = false): void {
    if (!this.isOnline || !this.sendsReadMarkers) return;
    for (const message of this.readMarkers!.take(now, leaving)) this.ask(message, { for: "read" }, now);
  }

  /** Milliseconds until {@link markRead} has something to send; undefined: nothing. */
  nextReadMarkerMs(now: number): number | undefined {
    return this.isOnline && this.sendsReadMarkers ? this.readMarkers!.dueIn(now) : undefined;
  }

  /** A person reads what is shown, and the server keeps read markers. */
  get sendsReadMarkers(): boolean {
    return this.readMarkers !== undefined && this.features.keepsReadMarkers;
  }

  addEffect(effect: Effect): void {
    this.#effects.push(effect);
  }

  heading(text: string, time: number, channel?: string): void {
    this.show({ kind: "heading", time, text, channel });
  }

  note(text: string, time: number, senderId?: string): void {
    this.show({ kind: "note", time, text, ...senderId !== undefined && { senderId } });
  }

  alarm(text: string, time: number, senderId?: string): void {
    this.show({ kind: "alarm", time, text, ...senderId !== undefined && { senderId } });
  }

  /** A line of input is refused. */
  refuse(text: string, time: number): void {
    this.countRefusal();
    this.alarm(text, time);
  }

  /** The server has refused a line of input; its reply says so. */
  countRefusal(): void {
    this.#refused++;
  }

  /** The channel `from` is now called `to`. */
  renameChannel(from: string, to: string): void {
    if (!this.wantedChannels.rename(from, to)) return;
    this.views.rename(from, to);
    this.seenMessages.rename(from, to);
    this.joinSync.renameChannel(from, to);
  }

  forgetChannel(channel: string): void {
    this.wantedChannels.remove(channel);
    this.joinSync.cancel(channel);
  }

  /** Sends what waits, once we are in the channels and it is known what has arrived before. */
  #settle(now: number): void {
    const isKnown = this.#requests.isSettled && (this.features.deduplicatesIds || this.directSync.isSettled);
    if (this.isOnline && isKnown) this.sendTracker.send(now);
  }
}
