/** `join --notify`: a program that runs for each message that the person is notified of, one at a time. */
import { TokenBucket } from "../../lib/base/token_bucket.ts";
import type { Rate } from "../../lib/base/token_bucket.ts";
import type { Clock } from "../../lib/base/clock.ts";
import type { MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { MessageProgram } from "../support/message_program.ts";

/** Runs of the program. */
export const NOTIFY_RATE: Rate = { count: 30, ms: 60_000 };
/** Messages that wait for a run. */
export const MAX_NOTIFY_QUEUE = 20;
/** Pause between two sentences about messages that are left out. */
const TOLD_EVERY_MS = 60_000;

interface WaitingMessage {
  readonly entry: MessageEntry;
  readonly me: string;
}

/** What is needed of {@link MessageProgram}. */
export type NotifyRunner = Pick<MessageProgram, "run">;

export class NotifyProgram {
  readonly #runner: NotifyRunner;
  readonly #clock: Clock;
  readonly #ended: AbortController;
  readonly #runs: TokenBucket;
  readonly #queue: WaitingMessage[] = [];
  #isRunning = false;
  /** The failure of the last run; "": it went well. */
  #failure = "";
  #leftOutAt = -Infinity;
  /** Tells the person of a failure; set before a message comes. */
  tell: (text: string) => void = () => {};

  constructor(runner: NotifyRunner, clock: Clock, ended = new AbortController()) {
    this.#runner = runner;
    this.#clock = clock;
    this.#ended = ended;
    this.#runs = new TokenBucket(NOTIFY_RATE, clock.now());
  }

  /** @throws As {@link MessageProgram.open}. */
  static async open(line: string, clock: Clock): Promise<NotifyProgram> {
    const ended = new AbortController();
    const options = { flag: "--notify", output: "null", signal: ended.signal } as const;
    return new NotifyProgram(await MessageProgram.open(line, options), clock, ended);
  }

  /** Runs the program for `entry`, after those before it. `me`: our nick. */
  add(entry: MessageEntry, me: string): void {
    const now = this.#clock.now();
    if (this.#queue.length >= MAX_NOTIFY_QUEUE || this.#runs.take(1, now) === 0) return this.#leaveOut(now);
    this.#queue.push({ entry, me });
    if (!this.#isRunning) void this.#run();
  }

  /** Drops what waits, and ends the program that runs (SIGTERM). */
  close(): void {
    this.#queue.length = 0;
    this.#ended.abort();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const failure = await this.#runner.run(next.entry, next.me) ?? "";
      // A program that cannot work fails for each message: one sentence is enough.
      if (failure !== "" && failure !== this.#failure) {
        this.tell(`--notify: ${failure} (message of ${next.entry.from})`);
      }
      this.#failure = failure;
    }
    this.#isRunning = false;
  }

  #leaveOut(now: number): void {
    if (now - this.#leftOutAt < TOLD_EVERY_MS) return;
    this.#leftOutAt = now;
    this.tell(
      `--notify: messages come faster than it runs (at most ${NOTIFY_RATE.count} a minute); some are left out`,
    );
  }
}
