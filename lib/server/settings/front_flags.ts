/** Flag of `serve` for processes that hold listeners and client connections. */
import type { FlagTable, FlagValues } from "../../cli/flags/flags.ts";

/** More than the cores of most machines; each takes some 60 MB. */
export const MAX_FRONTS = 64;

export const FRONT_FLAGS = {
  fronts: {
    type: "integer",
    value: "N",
    min: 1,
    max: MAX_FRONTS,
    group: "Several processes (docs/fronts.md)",
    help: "Linux: N further processes hold the client connections, which outlive the hub; to use more cores",
  },
} as const satisfies FlagTable;

/** `inCluster`: clients of a node are always those of a front, which outlives the change of the leader. */
export function resolveFronts(
  { fronts: given = 0 }: FlagValues<typeof FRONT_FLAGS>,
  inCluster: boolean,
  os: string = Deno.build.os,
): { fronts: number } | { why: string } {
  const fronts = inCluster ? Math.max(1, given) : given;
  if (fronts > 0 && os !== "linux") return { why: "--fronts needs Linux, which lets processes share a port" };
  return { fronts };
}
