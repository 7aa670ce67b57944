/** Shows the history of one target and goes on with what is said, across losses of the connection. */
import { printable } from "../base/printable.ts";
import type { Io } from "../cli/command.ts";
import type { ExitCode } from "../cli/exit_codes.ts";
import { exitCodeOf } from "../cli/exit_codes.ts";
import { sameName } from "../irc/casemap.ts";
import type { Access } from "./access.ts";
import { connectFailed, observerOf } from "./access.ts";
import type { Entry } from "./entry.ts";
import { entryOf } from "./entry.ts";
import { anchorAt, anchorOf } from "./history.ts";
import type { Link } from "./link.ts";
import { readForwards, readHistory } from "./reader.ts";
import type { Range, ReadOutcome } from "./reader.ts";
import { failureOf, textOf } from "./refusal.ts";
import { Seam } from "./seam.ts";
import type { SessionEvent } from "./session.ts";
import { SteadyLink } from "./steady_link.ts";

export interface FollowOptions {
  readonly access: Access;
  readonly range: Range;
  readonly io: Io;
  readonly signal: AbortSignal;
  readonly onEntries: (entries: Entry[]) => Promise<void>;
  /** The history could not be read, or the server does not let us follow: answers an exit code, or undefined to go on. */
  readonly onTrouble: (trouble: Exclude<ReadOutcome, { kind: "done" }>) => ExitCode | undefined;
}

/** Runs until `signal` is aborted or the server refuses for good; answers the exit code. */
export async function follow(options: FollowOptions): Promise<ExitCode> {
  return await new Follower(options).run();
}

class Follower {
  readonly #options: FollowOptions;
  readonly #seam = new Seam();
  readonly #done = Promise.withResolvers<ExitCode>();
  readonly #steady: SteadyLink;
  /** One after the other: a connection that comes back goes on where the last one has got to. */
  #resuming: Promise<void> = Promise.resolve();

  constructor(options: FollowOptions) {
    this.#options = options;
    const registration = observerOf(options.access);
    this.#steady = new SteadyLink({
      address: options.access.address,
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
            return this.#say(`connection lost (${printable(state.text)}); trying again`);
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

  /** Follows, then reads what came before: everything asked for the first time, later what was missed. */
  async #resume(link: Link): Promise<void> {
    const { range, signal, onEntries, onTrouble, io } = this.#options;
    const command = link.session.observing ? "FOLLOW" : "JOIN";
    const followed = await link.request({ command, params: [range.target] });
    const failure = followed.kind === "answered" ? failureOf(followed.lines) : undefined;
    if (failure !== undefined) return this.#trouble({ kind: "failed", text: textOf(failure) });
    const show = (entries: Entry[]) => onEntries(this.#seam.fresh(entries));
    const { last } = this.#seam;
    const now = io.clock.now();
    let outcome = last === undefined
      ? await readHistory(link, range, now, signal, show)
      : await readForwards(link, range, anchorOf(last), now, signal, show);
    if (last !== undefined && outcome.kind === "failed") {
      // The server has another log than before: what it has since then is all news.
      this.#seam.forget();
      outcome = await readForwards(link, range, anchorAt(last.time), now, signal, show);
    }
    if (outcome.kind === "lost" || !link.alive) return; // the next connection goes on from here
    if (outcome.kind !== "done") {
      const code = onTrouble(outcome);
      if (code !== undefined) return this.#done.resolve(code);
    }
    await onEntries(this.#seam.open());
  }

  #trouble(trouble: Exclude<ReadOutcome, { kind: "done" }>): void {
    const code = this.#options.onTrouble(trouble);
    if (code !== undefined) this.#done.resolve(code);
  }

  #onEvent(event: SessionEvent): void {
    if (event.kind !== "line") return;
    const { range, io, onEntries } = this.#options;
    const entry = entryOf(event.message, io.clock.now());
    if (entry === undefined || !concerns(entry, range.target) || !range.wanted(entry)) return;
    onEntries(this.#seam.live(entry)).catch(this.#done.reject);
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
