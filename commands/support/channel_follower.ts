/** Shows the history of one target and goes on with what is said, across losses of the connection. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { isSameName } from "../../lib/irc/names/casemap.ts";
import type { ClientLogin } from "./client_login.ts";
import { makeObserverRegistration } from "./client_login.ts";
import { reportConnectFailure } from "./connect_failure_text.ts";
import { parseSource } from "../../lib/irc/message.ts";
import type { Message } from "../../lib/irc/message.ts";
import { makeExcerpt, parseReaction } from "../../lib/irc/reaction.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import type { ReadPosition } from "../../lib/client/history/history_gap.ts";
import type { HistoryRange, HistoryReadOutcome } from "../../lib/client/history/history_reader.ts";
import { resolveTarget, startPositionOf } from "../../lib/client/history/history_reader.ts";
import { explainFailure, findFailureReply } from "../../lib/client/session/failure_reply.ts";
import { resumeHistoryRead } from "../../lib/client/history/resumed_read.ts";
import { LiveMerge } from "../../lib/client/history/live_merge.ts";
import type { SessionEvent } from "../../lib/client/session/client_session.ts";
import { ReconnectingLink } from "../../lib/client/connection/reconnecting_link.ts";
import type { HistoryItem, MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { parseMessageEntry } from "../../lib/client/conversation/model/entry_parser.ts";

export interface FollowOptions {
  readonly access: ClientLogin;
  readonly range: HistoryRange;
  /** Where an earlier run has got to; undefined: `range` says where to begin. */
  readonly position: ReadPosition | undefined;
  /** Whether to come back after a loss of the connection. */
  readonly retry: boolean;
  readonly io: Io;
  readonly signal: AbortSignal;
  /** Called in order; resolves when `items` are shown, after which nothing up to `position` need be shown again. */
  readonly show: (items: readonly HistoryItem[], position: ReadPosition | undefined) => Promise<void>;
  readonly onNewLog: (position: ReadPosition) => void;
  /** The history could not be read, or the server does not let us follow: answers an exit code, or undefined to go on. */
  readonly onTrouble: (trouble: Exclude<HistoryReadOutcome, { kind: "done" }>) => ExitCode | undefined;
}

/** Entries that may wait for a reader of standard output that is slow; what is more comes out of the history, later. */
const MAX_WAITING_ENTRIES = 10_000;

/** Messages of which it is known how they begin, in case that they are reacted to. */
const MAX_QUOTABLE = 500;

/** FOLLOW's and JOIN's words for a target that is not there. */
const NO_SUCH_TARGET = new Set(["NO_SUCH_CHANNEL", "NO_SUCH_NICK"]);

/** Runs until `signal` is aborted, the server refuses for good, or a loss that is not to be made good; answers the exit code. */
export async function followTarget(options: FollowOptions): Promise<ExitCode> {
  return await new ChannelFollower(options).run();
}

class ChannelFollower {
  readonly #options: FollowOptions;
  readonly #seam: LiveMerge;
  readonly #done = Promise.withResolvers<ExitCode>();
  readonly #steady: ReconnectingLink;
  /** One after the other: a connection that comes back goes on where the last one has got to. */
  #resuming: Promise<void> = Promise.resolve();
  #waiting = 0;
  /** By id, how messages are quoted when they are reacted to; the oldest first. */
  readonly #shown = new Map<string, string>();
  /** What is followed: a channel may get another name meanwhile. */
  #target: string;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#target = options.range.target;
    this.#seam = new LiveMerge(options.position);
    const registration = makeObserverRegistration(options.access);
    this.#steady = new ReconnectingLink({
      address: options.access.address,
      trust: options.access.trust,
      registration: () => registration,
      signal: options.signal,
      onEvent: (event) => this.#onEvent(event),
      onState: (state) => {
        switch (state.kind) {
          case "up":
            if (state.again) this.#say("connected again");
            this.#resuming = this.#resuming.then(() => this.#resume(state.link)).catch(this.#done.reject);
            return;
          case "down":
            this.#seam.dropHeld();
            return this.#lost(toPrintable(state.text));
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
      const outcome = await this.#steady.start();
      if (outcome.kind !== "connected") return reportConnectFailure(io, outcome, access, signal);
      return await this.#done.promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
      await this.#steady.close();
    }
  }

  #lost(text: string): void {
    const { retry, io } = this.#options;
    if (retry) return this.#say(`connection lost (${text}); trying again`);
    this.#done.resolve(
      reportFailure(io, EXIT.tryAgain, `connection lost (${text}); --no-retry: not trying again`),
    );
  }

  /** Follows, then reads what came before: everything asked for the first time, later what was missed. */
  async #resume(link: Link): Promise<void> {
    const { signal, onTrouble, onNewLog, io } = this.#options;
    if (this.#options.range.isLobby) this.#target = resolveTarget(link.session.isupport, this.#options.range);
    const range = { ...this.#options.range, target: this.#target };
    await io.stdout.flush(); // a reader too slow to keep up must not be given more meanwhile
    const command = link.session.isObserver ? "FOLLOW" : "JOIN";
    const followed = await link.request({ command, params: [range.target] });
    const failure = followed.kind === "answered" ? findFailureReply(followed.lines) : undefined;
    if (failure !== undefined) {
      const kind = NO_SUCH_TARGET.has(failure.params[1] ?? "") ? "no_such_target" : "failed";
      return this.#trouble({ kind, text: explainFailure(failure) });
    }
    const seam = this.#seam;
    const show = (items: HistoryItem[]) => this.#show(items);
    const now = io.clock.now();
    const outcome = await resumeHistoryRead({ link, range, merge: seam, now, signal, show, onNewLog });
    if (outcome.kind === "lost" || !link.isAlive) return; // the next connection goes on from here
    if (outcome.kind !== "done") {
      const code = onTrouble(outcome);
      if (code !== undefined) return this.#done.resolve(code);
    }
    await this.#show(seam.finishHistory(startPositionOf(range)));
  }

  #trouble(trouble: Exclude<HistoryReadOutcome, { kind: "done" }>): void {
    const code = this.#options.onTrouble(trouble);
    if (code !== undefined) this.#done.resolve(code);
  }

  #onEvent(event: SessionEvent): void {
    if (event.kind !== "line") return;
    const { message } = event;
    if (message.command === "RENAME") return this.#renamed(message);
    if (message.command === "REDACT") return this.#redacted(message);
    if (message.command === "TAGMSG") {
      void this.#resuming.then(() => this.#reacted(message)); // what it is for may be about to be shown
      return;
    }
    const entry = parseMessageEntry(message, this.#options.io.clock.now());
    if (entry === undefined || !isForTarget(entry, this.#target)) return;
    const items = this.#seam.mergeLive(entry);
    if (this.#seam.isFull) this.#steady.link?.abort("too much was said while the history was read");
    if (items.length === 0) return;
    if (++this.#waiting > MAX_WAITING_ENTRIES) {
      this.#steady.link?.abort("what is shown is read too slowly");
    }
    this.#show(items).then(() => this.#waiting--).catch(this.#done.reject);
  }

  #renamed({ params: [from = "", to = ""] }: Message): void {
    if (!isSameName(from, this.#target)) return;
    this.#target = to;
    this.#say(toPrintable(`${from} is called ${to} now`));
  }

  /** A message is taken back: history has it no more. */
  #redacted({ source, params: [target = "", id = "", reason = ""] }: Message): void {
    const by = parseSource(source ?? "").nick;
    if (!isSameName(target, this.#target) && !isSameName(by, this.#target)) return;
    const why = reason === "" ? "" : ` (${reason})`;
    this.#say(toPrintable(`${by} has removed the message ${id}${why}`));
  }

  /** It is in no page of history, and so no item. */
  #reacted(message: Message): void {
    const reaction = parseReaction(message);
    if (reaction === undefined) return;
    const { from, target, text, removed, to } = reaction;
    if (!isSameName(target, this.#target) && !isSameName(from, this.#target)) return;
    const of = this.#shown.get(to ?? "") ?? "an earlier message";
    this.#say(toPrintable(`${from} ${removed ? "takes back" : "reacted"} ${text} to ${of}`));
  }

  #show(items: readonly HistoryItem[]): Promise<void> {
    for (const item of items) {
      if (item.kind === "gap" || item.id === undefined) continue;
      this.#shown.set(item.id, `${item.from}: «${makeExcerpt(item.text)}»`);
      if (this.#shown.size > MAX_QUOTABLE) this.#shown.delete(this.#shown.keys().next().value!);
    }
    return this.#options.show(items, this.#seam.position);
  }

  #say(text: string): void {
    this.#options.io.stderr.write(`chatterbox: ${text}\n`);
  }
}

/** In the channel, or between us and the person, whichever `target` is. */
function isForTarget(entry: MessageEntry, target: string): boolean {
  if (entry.channel !== undefined) return isSameName(entry.channel, target);
  return isSameName(entry.from, target) || isSameName(entry.to, target);
}
