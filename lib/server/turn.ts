/**
 * One batch per turn of the event loop. What arrives is queued; the first of it begins the turn, by a microtask: by then
 * every read that was ready has handed in its lines. Under the log's lock all that has gathered is worked on in one go;
 * what there is to say is written after that. The next turn waits until those writes have begun, so the more people a
 * batch is told to, the more gathers for the next one, which tells them all of it by one write each.
 *
 * A batch out of all proportion (a client that sends as fast as it can, or a hundred) is worked on in parts: between them
 * the event loop goes round, what was said is written, and what others have sent meanwhile has a turn of its own.
 */
import { nextTurn } from "../base/event_loop.ts";
import type { LineFault } from "../irc/line_splitter.ts";
import type { LogLock } from "../log/lock.ts";
import type { Clock } from "../base/clock.ts";
import type { Hub } from "../hub/hub.ts";
import type { Delivery } from "../hub/outgoing.ts";
import type { Session } from "../hub/state.ts";

/** A batch is interrupted after about so many lines … */
const TURN_MAX_LINES = 1024;
/** … and no connection has more of them than this: what else it sent at once waits until others have had their turn. */
const SESSION_MAX_LINES = 64;

type Task = (hub: Hub, now: number) => void;
/** What one read of a session brought; the lines before `from` have been worked on. */
interface Said {
  readonly session: Session;
  readonly lines: (string | LineFault)[];
  from: number;
}
type Work = Said | Task;

export interface TurnOptions {
  hub: Hub;
  clock: Clock;
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
  #work: Work[] = [];
  /** The turn that is asked for and has not begun. */
  #pending: Promise<void> | undefined;
  /** The last turn that has begun: turns are delivered in their order. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: TurnOptions) {
    this.#options = options;
  }

  /** Queues lines of one session. The promise settles when what they led to has been delivered. */
  lines(session: Session, lines: (string | LineFault)[]): Promise<void> {
    this.#work.push({ session, lines, from: 0 });
    return this.#turn();
  }

  /** Queues anything else that changes the hub. */
  run(task: Task): Promise<void> {
    this.#work.push(task);
    return this.#turn();
  }

  #turn(): Promise<void> {
    return this.#pending ??= this.#last = this.#take(this.#last);
  }

  async #take(before: Promise<void>): Promise<void> {
    const { deliver, durable, lock, begun, onFailure } = this.#options;
    await Promise.resolve();
    let batch: Work[] | undefined;
    try {
      do {
        if (batch !== undefined) await nextTurn();
        const writing = begun?.();
        if (writing !== undefined) await writing;
        const worked = lock.keep(() => this.#workOn(batch ??= this.#gathered()));
        const deliveries = worked instanceof Promise ? await worked : worked;
        if (durable !== undefined) await Promise.all([durable(), before]);
        deliver(deliveries);
      } while (batch!.length > 0);
    } catch (error) {
      onFailure(error);
    }
  }

  /** Takes what has gathered; what arrives from here on belongs to the next turn. */
  #gathered(): Work[] {
    const work = this.#work;
    this.#work = [];
    this.#pending = undefined;
    return work;
  }

  /**
   * Under the lock: decides and applies what is in `batch`, in the order of its arrival, and takes it out. What a
   * connection has said beyond its share stays, behind all others.
   */
  #workOn(batch: Work[]): Delivery[] {
    const { hub, clock } = this.#options;
    const now = clock.now();
    const before = hub.ring.nextSeq;
    const rest: Work[] = [];
    let done = 0;
    for (let lines = 0; done < batch.length && lines < TURN_MAX_LINES; done++) {
      const item = batch[done]!;
      if (typeof item === "function") item(hub, now);
      else {
        const end = Math.min(item.lines.length, item.from + SESSION_MAX_LINES);
        lines += end - item.from;
        while (item.from < end) hub.line(item.session, item.lines[item.from++]!, now);
        if (end < item.lines.length) rest.push(item);
      }
    }
    if (done === batch.length) batch.length = 0;
    else batch.splice(0, done);
    if (rest.length > 0) batch.push(...rest);
    const deliveries = hub.drain();
    if (hub.ring.nextSeq !== before) hub.ring.wake();
    return deliveries;
  }
}
