/** What `serve` reports to the service manager that started it (`lib/server/service_manager.ts`). */
import type { Io } from "../../lib/cli/command.ts";
import { formatAddress, formatWebAddress } from "../../lib/net/address.ts";
import type { CommandAnswer } from "../../lib/server/console/console_command.ts";
import type { ProcessControl } from "../../lib/server/console/console_runner.ts";
import type { ChatServer } from "../../lib/server/server.ts";
import type { ServerLog } from "../../lib/server/server_log.ts";
import type { ServiceManager } from "../../lib/server/service_manager.ts";
import type { OpenSockets } from "./server_sockets.ts";

/** The reports of a server to its service manager. */
export class ServiceReports {
  #status = "";

  constructor(readonly manager: ServiceManager) {}

  /** The server listens at `sockets`. From now on pings follow the turns of its queue. */
  async ready(
    server: Pick<ChatServer, "hub" | "turnQueue">,
    { addresses, web }: Pick<OpenSockets, "addresses" | "web">,
  ): Promise<void> {
    const where = [...addresses.map(formatAddress), ...web.map(formatWebAddress)].join(", ");
    const { users } = server.hub.context.state;
    const status = () => `${users.size} online; listening on ${where}`;
    await this.listens(status());
    this.watch(() => server.turnQueue.run(() => {}), status);
  }

  /** Clients can connect. */
  async listens(status: string): Promise<void> {
    this.#status = status;
    await this.manager.report({ state: "READY", status });
  }

  /** From now on there are pings, each after `respond` has resolved; none while `status` is undefined. */
  watch(respond: () => Promise<void>, status: () => string | undefined): void {
    this.manager.startWatchdog(respond, status);
  }

  /** Runs `reload` between the reports of its beginning and its end; the latter would say that a server listens. */
  async whileReloading(reload: () => Promise<CommandAnswer>): Promise<CommandAnswer> {
    if (this.#status === "") return await reload();
    await this.manager.report({ state: "RELOADING", status: "reading its files again" });
    const answer = await reload();
    const failure = answer.failure === undefined ? "" : `; not reloaded: ${answer.failure.words}`;
    await this.manager.report({ state: "READY", status: this.#status + failure });
    return answer;
  }

  async stopping(): Promise<void> {
    await this.manager.report({ state: "STOPPING", status: "saving the history" });
  }
}

/**
 * Undefined: no service manager wants reports, and nothing is loaded for them; or they cannot be sent, which is logged.
 */
export async function openServiceReports(
  io: Pick<Io, "env">,
  log: ServerLog,
): Promise<ServiceReports | undefined> {
  if (Deno.build.os !== "linux" || io.env("NOTIFY_SOCKET") === undefined) return undefined;
  const { readServiceEnvironment, ServiceManager } = await import("../../lib/server/service_manager.ts");
  const environment = readServiceEnvironment(io.env, [Deno.pid, Deno.ppid]);
  if (environment === undefined) return undefined;
  try {
    return new ServiceReports(new ServiceManager(environment));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    log.warning("service_manager", `nothing can be reported to the service manager: ${why}`);
    return undefined;
  }
}

/** Control of the process by its administrators; `stopped`: the answer to a stop, once all is saved. */
export function makeProcessControl(
  reload: () => Promise<CommandAnswer>,
  askToStop: () => void,
  stopped: Promise<CommandAnswer>,
  reports: ServiceReports | undefined,
  handOver: (() => void) | undefined,
): ProcessControl {
  return {
    reload: () => reports?.whileReloading(reload) ?? reload(),
    stop() {
      askToStop();
      return stopped;
    },
    ...(handOver && { handOver }),
  };
}
