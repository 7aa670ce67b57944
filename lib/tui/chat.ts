/**
 * The chat itself, without terminal and without connection: what the server says and what the person asks for goes in; what is
 * to be shown and to be sent comes out ({@link Effect}). No I/O and no clock.
 *
 * Everything sent is a request with a purpose; the answer comes back under the request's number.
 */
import { sameName } from "../irc/casemap.ts";
import { formatMessage } from "../irc/message.ts";
import type { Message, MessageParts } from "../irc/message.ts";
import { excerpt } from "../irc/reaction.ts";
import { LOBBY_TOKEN, RECEIPTS, SEQ_TAG } from "../irc/vendor.ts";
import { wireCount } from "../irc/wire_number.ts";
import { Absence } from "./absence.ts";
import { answered, unanswered } from "./answered.ts";
import { Arrivals } from "./arrivals.ts";
import type { Heard } from "./catch_up.ts";
import type { Vocabulary } from "./complete.ts";
import type { Entry } from "./entry.ts";
import type { Answer, Connection, Effect, Purpose } from "./exchange.ts";
import { Ignored } from "./ignored.ts";
import { entryOf, senderOf } from "./incoming.ts";
import { logsCommand } from "./logs_command.ts";
import { Memory } from "./memory.ts";
import { OpenRequests } from "./open_requests.ts";
import type { Outbox, Outgoing } from "./outbox.ts";
import { Post } from "./post.ts";
import { Reading } from "./reading.ts";
import { RoomBook } from "./rooms.ts";
import type { LinkStatus } from "./status.ts";
import type { Unsent } from "./unsent.ts";
import { WantedRooms } from "./wanted_rooms.ts";

export interface ChatOptions {
  readonly nick: string;
  /** The room to enter first. */
  readonly home: string;
  /** Local time of day. */
  readonly clock: (time: number) => string;
  /** A random id for a message: 1 to 64 printable ASCII characters, not twice the same. */
  readonly newId: () => string;
  /** What was typed before this, and not acknowledged; oldest first. */
  readonly unsent?: readonly Unsent[];
  /** Whom we ignored when we were here last. */
  readonly ignored?: readonly string[];
  /** A person is there, who reads what is shown. */
  readonly reads?: boolean;
  /** The server as the person has named it (`--server`); undefined: they have not. */
  readonly server?: string | undefined;
}

/** People kept for completion beside those in the rooms. */
const MAX_PARTNERS = 50;

const HISTORY = "draft/chathistory";
const MARKERS = "draft/read-marker";
const ECHO = "echo-message";

export class Chat {
  /** Our name. */
  nick: string;
  /**
   * Where what is typed goes. Only the person changes it: when we are out of that room, it is undefined until they choose another
   * one, so that a line typed for one room is never said in another.
   */
  #room: string | undefined;
  /** The room that typed lines went to, while we are out of it. */
  #roomLeft: string | undefined;
  /** That we were logged in to over the last connection. */
  #account: string | undefined;
  /** Commands and lines of input that were refused, here or by the server. */
  #refused = 0;
  readonly rooms = new RoomBook();
  readonly memory = new Memory();
  readonly ignored: Ignored;
  readonly post: Post;
  readonly arrivals = new Arrivals(this);
  readonly absence = new Absence(this);
  /** Undefined: nobody reads what is shown. */
  readonly #reading: Reading | undefined;
  readonly clock: (time: number) => string;
  readonly #server: string | undefined;
  readonly #wanted = new WantedRooms();
  readonly #requests = new OpenRequests();
  /** People with whom direct messages were exchanged. */
  readonly #partners = new Set<string>();
  #caps: ReadonlySet<string> = new Set();
  #knowsIds = false;
  #status: LinkStatus = { kind: "connecting" };
  #failure = "";
  #effects: Effect[] = [];

  constructor({ nick, home, clock, newId, unsent = [], ignored = [], reads = false, server }: ChatOptions) {
    this.nick = nick;
    this.#server = server;
    this.#room = home;
    this.clock = clock;
    this.post = new Post(this, newId, unsent);
    this.ignored = new Ignored(ignored);
    this.#reading = reads ? new Reading() : undefined;
    this.#wanted.add(home);
  }

  /** Connected and let in, or on the way to it. */
  get status(): LinkStatus {
    return this.#status;
  }

  /** How much there is to be done that nobody has taken yet. */
  get effectCount(): number {
    return this.#effects.length;
  }

  get online(): boolean {
    return this.#status.kind === "live";
  }

  get outbox(): Outbox {
    return this.post.outbox;
  }

  get room(): string | undefined {
    return this.#room;
  }

  set room(room: string) {
    this.#room = room;
    this.#roomLeft = undefined;
  }

  /** The room that typed lines went to until we were out of it, as long as the person has not chosen another one. */
  get roomLeft(): string | undefined {
    return this.#roomLeft;
  }

  /** What was refused, here or by the server: messages, other lines of input; and messages whose fate is unknown. */
  get undelivered(): { readonly refused: number; readonly unknown: number } {
    const { refused, unknown } = this.post.undelivered;
    return { refused: refused + this.#refused, unknown };
  }

  /** True when nothing is on its way and nothing waits. */
  get idle(): boolean {
    return this.#requests.size === 0 && this.outbox.size === 0;
  }

  get echoes(): boolean {
    return this.#caps.has(ECHO);
  }

  get knowsIds(): boolean {
    return this.#knowsIds;
  }

  /** Messages may have tags, and so reactions. */
  get passesTags(): boolean {
    return this.#caps.has("message-tags");
  }

  get keepsHistory(): boolean {
    return this.#caps.has(HISTORY);
  }

  /** What can be completed: people we see or have talked to, and rooms we are in. */
  get vocabulary(): Vocabulary {
    const people = [...this.rooms.people(), ...this.#partners];
    return { names: people.filter((name) => !sameName(name, this.nick)), rooms: this.#wanted };
  }

  /** What is to be done, in order; empties the list. */
  takeEffects(): Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** The connection is there, for the first time or `again`. */
  up(connection: Connection, again: boolean, now: number): void {
    this.#status = { kind: "live" };
    this.nick = connection.nick;
    this.#caps = connection.caps;
    this.#knowsIds = connection.claimed && this.#caps.has(RECEIPTS);
    if (again) this.note(`connected again, as ${this.nick}`, now);
    else this.#goHome(connection.isupport?.get(LOBBY_TOKEN), now);
    this.#noteAccount(connection.account, now);
    for (const room of this.#wanted) this.arrivals.enter(room, this.#wanted.keyOf(room), again, now);
    const finds = this.keepsHistory && this.marks && this.absence.begin(now);
    if (again && this.keepsHistory && !finds) this.arrivals.askPartners(now);
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

  /** A server of ours says which room everybody enters (`lobby`), or that none is there; elsewhere it is the one that we know of. */
  #goHome(lobby: string | undefined, now: number): void {
    const home = this.#room;
    if (lobby === undefined || home === undefined || sameName(lobby, home)) return;
    this.#wanted.remove(home);
    this.#room = lobby === "" ? undefined : lobby;
    if (this.#room === undefined) {
      this.note("this server has no room for everybody; /list rooms shows them, /join #ROOM enters one", now);
    } else this.#wanted.add(this.#room);
  }

  /** The connection is lost; the next attempt is in `retryMs`. */
  down(why: string, retryMs: number, now: number): void {
    if (this.online && this.arrivals.settled) this.memory.lost(); // else something is missing since before
    this.#status = { kind: "waiting", since: now, retryMs };
    this.#failure = "";
    this.#requests.clear();
    this.arrivals.abandon(now);
    this.absence.abandon((line) => this.memory.forget(line));
    this.outbox.lost();
    this.rooms.clear();
    const seconds = Math.max(1, Math.ceil(retryMs / 1000));
    this.alarm(`the connection is lost: ${why}; trying again in ${seconds} s`, now);
  }

  /** An attempt to come back begins. */
  trying(): void {
    this.#status = { kind: "connecting" };
  }

  /** An attempt to come back has failed; the next is in `retryMs`. Said once for each reason. */
  failed(why: string, retryMs: number, now: number): void {
    this.#status = { kind: "waiting", since: now, retryMs };
    if (why !== this.#failure) this.note(`still not connected, and trying: ${why}`, now);
    this.#failure = why;
  }

  /** A line that answers nothing. */
  line(message: Message, now: number): void {
    const entry = this.learn(message, now);
    if (entry === undefined) return;
    // A server may put a further session of ours where the others are, before we ask.
    if (entry.kind === "joined" && sameName(entry.nick, this.nick) && this.arrivals.expects(entry.room)) {
      return;
    }
    const heard = { entry, line: message };
    if (!this.arrivals.hold(heard, now) && !this.absence.hold(heard)) this.tell(heard);
  }

  /** The answer to the request `id`. */
  answer(id: number, answer: Answer, now: number): void {
    if (answer.kind === "lost") return; // what a loss means is said by `down`
    const purpose = this.#requests.close(id);
    if (purpose === undefined) return;
    if (answer.kind === "answered") answered(this, purpose, answer.lines, now);
    else unanswered(this, purpose, now);
    this.#settle(now);
  }

  /** Says it as soon as that is possible; false: too much waits already. */
  say(message: Pick<Outgoing, "target" | "text" | "manner">, now: number): boolean {
    if (!this.post.say(message, now)) return false;
    this.#settle(now);
    return true;
  }

  /** Sends `message`; what it is for decides what its answer does. */
  ask(message: MessageParts, purpose: Purpose, now: number): void {
    try {
      formatMessage(message);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      if (purpose.for === "message") this.post.discard(purpose.message);
      return this.refuse(`this cannot be sent: ${message.command} ${message.params?.join(" ")}`, now);
    }
    this.#effects.push({ kind: "ask", id: this.#requests.open(purpose), message });
  }

  /** Asks to come in to `room`, and makes it the current one when we are in. */
  enter(room: string, key: string, now: number): void {
    this.#wanted.keep(room, key);
    this.arrivals.enter(room, key, false, now);
  }

  /** `from`, which we have asked to enter, is called `to` now, or leads there: so do we. */
  redirect(from: string, to: string, again: boolean, now: number): void {
    const key = this.#wanted.keyOf(from);
    this.note(`${from} leads to ${to} now`, now);
    if (again) this.#renameRoom(from, to);
    this.leave(from);
    this.#wanted.keep(to, key);
    this.arrivals.enter(to, key, again, now, true);
  }

  quit(reason: string): void {
    this.#effects.push({ kind: "quit", reason });
  }

  /** What somebody says who is ignored is not shown, wherever it comes from. */
  show(entry: Entry): void {
    if (!this.ignored.hides(entry)) this.#effects.push({ kind: "show", entry });
  }

  /** Shows what `line` told, and with it the conversation is known up to there. */
  tell({ entry, line }: Heard): void {
    const target = this.#conversationOf(entry);
    if (entry.kind === "message" || entry.kind === "direct") {
      const { from: of, time: at, text } = entry;
      this.memory.keep(line, { of, at, excerpt: excerpt(text), where: target! });
    }
    if (target !== undefined) {
      this.memory.advance(target, line, entry.time);
      if (line.tags.has("time") && !this.hides(entry)) {
        this.seen(target, entry.time, wireCount(line.tags.get(SEQ_TAG)));
      }
    }
    this.show(entry);
  }

  /** The person has been shown all of `target` up to `time`, which is that of the message at `seq` in the server's log. */
  seen(target: string, time: number, seq?: number): void {
    this.#reading?.seen(target, time, seq);
  }

  keepUnread(target: string | undefined): void {
    this.#reading?.keepUnread(target);
  }

  logsCommand(target: string, since: number): string {
    return logsCommand({ target, since, name: this.nick, server: this.#server });
  }

  hides(entry: Entry): boolean {
    return this.ignored.hides(entry);
  }

  /** Tells the server what has been read since; `leaving`: all of it. */
  markRead(now: number, leaving = false): void {
    if (!this.online || !this.marks) return;
    for (const message of this.#reading!.take(now, leaving)) this.ask(message, { for: "read" }, now);
  }

  /** Milliseconds until {@link markRead} has something to tell; undefined: it has nothing. */
  marksIn(now: number): number | undefined {
    return this.online && this.marks ? this.#reading!.dueIn(now) : undefined;
  }

  /** Somebody reads what is shown, and the server remembers it for us. */
  get marks(): boolean {
    return this.#reading !== undefined && this.#knowsIds && this.#caps.has(MARKERS);
  }

  effect(effect: Effect): void {
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

  /** What a message of the past shows, unless it was seen before. */
  recall(line: Message, now: number): Entry | undefined {
    const entry = entryOf(line, now);
    if (entry === undefined || !this.#isNew(line, entry)) return undefined;
    if ((entry.kind === "message" || entry.kind === "direct") && sameName(entry.from, this.nick)) {
      this.post.recalled({ target: line.params[0] ?? "", text: entry.text, manner: entry.manner });
    }
    return entry;
  }

  /** Bookkeeping for what happens now; what it shows, unless it was seen before. */
  learn(message: Message, now: number): Entry | undefined {
    this.memory.hear(message, now);
    const entry = entryOf(message, now);
    if (entry !== undefined && !this.#isNew(message, entry)) return undefined;
    const { command, params: [first = "", second = ""] } = message;
    const ours = sameName(senderOf(message), this.nick);
    this.rooms.learn(message, this.nick);
    if (command === "JOIN" && ours) this.#wanted.add(first);
    else if (command === "PART" && ours) this.leave(first);
    else if (command === "KICK" && sameName(second, this.nick)) this.leave(first);
    else if (command === "MARKREAD") this.arrivals.marked(first, second);
    else if (command === "RENAME") this.#renameRoom(first, second);
    else if (command === "NICK" && ours) this.nick = first;
    else if (command === "NICK") this.ignored.renamed(senderOf(message), first);
    if (entry?.kind === "taken_back") return { ...entry, ...this.memory.said(second) };
    return entry?.kind === "reaction" ? { ...entry, ...this.memory.said(entry.to ?? "") } : entry;
  }

  #renameRoom(from: string, to: string): void {
    if (!this.#wanted.rename(from, to)) return;
    this.memory.rename(from, to);
    this.arrivals.renamed(from, to);
    if (this.#room !== undefined && sameName(this.#room, from)) this.#room = to;
  }

  #isNew(message: Message, entry: Entry): boolean {
    if (entry.kind === "direct" && this.#partners.size < MAX_PARTNERS) {
      this.#partners.add(this.#conversationOf(entry)!);
    }
    return this.#conversationOf(entry) === undefined || this.memory.isNew(message);
  }

  /** The room in which it was said, or the person with whom. */
  #conversationOf(entry: Entry): string | undefined {
    if (entry.kind === "message") return entry.room;
    if (entry.kind !== "direct") return undefined;
    return sameName(entry.from, this.nick) ? entry.to : entry.from;
  }

  leave(room: string): void {
    this.#wanted.remove(room);
    this.arrivals.cancel(room);
    if (this.#room === undefined || !sameName(this.#room, room)) return;
    this.#room = undefined;
    this.#roomLeft = room;
  }

  /** Once all is known about the past, what waits is sent. */
  #settle(now: number): void {
    if (this.online && this.#requests.settled) this.post.send(now);
  }
}
