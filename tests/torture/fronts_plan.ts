/** What happens to the processes of `serve --fronts`, drawn from a seed. */
import type { Random } from "../irc/property.ts";
import type { FrontsFlags } from "./fronts_life.ts";
import { MAX_SENDERS, type Talk } from "./plan.ts";

/** What happens to a server while people talk. */
export type Blow =
  /** `kill -9` of the hub. */
  | { readonly kind: "hub" }
  /** `kill -9` of the hub, and of the next one so long after it: while it starts, or takes over. */
  | { readonly kind: "hubs"; readonly ms: number }
  /** SIGUSR2. */
  | { readonly kind: "handover" }
  /** `kill -9` of a front. */
  | { readonly kind: "front" }
  /** `kill -9` of a front, and of the hub so long after it. */
  | { readonly kind: "front and hub"; readonly ms: number };

/** How a server ends: all of it is killed, or its keeper, or it is sent SIGTERM. */
export type LastBlow = "all" | "keeper" | "stopped";

/** A blow, so long after the one before. `waits`: the next one comes when a hub has taken over. */
export interface Round {
  readonly afterMs: number;
  readonly blow: Blow;
  readonly waits: boolean;
}

/** One server from its start to its end. */
export interface LifePlan extends FrontsFlags {
  readonly fresh: boolean;
  readonly talk: Talk;
  readonly rounds: readonly Round[];
  readonly end: LastBlow;
}

const KIB = 1024;
const MAX_ROUNDS_OF_A_LIFE = 8;
/** One history lasts about so many lives. */
const LIVES_OF_A_HISTORY = 4;

export function planLife(random: Random, fronts: number, before: LifePlan | undefined): LifePlan {
  const fresh = before === undefined || random.chance(LIVES_OF_A_HISTORY);
  return {
    fresh,
    fronts,
    bufferBytes: fresh ? random.pick([64 * KIB, 1024 * KIB, 4096 * KIB]) : before.bufferBytes,
    sync: random.pick(["always", "always", 20, 200, 1000]),
    talk: {
      senders: 1 + random.below(MAX_SENDERS),
      budget: 20_000,
      window: random.pick([1, 4, 24]),
      pauseMs: random.pick([0, 2, 10]),
      cutOneIn: random.pick([0, 0, 3]),
    },
    rounds: Array.from({ length: 1 + random.below(MAX_ROUNDS_OF_A_LIFE) }, () => ({
      afterMs: random.below(600),
      blow: planBlow(random),
      waits: !random.chance(3),
    })),
    end: random.pick(["all", "all", "keeper", "stopped"]),
  };
}

function planBlow(random: Random): Blow {
  switch (random.below(8)) {
    case 0:
    case 1:
    case 2:
      return { kind: "hub" };
    case 3:
    case 4:
      return { kind: "handover" };
    case 5:
      return { kind: "front" };
    case 6:
      return { kind: "front and hub", ms: random.below(300) };
    default:
      return { kind: "hubs", ms: random.below(1000) };
  }
}
