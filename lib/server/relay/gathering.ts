/** What the fronts of an earlier hub present to the next one, before it starts. */
import type { PresentedSession, RestoredSession } from "../../hub/handover/presentation.ts";
import type { Address } from "../../net/address.ts";
import { isSameAddress, type OpenListener } from "./front_setup.ts";
import type { TakeoverFigures } from "./relay_ports.ts";

/** A hub waits at most so long for fronts before it starts. */
export const GATHER_MS = 2_000;

export class Gathering {
  readonly #gatherMs: number;
  readonly #begunAt = performance.now();
  #reported = 0;
  #expected = Infinity;
  #isOver = false;
  readonly #complete = Promise.withResolvers<void>();
  readonly #sessions: PresentedSession[] = [];
  /** Sessions of the fronts that were not answered, by the front's name. */
  readonly #unanswered = new Map<string, readonly PresentedSession[]>();
  #listeners: OpenListener[] = [];
  #figures: TakeoverFigures = { restored: 0, refused: 0, ms: 0 };

  constructor(gatherMs = GATHER_MS) {
    this.#gatherMs = gatherMs;
  }

  /** Waits until `expected` fronts have reported, {@link GATHER_MS} at most; returns their sessions. */
  async wait(expected: number): Promise<readonly PresentedSession[]> {
    this.#expected = expected;
    if (this.#reported < expected) {
      const late = setTimeout(() => this.#complete.resolve(), this.#gatherMs);
      await this.#complete.promise;
      clearTimeout(late);
    }
    this.#isOver = true;
    return this.#sessions;
  }

  /** A front has reported; it has no sessions. */
  report(): void {
    if (++this.#reported >= this.#expected) this.#complete.resolve();
  }

  /** Adds what a front presents; returns whether it is too late for {@link wait}. */
  add(front: string, sessions: readonly PresentedSession[], listeners: readonly OpenListener[]): boolean {
    this.#unanswered.set(front, sessions);
    if (this.#isOver) return true;
    for (const session of sessions) this.#sessions.push(session);
    this.#listeners.push(...listeners);
    this.report();
    return false;
  }

  /**
   * The outcomes for the sessions that `front` has presented, out of `outcomes`; undefined: it has presented none, or
   * they are not among these.
   */
  takeOutcomes(
    front: string,
    outcomes: ReadonlyMap<PresentedSession, RestoredSession>,
  ): RestoredSession[] | undefined {
    const presented = this.#unanswered.get(front);
    if (presented === undefined || presented[0] !== undefined && !outcomes.has(presented[0])) {
      return undefined;
    }
    this.#unanswered.delete(front);
    const lost = { kind: "refused", why: "The server could not restore the session" } as const;
    return presented.map((each) => outcomes.get(each) ?? { ...lost, presented: each });
  }

  /** Where fronts listen already for the address in the settings; undefined: they do not. */
  takeListener(asked: Address, isWeb: boolean): Address | undefined {
    const found = this.#listeners.find((each) => each.isWeb === isWeb && isSameAddress(each.asked, asked));
    if (found === undefined) return undefined;
    this.#listeners = this.#listeners.filter(({ address }) => !isSameAddress(address, found.address));
    return found.address;
  }

  /** The sessions of `outcomes` are restored, or not. */
  count(outcomes: readonly RestoredSession[]): void {
    const restored = outcomes.filter(({ kind }) => kind === "restored").length;
    const ms = Math.round(performance.now() - this.#begunAt);
    this.#figures = { restored, refused: outcomes.length - restored, ms };
  }

  get figures(): TakeoverFigures {
    return this.#figures;
  }
}
