/** `serve --fronts N`: this process is the keeper (`lib/server/keeper/keeper.ts`); hub and fronts are others. */
import { unreachable } from "../../lib/base/assert.ts";
import { type Io, type Permission, PERMISSIONS } from "../../lib/cli/command.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import type { StopReason } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { startProcess } from "../../lib/server/keeper/child_process.ts";
import { Keeper, type KeeperEnd, STOP_SIGNALS } from "../../lib/server/keeper/keeper.ts";
import { formatHubStart } from "../../lib/server/keeper/keeper_protocol.ts";
import { ServerLog } from "../../lib/server/server_log.ts";
import type { ServeSettings } from "../../lib/server/settings/settings.ts";
import { programOnDisk } from "../support/own_command.ts";
import { openServiceReports } from "./service_reports.ts";

/** A socket that is a file needs the network, too. */
const KEPT: readonly Permission[] = ["read", "write", "net", "run"];

/** The status for the service manager. */
const NO_HUB = "the hub is started again; the fronts hold the clients";

/** Runs the server that `args`, the arguments of `serve`, describe. Returns the exit code. */
export async function keepServer(settings: ServeSettings, args: readonly string[], io: Io): Promise<number> {
  io.revoke(PERMISSIONS.filter((each) => !KEPT.includes(each)));
  const { dataDir, fronts, logFormat } = settings;
  const kind = settings.cluster === undefined ? [] : ["cluster"];
  const command = programOnDisk();
  // The prompt of a hub that dies does not give the terminal back.
  let restoreTerminal = logFormat === "text" ? io.stdin.holdMode?.() : undefined;
  const log = new ServerLog(logFormat, io.clock, (line) => io.stdout.write(line));
  const keeper = new Keeper({
    fronts,
    dataDir,
    startHub: (start) => startProcess([...command(), "hub", formatHubStart(start), ...args], "terminal"),
    startFront(relay, index) {
      return startProcess([...command(), "front", relay, String(index), String(Deno.pid), ...kind], "errors");
    },
    log,
    onHubEnded({ signal }) {
      if (restoreTerminal !== undefined && signal !== undefined) io.stdout.write("\n"); // leaves its prompt
      restoreTerminal?.();
      restoreTerminal = restoreTerminal && io.stdin.holdMode?.();
    },
  });
  const reports = await openServiceReports(io, log);
  // The signals that have come are handled once there is a hub: nothing is awaited until it runs.
  for (const signal of STOP_SIGNALS) io.onSignal(signal, () => keeper.stop(signal));
  io.onSignal("SIGHUP", () => keeper.reload());
  io.onSignal("SIGUSR2", () => keeper.handOver());
  // A hub pings itself. Without one the fronts hold the clients; the service manager would disconnect them by a restart.
  reports?.watch(() => Promise.resolve(), () => keeper.isWithoutHub ? NO_HUB : undefined);
  const end = await keeper.run();
  reports?.manager.close();
  restoreTerminal?.();
  return exitCode(end, io);
}

function exitCode(end: KeeperEnd, io: Io): number {
  switch (end.kind) {
    case "ended":
      return end.code;
    case "not_started":
      return reportFailure(io, EXIT.cannotCreate, `the hub could not be started: ${end.how}`);
    case "unsaved":
      return reportFailure(io, EXIT.ioError, `the hub ended (${end.how}) before it had saved everything`);
    case "signalled":
      return exitCodeForSignal(AbortSignal.abort({ why: end.signal } satisfies StopReason));
    default:
      return unreachable(end);
  }
}
