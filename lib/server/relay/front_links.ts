/** The relays to all fronts that are connected, as the server sees them: the fronts of a server, or of a cluster's nodes. */
import type { PresentedSession, RestoredSession, TurnReport } from "../../hub/handover/presentation.ts";
import type { Session } from "../../hub/model/state/entities.ts";
import type { FrameConn } from "../../net/frame_conn.ts";
import { encodeWelcome } from "../../relay/handshake.ts";
import type { FrontLink } from "./front_link.ts";
import { formatSetup, type FrontSetup } from "./front_setup.ts";
import { Gathering } from "./gathering.ts";
import type { AttachRestored, ServerRelay, TakeoverFigures } from "./relay_ports.ts";
import { HUB_SIDE } from "./relay_socket.ts";

export abstract class FrontLinks implements ServerRelay {
  /** By the front's name. */
  protected readonly links = new Map<string, FrontLink>();
  protected readonly gathering: Gathering;
  /** Names of fronts that were connected to this hub: one that has lost its relay is not taken again. */
  readonly #names = new Set<string>();

  constructor(gatherMs?: number) {
    this.gathering = new Gathering(gatherMs);
  }

  abstract stopListening(): void;

  /** Welcomes a front, and tells it its setup. False: it was connected to this hub before, and is refused. */
  protected welcome(conn: FrameConn, name: string, setup: FrontSetup): boolean {
    if (this.#names.has(name)) {
      const why = "the server has closed the relay of this front, and its sessions have ended";
      conn.send([encodeWelcome({ kind: "refused", side: HUB_SIDE, why })]);
      void conn.queue.flushed().then(() => conn.close());
      return false;
    }
    this.#names.add(name);
    conn.send([encodeWelcome({ kind: "welcome", side: HUB_SIDE, setup: formatSetup(setup) })]);
    return true;
  }

  /**
   * Waits for the fronts that an earlier hub may have had, of which `expected` live, for a bounded time. Returns the
   * sessions that they present, for `ChatServer.start`. Those of fronts that report later are restored then.
   */
  async gather(expected: number): Promise<readonly PresentedSession[]> {
    return await this.gathering.wait(expected);
  }

  /** The last takeover. */
  get takeover(): TakeoverFigures {
    return this.gathering.figures;
  }

  resume(outcomes: readonly RestoredSession[], attach: AttachRestored): Session[] {
    if (outcomes.length > 0) this.count(outcomes);
    const left = new Map(outcomes.map((outcome) => [outcome.presented, outcome]));
    for (const link of this.links.values()) {
      const own = this.gathering.takeOutcomes(link.name, left);
      if (own === undefined) continue;
      link.resume(own, attach);
      for (const { presented } of own) left.delete(presented);
    }
    return [...left.values()].flatMap((outcome) => outcome.kind === "restored" ? outcome.session : []);
  }

  /** Some sessions have been restored, or not. */
  protected count(outcomes: readonly RestoredSession[]): void {
    this.gathering.count(outcomes);
  }

  async beginRestoring(presented: readonly PresentedSession[]): Promise<void> {
    const fronts = new Set(presented.map(({ front }) => front));
    await Promise.all(Array.from(fronts, (name) => this.links.get(name)?.beginRestoring()));
  }

  flush({ turn, seq, states, answered, closed }: TurnReport): void {
    const { links } = this;
    for (const { name: { front, session }, state } of states) links.get(front)?.keepState(session, state);
    for (const { name: { front, session }, line } of answered) links.get(front)?.noteAnswered(session, line);
    for (const { front, session } of closed) links.get(front)?.noteClosed(session);
    for (const link of links.values()) link.flush(seq, turn);
  }

  isBehind(seq: number): boolean {
    return this.links.values().some((link) => link.isBehind(seq));
  }

  get whenDrained(): Promise<void> | undefined {
    let waits: Promise<void>[] | undefined;
    for (const link of this.links.values()) {
      const wait = link.whenDrained;
      if (wait !== undefined) (waits ??= []).push(wait);
    }
    return waits && Promise.all(waits).then(() => {});
  }

  get queuedBytes(): number {
    return this.links.values().reduce((sum, link) => sum + link.queuedBytes, 0);
  }

  /** Number of fronts that are connected. */
  get connected(): number {
    return this.links.size;
  }

  tick(now: number): void {
    for (const link of this.links.values()) link.tick(now);
  }
}
