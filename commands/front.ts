/**
 * `chatterbox front SOCKET INDEX KEEPER [cluster]`: a front of `chatterbox serve --fronts N`, which starts it; not in the
 * help.
 */
import { delay } from "../lib/base/delay.ts";
import type { Command } from "../lib/cli/command.ts";
import { EXIT } from "../lib/cli/exit_codes.ts";
import { reportFailure } from "../lib/cli/standard_streams.ts";

const IGNORED = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR2"] as const;
/** Time for the hub to tell the clients that the server ends, after the death of the keeper. */
const ORPHAN_MS = 1_000;

export const command: Command = {
  name: "front",
  summary: "A front of the server.",
  permissions: ["read", "write", "net", "sys:umask"],
  help: { name: "front", summary: "A front of the server.", flags: {}, examples: [], synopsis: "" },
  async run([socket, index, keeper, cluster], io) {
    if (socket === undefined || !/^\d{1,3}$/.test(index ?? "") || !/^\d+$/.test(keeper ?? "")) {
      return reportFailure(io, EXIT.usage, "front: only chatterbox serve --fronts starts this");
    }
    // Signals of the terminal and of a service manager reach all processes of a server: a front ends with its hub.
    for (const signal of IGNORED) io.onSignal(signal, () => {});
    const run = await loadRun(cluster === "cluster");
    const why = await Promise.race([run(socket, Number(index)), orphaned(Number(keeper))]);
    return why === undefined
      ? EXIT.ok
      : reportFailure(io, EXIT.ioError, `front ${Number(index) + 1}: ${why}`);
  },
};

async function loadRun(isOfCluster: boolean): Promise<typeof import("../lib/front/front_run.ts").runFront> {
  if (isOfCluster) return (await import("../lib/front/cluster_front.ts")).runClusterFront;
  return (await import("../lib/front/front_run.ts")).runFront;
}

/** Resolves when the keeper has died and the hub, which notices it too, has had time to end this front. */
async function orphaned(keeper: number): Promise<undefined> {
  const { watchParent } = await import("../lib/server/keeper/parent_watch.ts");
  await new Promise<void>((resolve) => watchParent(keeper, resolve));
  await delay(ORPHAN_MS);
}
