/**
 * One batch per turn of the event loop. What arrives is queued; the first of it begins the turn, by a microtask: by then
 * every read that was ready has handed in its lines. Under the log's lock all that has gathered is worked on in one go;
 * what there is to say is written after that. The next turn waits until those writes have begun, so the more people a
 * batch is told to, the more gathers for the next one, which tells them all of it by one write each.
 *
 * A turn has a budget of time, and each session has one within it; what is left over waits for a later turn. A session that
 * has used its own goes on behind all others, after the sockets have been polled, so what others have sent meanwhile comes
 * first. The budgets are looked at between lines: a single line is never interrupted.
 *
 * A session that waits for a job of its own (`hub/errands.ts`) keeps its place: the rest of what was read from it is held
 * here, and its connection is not read further until that has been worked on.
 */
import { assert } from "../base/assert.ts";
import { systemStopwatch, systemTicks } from "../base/clock.ts";
import type { Clock, Stopwatch } from "../base/clock.ts";
import { nextTurn, SocketPolls } from "../base/event_loop.ts";
import type { LineFault } from "../irc/line_splitter.ts";
import type { LogLock } from "../log/lock.ts";
import type { Hub } from "../hub/hub.ts";
import type { Delivery } from "../hub/outgoing.ts";
import type { Session } from "../hub/state.ts";

/** A turn ends after the line within which so much time is over: a delay that people do not notice. */
export const TURN_BUDGET_MS = 5;
/** What one session may use of a turn: less than half, so that others find a place in the same one. */
export const SESSION_BUDGET_MS = 2;
/** A turn ends after about so many lines, however little they cost: what they led to has yet to be written. */
const TURN_MAX_LINES = 1024;
/** Lines of one session in a turn, likewise. */
const SESSION_MAX_LINES = 128;

type Task = (hub: Hub, now: number) => void;
type Lines = readonly (string | LineFault)[];

/** Is told what a session's lines have cost. */
export interface Payer {
  /** So many milliseconds, with fractions, have been spent on them. */
  charge(ms: number): void;
}

const NO_LINES: Lines = [];

/** What is queued: lines of a session, or a task. */
class Work {
  /** The first line that has not been worked on. */
  at = 0;
  /** Settles when all is done; made where that takes more than one turn. */
  later: PromiseWithResolvers<void> | undefined;

  constructor(
    readonly session: Session | undefined,
    readonly lines: Lines,
    readonly task: Task | undefined,
    readonly payer: Payer | undefined,
  ) {}
}

export interface TurnOptions {
  hub: Hub;
  clock: Clock;
  /** For the budgets; the system's where left out. */
  stopwatch?: Stopwatch;
  /** Shared with all that reads; one of its own where left out. */
  polls?: SocketPolls;
  /** Gets what the hub has to say after each turn. */
  deliver: (deliveries: Delivery[]) => void;
  /** Gets whatever goes wrong in a turn: a bug, after which state and log can't be trusted. */
  onFailure: (error: unknown) => void;
  /** Where given, awaited between appending and delivering. */
  durable?: () => Promise<unknown>;
  /** Where given, says when what was delivered before has begun to be written: a batch waits for that. */
  begun?: () => Promise<void> | undefined;
  lock: LogLock;
}

export class Turn {
  readonly #options: TurnOptions;
  readonly #stopwatch: Stopwatch;
  /** The stopwatch is read when this has changed. */
  readonly #ticks: () => number;
  #tick = 0;
  readonly #polls: SocketPolls;
  /** In the order of its arrival. */
  #work: Work[] = [];
  /** Of sessions that have used their budget in an earlier turn; taken up behind {@link #work}. */
  #behind: Work[] = [];
  /** Of those that have used it in this turn: until the sockets have been polled. */
  #used: Work[] = [];
  /** Of sessions that wait for a job. */
  readonly #held = new Map<Session, Work>();
  /** The turn that is asked for and has not begun. */
  #pending: Promise<void> | undefined;
  /** The last turn that has begun: turns are delivered in their order. */
  #last: Promise<void> = Promise.resolve();
  /** Of the turn at hand: its time, the reading of the stopwatch, and lines so far. */
  #now = 0;
  #at = 0;
  #lines = 0;

  constructor(options: TurnOptions) {
    this.#options = options;
    this.#stopwatch = options.stopwatch ?? systemStopwatch;
    this.#ticks = options.stopwatch ?? systemTicks;
    this.#polls = options.polls ?? new SocketPolls();
  }

  /**
   * Queues lines of one session, whose next ones may come once the promise has settled: what these led to has been
   * delivered, or the session has ended and the rest of them was dropped.
   */
  lines(session: Session, lines: Lines, payer?: Payer): Promise<void> {
    return this.#queue(new Work(session, lines, undefined, payer));
  }

  /** Queues anything else that changes the hub; it may be work for a session that waits for it, and pays. */
  run(task: Task, session?: Session): Promise<void> {
    return this.#queue(new Work(session, NO_LINES, task, undefined));
  }

  #queue(work: Work): Promise<void> {
    this.#work.push(work);
    return this.#turn().then(() => work.later?.promise);
  }

  /** Asks for a turn; after `pause` where one is given, else at once. */
  #turn(pause?: Promise<void>): Promise<void> {
    return this.#pending ??= this.#last = this.#take(this.#last, pause);
  }

  async #take(before: Promise<void>, pause: Promise<void> | undefined): Promise<void> {
    const { deliver, durable, lock, begun, onFailure } = this.#options;
    const done: Work[] = [];
    await pause;
    try {
      const writing = begun?.();
      if (writing !== undefined) await writing;
      const worked = lock.keep(() => this.#workOn(done));
      const deliveries = worked instanceof Promise ? await worked : worked;
      if (durable !== undefined) await Promise.all([durable(), before]);
      deliver(deliveries);
    } catch (error) {
      onFailure(error);
      this.#goOn();
    }
    for (const { later } of done) later!.resolve();
  }

  /**
   * Under the lock: decides and applies what has gathered, as far as the budgets go. What arrives from here on belongs to the
   * next turn. `done` gets what has come to its end after having been put off.
   */
  #workOn(done: Work[]): Delivery[] {
    const { hub, clock } = this.#options;
    this.#pending = undefined;
    const { nextSeq } = hub.ring;
    const begun = this.#at = this.#stopwatch();
    this.#now = clock.now();
    this.#lines = 0;
    const until = begun + TURN_BUDGET_MS;
    if (this.#work.length > 0) this.#workThrough(this.#work, until, done);
    // One of those behind has its budget in each turn, however much is in front of it.
    if (this.#behind.length > 0) this.#workThrough(this.#behind, until, done);
    if (this.#held.size > 0) this.#letGoOn();
    this.#polls.spend(this.#stopwatch() - begun);
    this.#goOn();
    const deliveries = hub.drain();
    if (hub.ring.nextSeq !== nextSeq) hub.ring.wake();
    return deliveries;
  }

  /** At least the first of `queue`, the others until `until`; what was reached is taken out of it. */
  #workThrough(queue: Work[], until: number, done: Work[]): void {
    let reached = 0;
    try {
      while (reached < queue.length) {
        this.#workOff(queue[reached++]!, done);
        if (this.#at >= until || this.#lines >= TURN_MAX_LINES) break;
      }
    } catch (error) {
      const failed = queue[reached - 1]!;
      if (failed.later !== undefined) done.push(failed);
      throw error;
    } finally {
      if (reached === queue.length) queue.length = 0;
      else queue.splice(0, reached);
      for (const work of queue) work.later ??= Promise.withResolvers();
    }
  }

  /** As much of `work` as its session's budget allows; the rest is put where it belongs. */
  #workOff(work: Work, done: Work[]): void {
    const { session, task } = work;
    const held = session === undefined || this.#held.size === 0 ? undefined : this.#held.get(session);
    const payer = work.payer ?? held?.payer;
    if (payer !== undefined) this.#at = this.#stopwatch();
    const begun = this.#at;
    if (task !== undefined) {
      task(this.#options.hub, this.#now);
      this.#look();
    } else this.#share(work, session!);
    if (payer !== undefined) {
      this.#at = this.#stopwatch();
      payer.charge(this.#at - begun);
    }
    if (task === undefined && session!.closing === undefined) {
      if (session!.waiting !== undefined) {
        assert(held === undefined, "a session that waits has sent more, and should not have been read");
        this.#held.set(session!, work);
        work.later ??= Promise.withResolvers();
        return;
      }
      if (work.at < work.lines.length) {
        this.#used.push(work);
        work.later ??= Promise.withResolvers();
        return;
      }
    }
    if (work.later !== undefined) done.push(work);
  }

  /** The session's share of this turn. */
  #share(work: Work, session: Session): void {
    const { hub } = this.#options;
    const { lines } = work;
    const begun = work.at;
    const end = Math.min(lines.length, begun + SESSION_MAX_LINES);
    const until = this.#at + SESSION_BUDGET_MS;
    while (
      work.at < end && this.#at < until && session.waiting === undefined && session.closing === undefined
    ) {
      hub.line(session, lines[work.at++]!, this.#now);
      this.#look();
    }
    this.#lines += work.at - begun;
  }

  /** How late it is, to the millisecond. */
  #look(): void {
    const tick = this.#ticks();
    if (tick === this.#tick) return;
    this.#tick = tick;
    this.#at = this.#stopwatch();
  }

  /** Those whose job is done, or whose session has ended, come next. */
  #letGoOn(): void {
    for (const [session, work] of this.#held) {
      if (session.waiting !== undefined && session.closing === undefined) continue;
      this.#held.delete(session);
      this.#work.push(work);
    }
  }

  /** Sees to it that what is left over has a turn. */
  #goOn(): void {
    if (this.#used.length > 0) void this.#afterPoll(this.#used.splice(0));
    if (this.#work.length > 0 || this.#behind.length > 0) void this.#turn(this.#polls.due ?? nextTurn());
  }

  async #afterPoll(used: Work[]): Promise<void> {
    await this.#polls.next();
    this.#behind.push(...used);
    void this.#turn();
  }
}
