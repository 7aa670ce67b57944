/** Does what the hub can't do itself (`hub/errands.ts`), and brings it the outcome in a turn. */
import { unreachable } from "../base/assert.ts";
import { nextTurn } from "../base/event_loop.ts";
import { siteOf } from "../base/ip.ts";
import type { AddressSet } from "../base/ip.ts";
import type { CommandJob, Errand, HashJob, HashRefusal } from "../hub/errands.ts";
import { deriveCredentials } from "../irc/scram.ts";
import { HashQueue } from "./hash_queue.ts";
import type { Turn } from "./turn.ts";

/** Passwords that are hashed at one time: each takes a thread, and as much of the processor as it gets. */
const MAX_HASHES_AT_ONCE = 2;

/** As long as a full queue takes at the most (`MAX_WAITING_HASHES`). */
const BUSY: HashRefusal = { kind: "busy", waitMs: 10_000 };

/** Commands are the business of `administration.ts`. */
type RunnableErrand = Exclude<Errand, CommandJob>;

export class ErrandRunner {
  readonly #turn: Pick<Turn, "run">;
  readonly #factsSaved: () => Promise<string | undefined>;
  readonly #exempt: AddressSet;
  readonly #derive: typeof deriveCredentials;
  #hashing = 0;
  /** Each is called once: `true`: it is its turn to be hashed; `false`: there is no space for it. */
  readonly #queue = new HashQueue<(hash: boolean) => void>();

  /**
   * `factsSaved` brings all facts so far to disk, and resolves with why that failed. Of `exempt` hosts as many passwords may wait as of
   * all together. `derive` hashes; another one is for tests.
   */
  constructor(
    turn: Pick<Turn, "run">,
    factsSaved: () => Promise<string | undefined>,
    exempt: AddressSet,
    derive: typeof deriveCredentials = deriveCredentials,
  ) {
    this.#turn = turn;
    this.#factsSaved = factsSaved;
    this.#exempt = exempt;
    this.#derive = derive;
  }

  async run(errand: RunnableErrand): Promise<void> {
    const go = await this.#outcome(errand);
    await this.#turn.run((hub, now) => hub.resume(errand.session, go, now), errand.session);
  }

  async #outcome(errand: RunnableErrand): Promise<() => void> {
    switch (errand.kind) {
      case "derive":
        return await this.#hash(errand);
      case "save": {
        const trouble = await this.#factsSaved();
        return () => errand.done(trouble);
      }
      case "yield":
        await nextTurn();
        return () => errand.done();
      default:
        return unreachable(errand);
    }
  }

  async #hash(job: HashJob): Promise<() => void> {
    if (!await this.#myTurn(job.session.host)) return () => job.refused(BUSY);
    try {
      let waitMs = 0;
      await this.#turn.run((_hub, now) => void (waitMs = job.begin(now)));
      if (waitMs > 0) return () => job.refused({ kind: "attempts", waitMs });
      const credentials = await this.#derive(job.password, job.salt, job.iterations);
      return () => job.done(credentials);
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#hashing--;
      else next(true);
    }
  }

  /** Resolves when a hash for a client at `host` may begin, or with false when it will not. */
  #myTurn(host: string): Promise<boolean> {
    if (this.#hashing < MAX_HASHES_AT_ONCE) {
      this.#hashing++;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => this.#queue.push(siteOf(host), resolve, this.#exempt.has(host))?.(false));
  }
}
