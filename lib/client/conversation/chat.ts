/**
 * The chat itself, without terminal and without connection: what the server says and what the person asks for goes in; what is
 * to be shown and to be sent comes out ({@link Effect}). No I/O and no clock.
 *
 * Everything sent is a request with a purpose; the answer comes back under the request's number.
 */
import { isSameName } from "../../irc/names/casemap.ts";
import { formatMessage } from "../../irc/message.ts";
import type { Message, MessageParts } from "../../irc/message.ts";
import { LOBBY_TOKEN } from "../../irc/vendor_extensions.ts";
import { handleResponse, handleTimeout } from "./response_handler.ts";
import { DirectSync } from "./sync/direct_sync.ts";
import { JoinSync } from "./sync/join_sync.ts";
import type { ChatEntry, HistoryItem } from "./model/chat_entry.ts";
import type { ConnectionInfo, Effect, RequestPurpose, RequestResult } from "./effects.ts";
import { IgnoreList } from "./model/ignore_list.ts";
import { acceptHistory, handleLine, showReceived } from "./line_handler.ts";
import { formatLogsCommand } from "./logs_command.ts";
import type { ServerFeatures } from "./model/server_features.ts";
import { readServerFeatures } from "./model/server_features.ts";
import { SeenMessages } from "./sync/seen_messages.ts";
import { OpenRequests } from "./open_requests.ts";
import type { Outbox } from "./outbox.ts";
import { SendTracker } from "./send_tracker.ts";
import { ReadMarkerTracker } from "./read_marker_tracker.ts";
import { JoinedChannels } from "./model/joined_channels.ts";
import type { ConnectionStatus } from "./connection_status.ts";
import type { UnsentMessage } from "./unsent_message.ts";
import { Views } from "./model/views.ts";
import { MessageExcerpts } from "./model/message_excerpts.ts";
import { WantedChannels } from "./model/wanted_channels.ts";

export interface ChatOptions {
  readonly nick: string;
  /** The channel to enter first. */
  readonly home: string;
  /** Local time of day. */
  readonly clock: (time: number) => string;
  /** A random id for a message: 1 to 64 printable ASCII characters, not twice the same. */
  readonly newId: () => string;
  /** What was typed before this, and not acknowledged; oldest first. */
  readonly unsent?: readonly UnsentMessage[];
  /** Whom we ignored when we were here last. */
  readonly ignored?: readonly string[];
  /** A person is there, who reads what is shown. */
  readonly isInteractive?: boolean;
  /** The server as the person has named it (`--server`); undefined: they have not. */
  readonly server?: string | undefined;
}

/** What can be completed now. */
export interface CompletionWords {
  readonly names: Iterable<string>;
  readonly channels: Iterable<string>;
}

export class Chat {
  /** Our name. */
  nick: string;
  /** That we were logged in to over the last connection. */
  #account: string | undefined;
  /** Commands and lines of input that were refused, here or by the server. */
  #refused = 0;
  readonly channels = new JoinedChannels();
  readonly seenMessages = new SeenMessages();
  readonly excerpts = new MessageExcerpts();
  readonly ignoreList: IgnoreList;
  readonly sendTracker: SendTracker;
  readonly joinSync = new JoinSync(this);
  readonly directSync = new DirectSync(this);
  /** Undefined: nobody reads what is shown. */
  readonly #reading: ReadMarkerTracker | undefined;
  readonly clock: (time: number) => string;
  /** Over the last connection. */
  features: ServerFeatures = readServerFeatures(new Set(), false);
  readonly #server: string | undefined;
  readonly wantedChannels = new WantedChannels();
  readonly views = new Views(this.channels, this.wantedChannels);
  readonly #requests = new OpenRequests();
  #status: ConnectionStatus = { kind: "connecting" };
  #failure = "";
  #effects: Effect[] = [];

  constructor(
    { nick, home, clock, newId, unsent = [], ignored = [], isInteractive = false, server }: ChatOptions,
  ) {
    this.nick = nick;
    this.#server = server;
    this.clock = clock;
    this.sendTracker = new SendTracker(this, newId, unsent);
    this.ignoreList = new IgnoreList(ignored);
    this.#reading = isInteractive ? new ReadMarkerTracker() : undefined;
    this.wantedChannels.add(home);
    this.views.choose(home);
  }

  /** Connected and let in, or on the way to it. */
  get status(): ConnectionStatus {
    return this.#status;
  }

  /** How much there is to be done that nobody has taken yet. */
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

  /** The channel that typed lines went to until we were out of it; undefined once another one is chosen. */
  get leftChannel(): string | undefined {
    return this.views.leftChannel;
  }

  /** What was refused, here or by the server: messages, other lines of input; and messages whose fate is unknown. */
  get undelivered(): { readonly refused: number; readonly unknown: number } {
    const { refused, unknown } = this.sendTracker.undelivered;
    return { refused: refused + this.#refused, unknown };
  }

  /** True when nothing is on its way and nothing waits. */
  get isIdle(): boolean {
    return this.#requests.size === 0 && this.outbox.size === 0;
  }

  /** What can be completed: the members of our channels, and the views. */
  get completionWords(): CompletionWords {
    const people = [...this.channels.listMembers(), ...this.views.listNames("direct")];
    return {
      names: people.filter((name) => !isSameName(name, this.nick)),
      channels: this.views.listNames("channel"),
    };
  }

  /** What is to be done, in order; empties the list. */
  takeEffects(): Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** The connection is there, for the first time or `again`. */
  handleConnected(connection: ConnectionInfo, again: boolean, now: number): void {
    this.#status = { kind: "live" };
    this.nick = connection.nick;
    this.features = readServerFeatures(connection.caps, connection.isClaimed);
    if (again) this.note(`connected again, as ${this.nick}`, now);
    else this.#goHome(connection.isupport?.get(LOBBY_TOKEN), now);
    this.#noteAccount(connection.account, now);
    for (const channel of this.wantedChannels) {
      this.joinSync.join(channel, this.wantedChannels.getKey(channel), again, now);
    }
    if (this.features.hasHistory) this.directSync.start(again, now);
    this.#settle(now);
  }

  /** A server that was set up anew knows the account no more: all looks as before, and the name is free for others. */
  #noteAccount(account: string | undefined, now: number): void {
    const before = this.#account;
    this.#account = account;
    if (before === undefined || account !== undefined) return;
    const advice = `if the server was set up anew, chatterbox register ${before} makes it yours again`;
    this.alarm(`the account ${before} is not there any more; ${advice}`, now);
  }

  /** A server of ours says which channel everybody enters (`lobby`), or that none is there; elsewhere it is the one that we know of. */
  #goHome(lobby: string | undefined, now: number): void {
    const home = this.channel;
    if (lobby === undefined || home === undefined || isSameName(lobby, home)) return;
    this.wantedChannels.remove(home);
    this.views.choose(lobby === "" ? undefined : lobby);
    if (lobby !== "") return this.wantedChannels.add(lobby);
    this.note("this server has no room for everybody; /list rooms shows them, /join #ROOM enters one", now);
  }

  /** The connection is lost; the next attempt is in `retryMs`. */
  handleDisconnected(why: string, retryMs: number, now: number): void {
    const isSettled = this.joinSync.isSettled && this.directSync.isSettled; // else something is missing since before
    if (this.isOnline && isSettled) this.seenMessages.noteLoss();
    this.#status = { kind: "waiting", since: now, retryMs };
    this.#failure = "";
    this.#requests.clear();
    this.joinSync.abandon(now);
    this.directSync.abandon();
    this.outbox.noteConnectionLoss();
    this.channels.clear();
    const seconds = Math.max(1, Math.ceil(retryMs / 1000));
    this.alarm(`the connection is lost: ${why}; trying again in ${seconds} s`, now);
  }

  /** An attempt to come back begins. */
  handleConnecting(): void {
    this.#status = { kind: "connecting" };
  }

  /** An attempt to come back has failed; the next is in `retryMs`. Said once for each reason. */
  handleConnectFailure(why: string, retryMs: number, now: number): void {
    this.#status = { kind: "waiting", since: now, retryMs };
    if (why !== this.#failure) this.note(`still not connected, and trying: ${why}`, now);
    this.#failure = why;
  }

  /** A line that answers nothing. */
  handleLine(line: Message, now: number): void {
    handleLine(this, line, now);
  }

  /** The answer to the request `id`. */
  handleResult(id: number, answer: RequestResult, now: number): void {
    if (answer.kind === "lost") return; // what a loss means is said by `down`
    const purpose = this.#requests.close(id);
    if (purpose === undefined) return;
    if (answer.kind === "answered") handleResponse(this, purpose, answer.lines, now);
    else handleTimeout(this, purpose, now);
    this.#settle(now);
  }

  /** Says it as soon as that is possible; false: too much waits already. */
  say(message: Pick<UnsentMessage, "target" | "text" | "manner">, now: number): boolean {
    if (!this.sendTracker.say(message, now)) return false;
    this.#settle(now);
    return true;
  }

  /** Sends `message`; what it is for decides what its answer does. */
  ask(message: MessageParts, purpose: RequestPurpose, now: number): void {
    try {
      formatMessage(message);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      if (purpose.for === "message") this.sendTracker.discard(purpose.message);
      return this.refuse(`this cannot be sent: ${message.command} ${message.params?.join(" ")}`, now);
    }
    this.#effects.push({ kind: "ask", id: this.#requests.open(purpose), message });
  }

  /** Asks to come in to `channel`, and makes it the current one when we are in. */
  joinChannel(channel: string, key: string, now: number): void {
    this.wantedChannels.setKey(channel, key);
    this.joinSync.join(channel, key, false, now);
  }

  quit(reason: string): void {
    this.#effects.push({ kind: "quit", reason });
  }

  /** What somebody says who is ignored is not shown, wherever it comes from. */
  show(entry: ChatEntry): void {
    if (!this.ignoreList.isHidden(entry)) this.#effects.push({ kind: "show", entry });
  }

  /** Shows what was received live or read from history. */
  showReceived(entry: ChatEntry): void {
    showReceived(this, entry);
  }

  acceptHistory(items: readonly HistoryItem[]): HistoryItem[] {
    return acceptHistory(this, items);
  }

  /** Targets of our messages of which it is unknown whether they have arrived: history tells, where ids do not. */
  get unsureTargets(): readonly string[] {
    return this.features.deduplicatesIds ? [] : this.outbox.unsureTargets;
  }

  /** The person has been shown all of `target` up to `time`, which is that of the message at `seq` in the server's log. */
  markShown(target: string, time: number, seq?: number): void {
    this.#reading?.markShown(target, time, seq);
  }

  keepUnread(target: string | undefined): void {
    this.#reading?.keepUnread(target);
  }

  formatLogsCommand(target: string, since: number): string {
    return formatLogsCommand({ target, since, name: this.nick, server: this.#server });
  }

  /** Tells the server what has been read since; `leaving`: all of it. */
  markRead(now: number, leaving = false): void {
    if (!this.isOnline || !this.sendsReadMarkers) return;
    for (const message of this.#reading!.take(now, leaving)) this.ask(message, { for: "read" }, now);
  }

  /** Milliseconds until {@link markRead} has something to tell; undefined: it has nothing. */
  nextReadMarkerMs(now: number): number | undefined {
    return this.isOnline && this.sendsReadMarkers ? this.#reading!.dueIn(now) : undefined;
  }

  /** Somebody reads what is shown, and the server remembers it for us. */
  get sendsReadMarkers(): boolean {
    return this.#reading !== undefined && this.features.keepsReadMarkers;
  }

  addEffect(effect: Effect): void {
    this.#effects.push(effect);
  }

  note(text: string, time: number): void {
    this.show({ kind: "note", time, text });
  }

  alarm(text: string, time: number): void {
    this.show({ kind: "alarm", time, text });
  }

  /** A line of input is not carried out. */
  refuse(text: string, time: number): void {
    this.countRefusal();
    this.alarm(text, time);
  }

  /** The server has refused what a line of input asked for; its own words tell. */
  countRefusal(): void {
    this.#refused++;
  }

  /** `from` is called `to` now. */
  renameChannel(from: string, to: string): void {
    if (!this.wantedChannels.rename(from, to)) return;
    this.views.renameChannel(from, to);
    this.seenMessages.rename(from, to);
    this.joinSync.renameChannel(from, to);
  }

  forgetChannel(channel: string): void {
    this.wantedChannels.remove(channel);
    this.joinSync.cancel(channel);
  }

  /** What waits is sent once we are in the channels, and history has told what has arrived of it. */
  #settle(now: number): void {
    const isKnown = this.#requests.isSettled && (this.features.deduplicatesIds || this.directSync.isSettled);
    if (this.isOnline && isKnown) this.sendTracker.send(now);
  }
}
