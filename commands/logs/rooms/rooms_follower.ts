/** Shows the history of several rooms and direct conversations, and goes on with live messages. */
import { EXIT } from "../../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../../lib/cli/exit_codes.ts";
import type { Link } from "../../../lib/client/connection/link.ts";
import type { HistoryItem, MessageEntry } from "../../../lib/client/conversation/model/chat_entry.ts";
import { parseMessageEntry } from "../../../lib/client/conversation/model/entry_parser.ts";
import { MessageExcerpts } from "../../../lib/client/conversation/model/message_excerpts.ts";
import { startPositionOf } from "../../../lib/client/conversation/sync/history_read.ts";
import { LiveMerge } from "../../../lib/client/conversation/sync/live_merge.ts";
import { SeenMessages } from "../../../lib/client/conversation/sync/seen_messages.ts";
import { findFailureReply } from "../../../lib/client/session/failure_reply.ts";
import { parseSource } from "../../../lib/irc/message.ts";
import type { Message } from "../../../lib/irc/message.ts";
import { isSameName } from "../../../lib/irc/names/casemap.ts";
import { parseReaction } from "../../../lib/irc/reaction.ts";
import { describeReaction, describeRedaction, describeRename } from "../follow_reports.ts";
import { isForTarget } from "../live_follower.ts";
import { FollowLink } from "./follow_link.ts";
import { listTargets, readAll, reportFailures } from "./rooms_read.ts";
import type { RoomReader, RoomsRead } from "./rooms_read.ts";
import { compareItems } from "./time_merge.ts";

/** The target by which an observer follows all rooms, also later ones. */
const EVERYTHING = "*";

/** Runs until it is interrupted, or refused, or the connection is lost and `retry` is false. */
export async function followRooms(read: RoomsRead, retry: boolean): Promise<ExitCode> {
  return await new RoomsFollower(read, retry).run();
}

class RoomsFollower {
  readonly #read: RoomsRead;
  readonly #seen = new SeenMessages();
  readonly #excerpts = new MessageExcerpts();
  readonly #link: FollowLink;
  #rooms: RoomReader[] = [];
  #isReading = true;
  #hasBegun = false;
  /** Time of the newest message. */
  #newest: number;

  constructor(read: RoomsRead, retry: boolean) {
    this.#read = read;
    this.#newest = read.io.clock.now();
    this.#link = new FollowLink({
      ...read,
      retry,
      resume: (link) => this.#resume(link),
      onLoss: () => {
        this.#isReading = true;
        for (const { merge } of this.#rooms) merge.dropHeld();
      },
      onLine: (line) => this.#handleLine(line),
    });
  }

  run(): Promise<ExitCode> {
    return this.#link.run();
  }

  /** Follows, then reads what came before: everything asked for the first time, later what was missed. */
  async #resume(link: Link): Promise<void> {
    const { io, signal, all } = this.#read;
    this.#isReading = true;
    await io.stdout.flush(); // a reader too slow to keep up must not be given more meanwhile
    const isObserver = link.session.isObserver;
    if (all && isObserver) await link.request({ command: "FOLLOW", params: [EVERYTHING] });
    const targets = await listTargets(link, this.#read);
    if (!link.isAlive) return;
    if (typeof targets === "number") return this.#link.end(targets);
    this.#addRooms(targets);
    for (const { range: { target } } of this.#rooms) {
      if (all && isObserver && target.startsWith("#")) continue;
      const answer = await link.request({ command: isObserver ? "FOLLOW" : "JOIN", params: [target] });
      const failure = answer.kind === "answered" ? findFailureReply(answer.lines) : undefined;
      if (failure !== undefined) this.#link.report(`cannot follow ${target}: ${failure.params.at(-1)}`);
    }
    const failures = await readAll(link, this.#rooms, this.#read, (items) => this.#show(items));
    if (!link.isAlive || signal.aborted) return; // the next connection goes on from here
    const code = await reportFailures(failures, this.#rooms, this.#read, link);
    if (code !== EXIT.ok && failures.size === this.#rooms.length) return this.#link.end(code);
    this.#isReading = false;
    this.#hasBegun = true;
    const held = this.#rooms.flatMap(({ merge, range }) => merge.finishHistory(startPositionOf(range)));
    await this.#show(held.filter((entry) => entry.kind === "message").sort(compareItems));
  }

  /** A room that is new is read from where the others are. */
  #addRooms(targets: readonly string[]): void {
    const { range } = this.#read;
    const later = { ...range, limit: undefined, since: this.#newest };
    for (const target of targets) {
      if (this.#rooms.some((room) => isSameName(room.range.target, target))) continue;
      this.#rooms.push({
        range: { ...this.#hasBegun ? later : range, target },
        merge: new LiveMerge({ seen: this.#seen }),
      });
    }
  }

  #handleLine(message: Message): void {
    if (message.command === "RENAME") return this.#handleRename(message);
    if (message.command === "REDACT") return this.#handleRedaction(message);
    if (message.command === "TAGMSG") return this.#handleReaction(message);
    const entry = parseMessageEntry(message, this.#read.io.clock.now());
    const room = entry && this.#roomOf(entry);
    if (entry === undefined || room === undefined || !this.#seen.addIfNew(entry.id)) return;
    const items = room.merge.mergeLive(entry).filter((item) => item.kind === "message");
    if (room.merge.held.isFull) this.#link.abort("too many new messages while history was read");
    if (items.length > 0) this.#link.show(() => this.#show(items));
  }

  /** With all rooms, a later one is added by its first message. */
  #roomOf(entry: MessageEntry): RoomReader | undefined {
    const known = this.#rooms.find(({ range: { target } }) => isForTarget(entry, target));
    if (known !== undefined || !this.#read.all || entry.channel === undefined) return known;
    this.#addRooms([entry.channel]);
    const added = this.#rooms.at(-1)!;
    if (!this.#isReading) added.merge.finishHistory(startPositionOf(added.range));
    return added;
  }

  #handleRename({ params: [from = "", to = ""] }: Message): void {
    const at = this.#rooms.findIndex(({ range }) => isSameName(range.target, from));
    if (at < 0) return;
    const { range, merge } = this.#rooms[at]!;
    this.#rooms[at] = { range: { ...range, target: to }, merge };
    this.#link.report(describeRename(from, to));
  }

  #handleRedaction({ source, params: [target = "", id = "", reason = ""] }: Message): void {
    const by = parseSource(source ?? "").nick;
    if (this.#isRead(target, by) && !this.#excerpts.isReplaced(id, by, target)) {
      this.#link.report(`${target}: ${describeRedaction(by, id, reason)}`);
    }
  }

  #handleReaction(message: Message): void {
    const reaction = parseReaction(message);
    if (reaction === undefined || !this.#isRead(reaction.target, reaction.from)) return;
    this.#link.afterResume(() => { // its message may be about to be shown
      this.#link.report(`${reaction.target}: ${describeReaction(reaction, this.#excerpts.get(reaction.to))}`);
    });
  }

  #isRead(target: string, from: string): boolean {
    return this.#rooms.some(({ range }) =>
      isSameName(range.target, target) || isSameName(range.target, from)
    );
  }

  async #show(items: readonly HistoryItem[]): Promise<void> {
    for (const item of items) {
      this.#newest = Math.max(this.#newest, item.time);
      if (item.kind === "message") this.#excerpts.add(item, item.channel ?? item.from);
    }
    await this.#read.shown.show(items, undefined);
  }
}
