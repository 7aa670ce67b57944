/** Does what the hub can't do itself (`hub/model/state/async_job.ts`), and brings it the outcome in a turn. */
import { unreachable } from "../base/assert.ts";
import { nextLoopIteration } from "../base/event_loop.ts";
import { subnetOf } from "../base/ip.ts";
import type { AddressSet } from "../base/ip.ts";
import type { CommandJob, HashJob, HashRefusal, Job } from "../hub/model/state/async_job.ts";
import { deriveCredentials } from "../irc/sasl/scram_server.ts";
import { HashQueue } from "./hash_queue.ts";
import type { TurnQueue } from "./turn_queue.ts";

/** Passwords that are hashed at one time: each takes a thread, and as much of the processor as it gets. */
const MAX_HASHES_AT_ONCE = 2;

/** As long as a full queue takes at the most (`MAX_WAITING_HASHES`). */
const HASHING_BUSY: HashRefusal = { kind: "busy", waitMs: 10_000 };

/** Commands are the business of `console_runner.ts`. */
type RunnableJob = Exclude<Job, CommandJob>;

export class JobRunner {
  readonly #turnQueue: Pick<TurnQueue, "run">;
  readonly #factsSaved: () => Promise<string | undefined>;
  readonly #exempt: AddressSet;
  readonly #derive: typeof deriveCredentials;
  #runningHashes = 0;
  /** Each is called once: `true`: it is its turn to be hashed; `false`: there is no space for it. */
  readonly #waitingHashes = new HashQueue<(hash: boolean) => void>();

  /**
   * `factsSaved` brings all facts so far to disk, and resolves with why that failed. Of `exempt` hosts as many passwords may wait as of
   * all together. `derive` hashes; another one is for tests.
   */
  constructor(
    turn: Pick<TurnQueue, "run">,
    factsSaved: () => Promise<string | undefined>,
    exempt: AddressSet,
    derive: typeof deriveCredentials = deriveCredentials,
  ) {
    this.#turnQueue = turn;
    this.#factsSaved = factsSaved;
    this.#exempt = exempt;
    this.#derive = derive;
  }

  async run(errand: RunnableJob): Promise<void> {
    const go = await this.#outcome(errand);
    await this.#turnQueue.run((hub, now) => hub.resume(errand.session, go, now), errand.session);
  }

  async #outcome(errand: RunnableJob): Promise<() => void> {
    switch (errand.kind) {
      case "derive":
        return await this.#hash(errand);
      case "save": {
        const trouble = await this.#factsSaved();
        return () => errand.done(trouble);
      }
      case "yield":
        await nextLoopIteration();
        return () => errand.done();
      default:
        return unreachable(errand);
    }
  }

  async #hash(job: HashJob): Promise<() => void> {
    if (!await this.#waitForHashSlot(job.session.host)) return () => job.onRefused(HASHING_BUSY);
    try {
      let waitMs = 0;
      await this.#turnQueue.run((_hub, now) => void (waitMs = job.countAttempt(now)));
      if (waitMs > 0) return () => job.onRefused({ kind: "attempts", waitMs });
      const credentials = await this.#derive(job.password, job.salt, job.iterations);
      return () => job.done(credentials);
    } finally {
      const next = this.#waitingHashes.shift();
      if (next === undefined) this.#runningHashes--;
      else next(true);
    }
  }

  /** Resolves when a hash for a client at `host` may begin, or with false when it will not. */
  #waitForHashSlot(host: string): Promise<boolean> {
    if (this.#runningHashes < MAX_HASHES_AT_ONCE) {
      this.#runningHashes++;
      return Promise.resolve(true);
    }
    return new Promise((resolve) =>
      this.#waitingHashes.push(subnetOf(host), resolve, this.#exempt.has(host))?.(false)
    );
  }
}
