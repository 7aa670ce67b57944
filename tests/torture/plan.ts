/** What happens in a round, drawn from a seed. The seed repeats the plan; when exactly a kill strikes, the machine decides. */
import type { Random } from "../irc/property.ts";

/** How a server's life ends. */
export type End =
  /** `kill -9`, once so many messages have been acknowledged in this life: what came last is not synced yet. */
  | { readonly kind: "acknowledged"; readonly count: number }
  /** `kill -9`, as soon as so many have been answered to be durable. */
  | { readonly kind: "durable"; readonly count: number }
  /** `kill -9`, so long after the talking began. */
  | { readonly kind: "time"; readonly ms: number }
  /** `kill -9`, at the so-manyth write to the data folder: in the middle of a sync. */
  | { readonly kind: "writing"; readonly count: number }
  /** `kill -9`, at the so-manyth write of a transaction of the archive: in the middle of it. */
  | { readonly kind: "archiving"; readonly count: number }
  /** `kill -9` before it listens: at its so-manyth write (recovery, migration), or after a time. */
  | { readonly kind: "starting"; readonly writes: number; readonly ms: number }
  /** SIGTERM. */
  | { readonly kind: "stopped"; readonly ms: number }
  /** SIGTERM, and `kill -9` while it is shutting down. */
  | { readonly kind: "stopping"; readonly ms: number; readonly killMs: number };

export interface Talk {
  readonly senders: number;
  /** Messages of one sender in this round. */
  readonly budget: number;
  /** Messages of one sender that are under way at one time. */
  readonly window: number;
  /** Pause of a sender after each message; 0: none. */
  readonly pauseMs: number;
  /** Every so-manyth connection of a sender is cut somewhere; 0: none. */
  readonly cutOneIn: number;
}

export interface RoundPlan {
  /** The history goes on in the same data folder, or begins anew in an empty one. */
  readonly fresh: boolean;
  readonly bufferBytes: number;
  readonly sync: number | "always";
  readonly talk: Talk;
  readonly end: End;
}

const KIB = 1024;
const BUFFERS = [64 * KIB, 64 * KIB, 256 * KIB, 1024 * KIB, 1024 * KIB, 4096 * KIB];
const SYNCS = ["always", 20, 50, 200, 1000, 1000] as const;

/** At most so many send at one time. */
export const MAX_SENDERS = 4;
/** One history lasts about so many rounds. */
const ROUNDS_OF_A_HISTORY = 8;

export function planRound(random: Random, before: RoundPlan | undefined): RoundPlan {
  const fresh = before === undefined || random.chance(ROUNDS_OF_A_HISTORY);
  const resized = fresh || random.chance(3);
  return {
    fresh,
    bufferBytes: resized ? random.pick(BUFFERS) : before.bufferBytes,
    sync: random.pick(SYNCS),
    talk: {
      senders: 1 + random.below(MAX_SENDERS),
      budget: random.pick([5, 60, 200, 600]),
      window: random.pick([1, 4, 24]),
      pauseMs: random.pick([0, 0, 2, 10]),
      cutOneIn: random.pick([0, 2, 2, 3]),
    },
    end: planEnd(random),
  };
}

function planEnd(random: Random): End {
  switch (random.below(9)) {
    case 0:
      return { kind: "acknowledged", count: 1 + random.below(random.pick([10, 100, 800])) };
    case 1:
      return { kind: "durable", count: 1 + random.below(random.pick([10, 100, 400])) };
    case 2:
    case 3:
      return { kind: "writing", count: 1 + random.below(30) };
    case 4:
      return { kind: "starting", writes: 1 + random.below(8), ms: 50 + random.below(400) };
    case 5:
      return random.chance(2)
        ? { kind: "stopped", ms: random.below(1000) }
        : { kind: "stopping", ms: random.below(500), killMs: random.below(60) };
    case 8:
      return { kind: "archiving", count: 1 + random.below(random.pick([10, 100])) };
    default:
      return { kind: "time", ms: random.below(1500) };
  }
}

/** The plan in one line, for who has to find out what happened. */
export function describePlan({ fresh, bufferBytes, sync, talk, end }: RoundPlan): string {
  return `${fresh ? "new folder, " : ""}buffer ${bufferBytes / KIB} KiB, sync ${sync}, ${
    JSON.stringify(talk)
  }, ${JSON.stringify(end)}`;
}
