/**
 * Presented observers and what they follow, as their states and the log have it: which of them would have got a record.
 * Whether they may read its rooms is not known here.
 */
import { casefold } from "../../irc/names/casemap.ts";
import { nickOf } from "../model/identifiers.ts";
import type { DirectTarget, EventOf } from "../model/state/event.ts";
import type { ReadSession } from "./user_model.ts";

interface ObserverModel {
  readonly owner: string;
  readonly everything: boolean;
  /** Folded. */
  readonly nicks: ReadonlySet<string>;
  /** Folded. */
  readonly channels: Set<string>;
}

export class ObserverModels {
  readonly #models = new Map<ReadSession, ObserverModel>();

  constructor(sessions: readonly ReadSession[]) {
    for (const read of sessions) {
      const { phase } = read.state;
      if (phase.kind !== "observer" || phase.follows === undefined) continue;
      const { owner, follows: { nicks, channels, everything } } = phase;
      this.#models.set(read, { owner, everything, nicks: new Set(nicks), channels: new Set(channels) });
    }
  }

  /** Rooms that the observer follows, folded. */
  channelsOf(read: ReadSession): readonly string[] {
    return [...this.#models.get(read)?.channels ?? []];
  }

  /** Observers that follow one of the `rooms` (folded) and have not got the record `seq`. */
  ofRooms(rooms: readonly string[], seq: number): ReadSession[] {
    return this.#thatMissed(
      seq,
      ({ everything, channels }) =>
        rooms.length > 0 && (everything || rooms.some((folded) => channels.has(folded))),
    );
  }

  /** The same for a direct conversation: those of either side. */
  ofDirect(
    { source, from }: Pick<EventOf<"message">, "source" | "from">,
    target: DirectTarget,
    seq: number,
  ): ReadSession[] {
    const sides = [[from, casefold(target.name)], [target.owner, casefold(nickOf(source))]] as const;
    return this.#thatMissed(
      seq,
      ({ owner, everything, nicks }) =>
        owner !== "" && sides.some(([own, other]) => own === owner && (everything || nicks.has(other))),
    );
  }

  /** The record `seq` gives a room another name. */
  rename(from: string, to: string, seq: number): void {
    const old = casefold(from);
    for (const [read, { channels }] of this.#models) {
      if (read.presented.stateSeq <= seq && channels.delete(old)) channels.add(casefold(to));
    }
  }

  #thatMissed(seq: number, isFollowing: (model: ObserverModel) => boolean): ReadSession[] {
    const missed: ReadSession[] = [];
    for (const [read, model] of this.#models) {
      const { stateSeq, deliveredSeq } = read.presented;
      if (stateSeq <= seq && deliveredSeq <= seq && isFollowing(model)) missed.push(read);
    }
    return missed;
  }
}
