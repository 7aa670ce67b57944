/**
 * Runs jobs that the hub cannot do synchronously (`hub/model/state/async_job.ts`), and resumes the session in a
 * turn.
 */
import { unreachable } from "../base/assert.ts";
import { nextLoopIteration } from "../base/event_loop.ts";
import { subnetOf } from "../base/ip.ts";
import type { AddressSet } from "../base/ip.ts";
import type { ArchiveAnswer, ArchiveQuery } from "../log/archive.ts";
import type { CalendarJob, CommandJob, HashJob, HashRefusal, Job } from "../hub/model/state/async_job.ts";
import { isTemporaryOwner } from "../hub/model/identifiers.ts";
import { ownerOf } from "../hub/model/state/entities.ts";
import type { Session } from "../hub/model/state/entities.ts";
import { deriveCredentials } from "../irc/sasl/scram_server.ts";
import { CalendarReader } from "./duty/calendar_reader.ts";
import { FairQueue } from "./fair_queue.ts";
import type { TurnQueue } from "./turn_queue.ts";

/** Passwords hashed at a time: each one uses a thread, and as much CPU time as it gets. */
const MAX_HASHES_AT_ONCE = 2;

/** Waiting hashes of one address: as many as an address may have connections by default (`settings/limit_flags.ts`). */
export const MAX_WAITING_PER_ADDRESS = 100;
/** Waiting hashes of all addresses: about ten seconds of work on two cores, for passphrases (20 ms each). */
const MAX_WAITING_HASHES = 1000;
/** The time that a full queue takes at most (`MAX_WAITING_HASHES`). */
const HASHING_BUSY: HashRefusal = { kind: "busy", waitMs: 10_000 };

/**
 * Answers a query of the hub; undefined: the archive cannot answer now. `requester`: the account or address that it is
 * for; those of one requester wait for each other.
 */
export type AskArchive = (query: ArchiveQuery, requester: string) => Promise<ArchiveAnswer | undefined>;

/** Every job but console commands, which `console_runner.ts` runs. */
type RunnableJob = Exclude<Job, CommandJob>;

export class JobRunner {
  readonly #turnQueue: Pick<TurnQueue, "run">;
  readonly #flushFacts: () => Promise<string | undefined>;
  readonly #exempt: AddressSet;
  readonly #derive: typeof deriveCredentials;
  readonly #askArchive: AskArchive;
  readonly #calendarReader = new CalendarReader();
  #runningHashes = 0;
  /** Each is called once, with `true` when its hash may begin, or with `false` when it is dropped from the queue. */
  readonly #waitingHashes = new FairQueue<(hash: boolean) => void>(
    MAX_WAITING_PER_ADDRESS,
    MAX_WAITING_HASHES,
  );

  /**
   * `flushFacts` brings all facts so far to disk, and resolves with the reason if that failed. Hosts of `exempt`
   * may have as many waiting passwords as the whole queue. `askArchive` answers queries; undefined: it cannot.
   * `derive` hashes a password; tests pass another one.
   */
  constructor(
    turnQueue: Pick<TurnQueue, "run">,
    flushFacts: () => Promise<string | undefined>,
    exempt: AddressSet,
    askArchive: AskArchive = () => Promise.resolve(undefined),
    derive: typeof deriveCredentials = deriveCredentials,
  ) {
    this.#turnQueue = turnQueue;
    this.#flushFacts = flushFacts;
    this.#exempt = exempt;
    this.#askArchive = askArchive;
    this.#derive = derive;
  }

  async run(job: RunnableJob): Promise<void> {
    if (job.kind === "calendar") return await this.#readCalendar(job);
    const go = await this.#outcome(job);
    await this.#turnQueue.run((hub, now) => hub.resume(job.session, go, now), job.session);
  }

  /** Ends the worker of calendars. */
  stop(): void {
    this.#calendarReader.stop();
  }

  async #readCalendar(job: CalendarJob): Promise<void> {
    const reading = await this.#calendarReader.read(job);
    await this.#turnQueue.run((hub, now) => {
      hub.beginTask(now);
      job.done(reading);
    });
  }

  async #outcome(job: Exclude<RunnableJob, CalendarJob>): Promise<() => void> {
    switch (job.kind) {
      case "derive":
        return await this.#hash(job);
      case "save": {
        const trouble = await this.#flushFacts();
        return () => job.done(trouble);
      }
      case "archive": {
        const answer = await this.#askArchive(job.query, this.#requesterOf(job.session));
        return () => job.done(answer);
      }
      case "evaluate": {
        const trouble = await job.run().then(() => undefined, (error) => String(error));
        return () => job.done(trouble);
      }
      case "yield":
        await nextLoopIteration();
        return () => job.done();
      default:
        return unreachable(job);
    }
  }

  /** The account of the session; without one, its address, unless that is exempt from limits: then its user. */
  #requesterOf(session: Session): string {
    const owner = ownerOf(session);
    const isOwnQueue = owner !== "" && (!isTemporaryOwner(owner) || this.#exempt.has(session.host));
    return isOwnQueue ? owner : subnetOf(session.host);
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

  /** Resolves with true when a hash for a client at `host` may begin, or with false when it is dropped. */
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
