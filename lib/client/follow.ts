/** Shows the history of one target and goes on with what is said, across losses of the connection. */
import { printable } from "../base/printable.ts";
import type { Io } from "../cli/command.ts";
import type { ExitCode } from "../cli/exit_codes.ts";
import { EXIT, exitCodeOf } from "../cli/exit_codes.ts";
import { fail } from "../cli/output.ts";
import { sameName } from "../irc/casemap.ts";
import type { Access } from "./access.ts";
import { observerOf } from "./access.ts";
import { connectFailed } from "./failure_words.ts";
import type { Entry } from "./entry.ts";
import { entryOf } from "./entry.ts";
import { parseSource } from "../irc/message.ts";
import type { Message } from "../irc/message.ts";
import { excerpt, reactionOf } from "../irc/reaction.ts";
import type { Link } from "./link.ts";
import type { Item, Position } from "./loss.ts";
import type { Range, ReadOutcome } from "./reader.ts";
import { startOf, targetOn } from "./reader.ts";
import { failureOf, textOf } from "./refusal.ts";
import { replay } from "./replay.ts";
import { Seam } from "./seam.ts";
import type { SessionEvent } from "./session.ts";
import { SteadyLink } from "./steady_link.ts";

export interface FollowOptions {
  readonly access: Access;
  readonly range: Range;
  /** Where an earlier run has got to; undefined: `range` says where to begin. */
  readonly position: Position | undefined;
  /** Whether to come back after a loss of the connection. */
  readonly retry: boolean;
  readonly io: Io;
  readonly signal: AbortSignal;
  /** Called in order; resolves when `items` are shown, after which nothing up to `position` need be shown again. */
  readonly show: (items: readonly Item[], position: Position | undefined) => Promise<void>;
  readonly onNewLog: (position: Position) => void;
  /** The history could not be read, or the server does not let us follow: answers an exit code, or undefined to go on. */
  readonly onTrouble: (trouble: Exclude<ReadOutcome, { kind: "done" }>) => ExitCode | undefined;
}

/** Entries that may wait for a reader of standard output that is slow; what is more comes out of the history, later. */
const MAX_WAITING_ENTRIES = 10_000;

/** Messages of which it is known how they begin, in case that they are reacted to. */
const MAX_QUOTABLE = 500;

/** FOLLOW's and JOIN's words for a target that is not there. */
const NO_SUCH_TARGET = new Set(["NO_SUCH_CHANNEL", "NO_SUCH_NICK"]);

/** Runs until `signal` is aborted, the server refuses for good, or a loss that is not to be made good; answers the exit code. */
export async function follow(options: FollowOptions): Promise<ExitCode> {
  return await new Follower(options).run();
}

class Follower {
  readonly #options: FollowOptions;
  readonly #seam: Seam;
  readonly #done = Promise.withResolvers<ExitCode>();
  readonly #steady: SteadyLink;
  /** One after the other: a connection that comes back goes on where the last one has got to. */
  #resuming: Promise<void> = Promise.resolve();
  #waiting = 0;
  /** By id, how messages are quoted when they are reacted to; the oldest first. */
  readonly #shown = new Map<string, string>();
  /** What is followed: a room may get another name meanwhile. */
  #target: string;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#target = options.range.target;
    this.#seam = new Seam(options.position);
    const registration = observerOf(options.access);
    this.#steady = new SteadyLink({
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
            this.#seam.close();
            return this.#lost(printable(state.text));
          case "trying":
          case "failed":
            return;
          case "over":
            return this.#done.resolve(connectFailed(options.io, state.failure, options.access));
        }
      },
    });
  }

  async run(): Promise<ExitCode> {
    const { io, access, signal } = this.#options;
    const onAbort = () => this.#done.resolve(exitCodeOf(signal));
    signal.addEventListener("abort", onAbort);
    try {
      const outcome = await this.#steady.start();
      if (outcome.kind !== "connected") return connectFailed(io, outcome, access, signal);
      return await this.#done.promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
      await this.#steady.close();
    }
  }

  #lost(text: string): void {
    const { retry, io } = this.#options;
    if (retry) return this.#say(`connection lost (${text}); trying again`);
    this.#done.resolve(fail(io, EXIT.tryAgain, `connection lost (${text}); --no-retry: not trying again`));
  }

  /** Follows, then reads what came before: everything asked for the first time, later what was missed. */
  async #resume(link: Link): Promise<void> {
    const { signal, onTrouble, onNewLog, io } = this.#options;
    if (this.#options.range.isLobby) this.#target = targetOn(link.session.isupport, this.#options.range);
    const range = { ...this.#options.range, target: this.#target };
    await io.stdout.flush(); // a reader too slow to keep up must not be given more meanwhile
    const command = link.session.observing ? "FOLLOW" : "JOIN";
    const followed = await link.request({ command, params: [range.target] });
    const failure = followed.kind === "answered" ? failureOf(followed.lines) : undefined;
    if (failure !== undefined) {
      const kind = NO_SUCH_TARGET.has(failure.params[1] ?? "") ? "no_such_target" : "failed";
      return this.#trouble({ kind, text: textOf(failure) });
    }
    const seam = this.#seam;
    const show = (items: Item[]) => this.#show(items);
    const now = io.clock.now();
    const outcome = await replay({ link, range, seam, now, signal, show, onNewLog });
    if (outcome.kind === "lost" || !link.alive) return; // the next connection goes on from here
    if (outcome.kind !== "done") {
      const code = onTrouble(outcome);
      if (code !== undefined) return this.#done.resolve(code);
    }
    await this.#show(seam.open(startOf(range)));
  }

  #trouble(trouble: Exclude<ReadOutcome, { kind: "done" }>): void {
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
    const entry = entryOf(message, this.#options.io.clock.now());
    if (entry === undefined || !concerns(entry, this.#target)) return;
    const items = this.#seam.live(entry);
    if (this.#seam.full) this.#steady.link?.drop("too much was said while the history was read");
    if (items.length === 0) return;
    if (++this.#waiting > MAX_WAITING_ENTRIES) {
      this.#steady.link?.drop("what is shown is read too slowly");
    }
    this.#show(items).then(() => this.#waiting--).catch(this.#done.reject);
  }

  #renamed({ params: [from = "", to = ""] }: Message): void {
    if (!sameName(from, this.#target)) return;
    this.#target = to;
    this.#say(printable(`${from} is called ${to} now`));
  }

  /** A message is taken back: history has it no more. */
  #redacted({ source, params: [target = "", id = "", reason = ""] }: Message): void {
    const by = parseSource(source ?? "").nick;
    if (!sameName(target, this.#target) && !sameName(by, this.#target)) return;
    const why = reason === "" ? "" : ` (${reason})`;
    this.#say(printable(`${by} has removed the message ${id}${why}`));
  }

  /** It is in no page of history, and so no item. */
  #reacted(message: Message): void {
    const reaction = reactionOf(message);
    if (reaction === undefined) return;
    const { from, target, text, removed, to } = reaction;
    if (!sameName(target, this.#target) && !sameName(from, this.#target)) return;
    const of = this.#shown.get(to ?? "") ?? "an earlier message";
    this.#say(printable(`${from} ${removed ? "takes back" : "reacted"} ${text} to ${of}`));
  }

  #show(items: readonly Item[]): Promise<void> {
    for (const item of items) {
      if (item.type === "gap" || item.id === undefined) continue;
      this.#shown.set(item.id, `${item.from}: «${excerpt(item.text)}»`);
      if (this.#shown.size > MAX_QUOTABLE) this.#shown.delete(this.#shown.keys().next().value!);
    }
    return this.#options.show(items, this.#seam.position);
  }

  #say(text: string): void {
    this.#options.io.stderr.write(`chatterbox: ${text}\n`);
  }
}

/** In the room, or between us and the person, whichever `target` is. */
function concerns(entry: Entry, target: string): boolean {
  if (entry.room !== undefined) return sameName(entry.room, target);
  return sameName(entry.from, target) || sameName(entry.to, target);
}
