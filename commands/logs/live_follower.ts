/** Shows the history of one target and goes on with live messages, over any number of connections. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { isSameName } from "../../lib/irc/names/casemap.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { makeObserverRegistration } from "../support/client_login.ts";
import { reportConnectFailure } from "../support/connect_failure_text.ts";
import { describeReaction, describeRedaction, describeRename } from "./follow_reports.ts";
import { parseSource } from "../../lib/irc/message.ts";
import type { Message } from "../../lib/irc/message.ts";
import { parseReaction } from "../../lib/irc/reaction.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import { ReconnectingLink } from "../../lib/client/connection/reconnecting_link.ts";
import type { ChatEntry, HistoryItem, MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { parseMessageEntry } from "../../lib/client/conversation/model/entry_parser.ts";
import { MessageExcerpts } from "../../lib/client/conversation/model/message_excerpts.ts";
import type { ReadPosition } from "../../lib/client/conversation/model/read_position.ts";
import { startPositionOf } from "../../lib/client/conversation/sync/history_read.ts";
import { LiveMerge } from "../../lib/client/conversation/sync/live_merge.ts";
import { SeenMessages } from "../../lib/client/conversation/sync/seen_messages.ts";
import { readFromServer, resolveRange } from "../../lib/client/history/history_reader.ts";
import type { HistoryReadFailure, WantedRange } from "../../lib/client/history/history_reader.ts";
import { explainFailure, findFailureReply } from "../../lib/client/session/failure_reply.ts";
import type { SessionEvent } from "../../lib/client/session/session_event.ts";

export interface FollowOptions {
  readonly access: ClientLogin;
  readonly range: WantedRange;
  /** How far an earlier run has got; undefined: `range` says where to begin. */
  readonly position: ReadPosition | undefined;
  /** Whether to connect again after a connection loss. */
  readonly retry: boolean;
  readonly io: Io;
  readonly signal: AbortSignal;
  /**
   * Called in order; resolves when `items` are shown, after which nothing up to `position` need be shown
   * again.
   */
  readonly show: (items: readonly HistoryItem[], position: ReadPosition | undefined) => Promise<void>;
  readonly onNewLog: (position: ReadPosition) => void;
  /**
   * The history could not be read, or the server does not let us follow: returns an exit code, or undefined
   * to go on.
   */
  readonly onTrouble: (trouble: HistoryReadFailure) => ExitCode | undefined;
}

/** Entries that may wait for a slow reader of standard output; any more are read from history later. */
export const MAX_WAITING_ENTRIES = 10_000;

/** FOLLOW's and JOIN's codes for a target that does not exist. */
const NO_SUCH_TARGET = new Set(["NO_SUCH_CHANNEL", "NO_SUCH_NICK"]);

/**
 * Runs until `signal` is aborted, the server refuses for good, or a loss without `retry`; returns the exit
 * code.
 */
export async function followTarget(options: FollowOptions): Promise<ExitCode> {
  return await new LiveFollower(options).run();
}

class LiveFollower {
  readonly #options: FollowOptions;
  readonly #seen = new SeenMessages();
  readonly #merge: LiveMerge;
  readonly #excerpts = new MessageExcerpts();
  readonly #done = Promise.withResolvers<ExitCode>();
  readonly #link: ReconnectingLink;
  /** One after the other: a new connection goes on where the last one has got to. */
  #resuming: Promise<void> = Promise.resolve();
  #waiting = 0;
  /** What is followed: a channel may be renamed meanwhile. */
  #target: string;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#target = options.range.target;
    this.#merge = new LiveMerge({ seen: this.#seen, position: options.position });
    const registration = makeObserverRegistration(options.access);
    this.#link = new ReconnectingLink({
      address: options.access.address,
      trust: options.access.trust,
      registration: () => registration,
      signal: options.signal,
      onEvent: (event) => this.#onEvent(event),
      onState: (state) => {
        switch (state.kind) {
          case "up":
            if (state.again) this.#report("connected again");
            this.#resuming = this.#resuming.then(() => this.#resume(state.link)).catch(this.#done.reject);
            return;
          case "down":
            this.#merge.dropHeld();
            return this.#onLoss(toPrintable(state.text));
          case "trying":
          case "failed":
            return;
          case "over":
            return this.#done.resolve(reportConnectFailure(options.io, state.failure, options.access));
        }
      },
    });
  }

  async run(): Promise<ExitCode> {
    const { io, access, signal } = this.#options;
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
    const { retry, io } = this.#options;
    if (retry) return this.#report(`connection lost: ${text}; trying again`);
    this.#done.resolve(
      reportFailure(io, EXIT.tryAgain, `connection lost: ${text}; not trying again (--no-retry)`),
    );
  }

  /** Follows, then reads what came before: everything asked for the first time, later what was missed. */
  async #resume(link: Link): Promise<void> {
    const { signal, onNewLog, io, range: wanted } = this.#options;
    if (wanted.isLobby) this.#target = resolveRange(link.session.isupport, wanted).target;
    const range = { ...wanted, target: this.#target };
    await io.stdout.flush(); // a reader too slow to keep up must not be given more meanwhile
    const command = link.session.isObserver ? "FOLLOW" : "JOIN";
    const followed = await link.request({ command, params: [range.target] });
    const failure = followed.kind === "answered" ? findFailureReply(followed.lines) : undefined;
    if (failure !== undefined) {
      const kind = NO_SUCH_TARGET.has(failure.params[1] ?? "") ? "no_such_target" : "failed";
      return void this.#handleTrouble({ kind, text: explainFailure(failure) });
    }
    const merge = this.#merge;
    const show = (items: readonly HistoryItem[]) => this.#show(items);
    const outcome = await readFromServer({ link, range, merge, now: io.clock.now(), signal, show, onNewLog });
    if (outcome.kind === "lost" || !link.isAlive) return; // the next connection goes on from here
    if (outcome.kind !== "done" && this.#handleTrouble(outcome)) return;
    await this.#show(merge.finishHistory(startPositionOf(range)));
  }

  /** True where that is the end. */
  #handleTrouble(trouble: HistoryReadFailure): boolean {
    const code = this.#options.onTrouble(trouble);
    if (code !== undefined) this.#done.resolve(code);
    return code !== undefined;
  }

  #onEvent(event: SessionEvent): void {
    if (event.kind !== "line") return;
    const { message } = event;
    if (message.command === "RENAME") return this.#handleRename(message);
    if (message.command === "REDACT") return this.#handleRedaction(message);
    if (message.command === "TAGMSG") {
      void this.#resuming.then(() => this.#handleReaction(message)); // its message may be about to be shown
      return;
    }
    const entry = parseMessageEntry(message, this.#options.io.clock.now());
    if (entry === undefined || !isForTarget(entry, this.#target) || !this.#seen.addIfNew(entry.id)) return;
    const items = this.#merge.mergeLive(entry);
    if (this.#merge.held.isFull) this.#link.link?.abort("too many new messages while history was read");
    if (items.length === 0) return;
    if (++this.#waiting > MAX_WAITING_ENTRIES) {
      this.#link.link?.abort("the reader of standard output is too slow");
    }
    this.#show(items).then(() => this.#waiting--).catch(this.#done.reject);
  }

  #handleRename({ params: [from = "", to = ""] }: Message): void {
    if (!isSameName(from, this.#target)) return;
    this.#target = to;
    this.#report(toPrintable(describeRename(from, to)));
  }

  /** A message is redacted: history no longer has it. */
  #handleRedaction({ source, params: [target = "", id = "", reason = ""] }: Message): void {
    const by = parseSource(source ?? "").nick;
    if (!isSameName(target, this.#target) && !isSameName(by, this.#target)) return;
    if (this.#excerpts.isReplaced(id, by, target)) return; // it has been edited, as the new text says
    this.#report(toPrintable(describeRedaction(by, id, reason)));
  }

  /** Reactions are in no page of history, and so no items. */
  #handleReaction(message: Message): void {
    const reaction = parseReaction(message);
    if (reaction === undefined) return;
    const { from, target, to } = reaction;
    if (!isSameName(target, this.#target) && !isSameName(from, this.#target)) return;
    this.#report(toPrintable(describeReaction(reaction, this.#excerpts.get(to))));
  }

  #show(entries: readonly ChatEntry[]): Promise<void> {
    const items = entries.filter((entry) => entry.kind === "message" || entry.kind === "gap");
    for (const item of items) if (item.kind === "message") this.#excerpts.add(item, this.#target);
    return this.#options.show(items, this.#merge.position);
  }

  #report(text: string): void {
    this.#options.io.stderr.write(`chatterbox: ${text}\n`);
  }
}

/** Whether `message` is in the channel `target`, or between us and the user `target`. */
export function isForTarget({ channel, from, to }: MessageEntry, target: string): boolean {
  if (channel !== undefined) return isSameName(channel, target);
  return isSameName(from, target) || isSameName(to, target);
}
