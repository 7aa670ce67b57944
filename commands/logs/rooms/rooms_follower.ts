/** Shows the history of several rooms and direct conversations, and goes on with live messages. */
import { toPrintable } from "../../../lib/base/printable_text.ts";
import { EXIT, exitCodeForSignal } from "../../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../../lib/cli/standard_streams.ts";
import type { Link } from "../../../lib/client/connection/link.ts";
import { ReconnectingLink } from "../../../lib/client/connection/reconnecting_link.ts";
import type { HistoryItem, MessageEntry } from "../../../lib/client/conversation/model/chat_entry.ts";
import { parseMessageEntry } from "../../../lib/client/conversation/model/entry_parser.ts";
import { MessageExcerpts } from "../../../lib/client/conversation/model/message_excerpts.ts";
import { startPositionOf } from "../../../lib/client/conversation/sync/history_read.ts";
import { LiveMerge } from "../../../lib/client/conversation/sync/live_merge.ts";
import { SeenMessages } from "../../../lib/client/conversation/sync/seen_messages.ts";
import { findFailureReply } from "../../../lib/client/session/failure_reply.ts";
import type { SessionEvent } from "../../../lib/client/session/session_event.ts";
import { parseSource } from "../../../lib/irc/message.ts";
import type { Message } from "../../../lib/irc/message.ts";
import { isSameName } from "../../../lib/irc/names/casemap.ts";
import { parseReaction } from "../../../lib/irc/reaction.ts";
import { makeObserverRegistration } from "../../support/client_login.ts";
import { reportConnectFailure } from "../../support/connect_failure_text.ts";
import { describeReaction, describeRedaction, describeRename } from "../follow_reports.ts";
import { isForTarget, MAX_WAITING_ENTRIES } from "../live_follower.ts";
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
  readonly #retry: boolean;
  readonly #seen = new SeenMessages();
  readonly #excerpts = new MessageExcerpts();
  readonly #done = Promise.withResolvers<ExitCode>();
  readonly #link: ReconnectingLink;
  #rooms: RoomReader[] = [];
  /** One after the other: a new connection goes on where the last one has got to. */
  #resuming: Promise<void> = Promise.resolve();
  #isReading = true;
  #hasBegun = false;
  #waiting = 0;
  /** Time of the newest message. */
  #newest: number;

  constructor(read: RoomsRead, retry: boolean) {
    this.#read = read;
    this.#retry = retry;
    this.#newest = read.io.clock.now();
    const { access, signal, io } = read;
    const registration = makeObserverRegistration(access);
    this.#link = new ReconnectingLink({
      address: access.address,
      trust: access.trust,
      registration: () => registration,
      signal,
      onEvent: (event) => this.#onEvent(event),
      onState: (state) => {
        switch (state.kind) {
          case "up":
            if (state.again) this.#report("connected again");
            this.#resuming = this.#resuming.then(() => this.#resume(state.link)).catch(this.#done.reject);
            return;
          case "down":
            this.#isReading = true;
            for (const { merge } of this.#rooms) merge.dropHeld();
            return this.#onLoss(toPrintable(state.text));
          case "trying":
          case "failed":
            return;
          case "over":
            return this.#done.resolve(reportConnectFailure(io, state.failure, access));
        }
      },
    });
  }

  async run(): Promise<ExitCode> {
    const { io, access, signal } = this.#read;
    const onAbort = () => this.#done.resolve(exitCodeForSignal(signal));
    signal.addEventListener("abort", onAbort);
    try {
      const outcome = await this.#link.start();
      if (outcome.kind !== "connected") return reportConnectFailure(io, outcome, access, signal);
      return await this.#done.promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
      await this.#link.close();
    }
  }

  #onLoss(text: string): void {
    if (this.#retry) return this.#report(`connection lost: ${text}; trying again`);
    const why = `connection lost: ${text}; not trying again (--no-retry)`;
    this.#done.resolve(reportFailure(this.#read.io, EXIT.tryAgain, why));
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
    if (typeof targets === "number") return this.#done.resolve(targets);
    this.#addRooms(targets);
    for (const { range: { target } } of this.#rooms) {
      if (all && isObserver && target.startsWith("#")) continue;
      const answer = await link.request({ command: isObserver ? "FOLLOW" : "JOIN", params: [target] });
      const failure = answer.kind === "answered" ? findFailureReply(answer.lines) : undefined;
      if (failure !== undefined) this.#report(`cannot follow ${target}: ${failure.params.at(-1)}`);
    }
    const failures = await readAll(link, this.#rooms, this.#read, (items) => this.#show(items));
    if (!link.isAlive || signal.aborted) return; // the next connection goes on from here
    const code = reportFailures(failures, this.#rooms, this.#read);
    if (code !== EXIT.ok && failures.size === this.#rooms.length) return this.#done.resolve(code);
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

  #onEvent(event: SessionEvent): void {
    if (event.kind !== "line") return;
    const { message } = event;
    if (message.command === "RENAME") return this.#handleRename(message);
    if (message.command === "REDACT") return this.#handleRedaction(message);
    if (message.command === "TAGMSG") return this.#handleReaction(message);
    const entry = parseMessageEntry(message, this.#read.io.clock.now());
    const room = entry && this.#roomOf(entry);
    if (entry === undefined || room === undefined || !this.#seen.addIfNew(entry.id)) return;
    const items = room.merge.mergeLive(entry).filter((item) => item.kind === "message");
    if (room.merge.held.isFull) this.#link.link?.abort("too many new messages while history was read");
    if (items.length === 0) return;
    if (++this.#waiting > MAX_WAITING_ENTRIES) {
      this.#link.link?.abort("the reader of standard output is too slow");
    }
    this.#show(items).then(() => this.#waiting--).catch(this.#done.reject);
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
    this.#report(describeRename(from, to));
  }

  #handleRedaction({ source, params: [target = "", id = "", reason = ""] }: Message): void {
    const by = parseSource(source ?? "").nick;
    if (this.#isRead(target, by) && !this.#excerpts.isReplaced(id, by, target)) {
      this.#report(`${target}: ${describeRedaction(by, id, reason)}`);
    }
  }

  #handleReaction(message: Message): void {
    const reaction = parseReaction(message);
    if (reaction === undefined || !this.#isRead(reaction.target, reaction.from)) return;
    void this.#resuming.then(() => { // its message may be about to be shown
      this.#report(`${reaction.target}: ${describeReaction(reaction, this.#excerpts.get(reaction.to))}`);
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

  #report(text: string): void {
    this.#read.io.stderr.write(`chatterbox: ${toPrintable(text)}\n`);
  }
}
