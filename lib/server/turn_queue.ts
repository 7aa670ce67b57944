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
 * A session that waits for a job of its own (`hub/model/state/async_job.ts`) keeps its place: the rest of what was read from it is held
 * here, and its connection is not read further until that has been worked on.
 */
import { assert } from "../base/assert.ts";
import { systemStopwatch, systemTicks } from "../base/clock.ts";
import type { Clock, Stopwatch } from "../base/clock.ts";
import { nextLoopIteration, SocketPollBudget } from "../base/event_loop.ts";
import type { LineFault } from "../irc/line_splitter.ts";
import type { LogLock } from "../log/log_lock.ts";
import type { Hub } from "../hub/hub.ts";
import type { Delivery } from "../hub/output/outbox.ts";
import type { Session } from "../hub/model/state/entities.ts";

/** A turn ends after the line within which so much time is over: a delay that people do not notice. */
export const TURN_BUDGET_MS = 5;
/** What one session may use of a turn: less than half, so that others find a place in the same one. */
export const SESSION_BUDGET_MS = 2;
/** A turn ends after about so many lines, however little they cost: what they led to has yet to be written. */
const TURN_MAX_LINES = 1024;
/** Lines of one session in a turn, likewise. */
const SESSION_MAX_LINES = 128;

type HubTask = (hub: Hub, now: number) => void;
type ReadLines = readonly (string | LineFault)[];

/** Is told what a session's lines have cost. */
export interface CostMeter {
  /** So many milliseconds, with fractions, have been spent on them. */
  charge(ms: number): void;
}

const NO_LINES: ReadLines = [];

/** What is queued: lines of a session, or a task. */
class WorkItem {
  /** The first line that has not been worked on. */
  nextLine = 0;
  /** Settles when all is done; made where that takes more than one turn. */
  completion: PromiseWithResolvers<void> | undefined;

  constructor(
    readonly session: Session | undefined,
    readonly lines: ReadLines,
    readonly task: HubTask | undefined,
    readonly costMeter: CostMeter | undefined,
  ) {}
}

export interface TurnQueueOptions {
  hub: Hub;
  clock: Clock;
  /** For the budgets; the system's where left out. */
  stopwatch?: Stopwatch;
  /** Shared with all that reads; one of its own where left out. */
  polls?: SocketPollBudget;
  /** Gets what the hub has to say after each turn. */
  deliver: (deliveries: Delivery[]) => void;
  /** Gets whatever goes wrong in a turn: a bug, after which state and log can't be trusted. */
  onFatalError: (error: unknown) => void;
  /** Where given, awaited between appending and delivering. */
  makeDurable?: () => Promise<unknown>;
  /** Where given, says when what was delivered before has begun to be written: a batch waits for that. */
  whenWritesBegun?: () => Promise<void> | undefined;
  lock: LogLock;
}

export class TurnQueue {
  readonly #options: TurnQueueOptions;
  readonly #stopwatch: Stopwatch;
  /** The stopwatch is read when this has changed. */
  readonly #ticks: () => number;
  #tick = 0;
  readonly #polls: SocketPollBudget;
  /** In the order of its arrival. */
  #waiting: WorkItem[] = [];
  /** Of sessions that have used their budget in an earlier turn; taken up behind {@link #work}. */
  #overBudget: WorkItem[] = [];
  /** Of those that have used it in this turn: until the sockets have been polled. */
  #awaitingPoll: WorkItem[] = [];
  /** Of sessions that wait for a job. */
  readonly #suspended = new Map<Session, WorkItem>();
  /** The turn that is asked for and has not begun. */
  #requestedTurn: Promise<void> | undefined;
  /** The last turn that has begun: turns are delivered in their order. */
  #lastTurn: Promise<void> = Promise.resolve();
  /** Of the turn at hand: its time, the reading of the stopwatch, and lines so far. */
  #now = 0;
  #stopwatchMs = 0;
  #lineCount = 0;

  constructor(options: TurnQueueOptions) {
    this.#options = options;
    this.#stopwatch = options.stopwatch ?? systemStopwatch;
    this.#ticks = options.stopwatch ?? systemTicks;
    this.#polls = options.polls ?? new SocketPollBudget();
  }

  /**
   * Queues lines of one session, whose next ones may come once the promise has settled: what these led to has been
   * delivered, or the session has ended and the rest of them was dropped.
   */
  enqueueLines(session: Session, lines: ReadLines, payer?: CostMeter): Promise<void> {
    return this.#queue(new WorkItem(session, lines, undefined, payer));
  }

  /** Queues anything else that changes the hub; it may be work for a session that waits for it, and pays. */
  run(task: HubTask, session?: Session): Promise<void> {
    return this.#queue(new WorkItem(session, NO_LINES, task, undefined));
  }

  #queue(work: WorkItem): Promise<void> {
    this.#waiting.push(work);
    return this.#requestTurn().then(() => work.completion?.promise);
  }

  /** Asks for a turn; after `pause` where one is given, else at once. */
  #requestTurn(pause?: Promise<void>): Promise<void> {
    return this.#requestedTurn ??= this.#lastTurn = this.#runTurn(this.#lastTurn, pause);
  }

  async #runTurn(before: Promise<void>, pause: Promise<void> | undefined): Promise<void> {
    const { deliver, makeDurable, lock, whenWritesBegun, onFatalError } = this.#options;
    const done: WorkItem[] = [];
    await pause;
    try {
      const writing = whenWritesBegun?.();
      if (writing !== undefined) await writing;
      const worked = lock.runKeepingLock(() => this.#runWork(done));
      const deliveries = worked instanceof Promise ? await worked : worked;
      if (makeDurable !== undefined) await Promise.all([makeDurable(), before]);
      deliver(deliveries);
    } catch (error) {
      onFatalError(error);
      this.#scheduleRest();
    }
    for (const { completion } of done) completion!.resolve();
  }

  /**
   * Under the lock: decides and applies what has gathered, as far as the budgets go. What arrives from here on belongs to the
   * next turn. `done` gets what has come to its end after having been put off.
   */
  #runWork(done: WorkItem[]): Delivery[] {
    const { hub, clock } = this.#options;
    this.#requestedTurn = undefined;
    const { nextSeq } = hub.context.ring;
    const begun = this.#stopwatchMs = this.#stopwatch();
    this.#now = clock.now();
    this.#lineCount = 0;
    const until = begun + TURN_BUDGET_MS;
    if (this.#waiting.length > 0) this.#runQueue(this.#waiting, until, done);
    // One of those behind has its budget in each turn, however much is in front of it.
    if (this.#overBudget.length > 0) this.#runQueue(this.#overBudget, until, done);
    if (this.#suspended.size > 0) this.#resumeSuspended();
    this.#polls.spend(this.#stopwatch() - begun);
    this.#scheduleRest();
    const deliveries = hub.takeDeliveries();
    if (hub.context.ring.nextSeq !== nextSeq) hub.context.ring.wakeReaders();
    return deliveries;
  }

  /** At least the first of `queue`, the others until `until`; what was reached is taken out of it. */
  #runQueue(queue: WorkItem[], until: number, done: WorkItem[]): void {
    let reached = 0;
    try {
      while (reached < queue.length) {
        this.#runItem(queue[reached++]!, done);
        if (this.#stopwatchMs >= until || this.#lineCount >= TURN_MAX_LINES) break;
      }
    } catch (error) {
      const failed = queue[reached - 1]!;
      if (failed.completion !== undefined) done.push(failed);
      throw error;
    } finally {
      if (reached === queue.length) queue.length = 0;
      else queue.splice(0, reached);
      for (const work of queue) work.completion ??= Promise.withResolvers();
    }
  }

  /** As much of `work` as its session's budget allows; the rest is put where it belongs. */
  #runItem(work: WorkItem, done: WorkItem[]): void {
    const { session, task } = work;
    const held = session === undefined || this.#suspended.size === 0
      ? undefined
      : this.#suspended.get(session);
    const payer = work.costMeter ?? held?.costMeter;
    if (payer !== undefined) this.#stopwatchMs = this.#stopwatch();
    const begun = this.#stopwatchMs;
    if (task !== undefined) {
      task(this.#options.hub, this.#now);
      this.#readStopwatch();
    } else this.#runSessionLines(work, session!);
    if (payer !== undefined) {
      this.#stopwatchMs = this.#stopwatch();
      payer.charge(this.#stopwatchMs - begun);
    }
    if (task === undefined && session!.closeReason === undefined) {
      if (session!.suspendedLine !== undefined) {
        assert(held === undefined, "a session that waits has sent more, and should not have been read");
        this.#suspended.set(session!, work);
        work.completion ??= Promise.withResolvers();
        return;
      }
      if (work.nextLine < work.lines.length) {
        this.#awaitingPoll.push(work);
        work.completion ??= Promise.withResolvers();
        return;
      }
    }
    if (work.completion !== undefined) done.push(work);
  }

  /** The session's share of this turn. */
  #runSessionLines(work: WorkItem, session: Session): void {
    const { hub } = this.#options;
    const { lines } = work;
    const begun = work.nextLine;
    const end = Math.min(lines.length, begun + SESSION_MAX_LINES);
    const until = this.#stopwatchMs + SESSION_BUDGET_MS;
    while (
      work.nextLine < end && this.#stopwatchMs < until && session.suspendedLine === undefined &&
      session.closeReason === undefined
    ) {
      hub.line(session, lines[work.nextLine++]!, this.#now);
      this.#readStopwatch();
    }
    this.#lineCount += work.nextLine - begun;
  }

  /** How late it is, to the millisecond. */
  #readStopwatch(): void {
    const tick = this.#ticks();
    if (tick === this.#tick) return;
    this.#tick = tick;
    this.#stopwatchMs = this.#stopwatch();
  }

  /** Those whose job is done, or whose session has ended, come next. */
  #resumeSuspended(): void {
    for (const [session, work] of this.#suspended) {
      if (session.suspendedLine !== undefined && session.closeReason === undefined) continue;
      this.#suspended.delete(session);
      this.#waiting.push(work);
    }
  }

  /** Sees to it that what is left over has a turn. */
  #scheduleRest(): void {
    if (this.#awaitingPoll.length > 0) void this.#requeueAfterPoll(this.#awaitingPoll.splice(0));
    if (this.#waiting.length > 0 || this.#overBudget.length > 0) {
      void this.#requestTurn(this.#polls.overduePoll ?? nextLoopIteration());
    }
  }

  async #requeueAfterPoll(used: WorkItem[]): Promise<void> {
    await this.#polls.nextPoll();
    this.#overBudget.push(...used);
    void this.#requestTurn();
  }
}
