/** The fronts of `serve --fronts N`: the same program, started with the command `front`. */
import type { TlsAcceptor } from "../../lib/server/listen/certificate.ts";
import { originPolicy } from "../../lib/server/listen/listeners.ts";
import { frontStarter } from "../../lib/server/relay/front_process.ts";
import { FrontSet } from "../../lib/server/relay/front_set.ts";
import type { FrontSetup } from "../../lib/server/relay/front_setup.ts";
import type { ChatServer } from "../../lib/server/server.ts";
import type { ServerLog } from "../../lib/server/server_log.ts";
import { DEFAULT_SERVER_LIMITS } from "../../lib/server/settings/limit_flags.ts";
import type { ServeSettings } from "../../lib/server/settings/settings.ts";
import { ownCommand } from "../support/own_command.ts";

/** Starts the fronts and gives `server` their sessions. */
export async function startFrontSet(
  settings: ServeSettings,
  server: ChatServer,
  tls: TlsAcceptor | undefined,
  log: ServerLog,
): Promise<FrontSet | { why: string }> {
  const fronts = await FrontSet.start({
    host: server,
    dataDir: settings.dataDir,
    setup: frontSetup(settings, tls),
    start: frontStarter([...ownCommand("default"), "front"]),
    log,
  });
  if (fronts instanceof FrontSet) server.useRelay(fronts);
  return fronts;
}

function frontSetup(settings: ServeSettings, tls: TlsAcceptor | undefined): FrontSetup {
  const { limits, proxies, serverName } = settings;
  const policy = originPolicy(settings);
  return {
    serverName,
    ...(tls && { tls: tls.files }),
    ...(proxies && { proxies: proxies.members }),
    exempt: limits.hub.exempt,
    limits: { ...DEFAULT_SERVER_LIMITS, ...limits.server },
    maxClients: limits.maxClients,
    fronts: settings.fronts,
    origins: [...policy.origins],
    names: [...policy.names],
  };
}
