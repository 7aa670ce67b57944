/** A server with fronts: its relay to them, and its connection with the keeper, which has started hub and fronts. */
import type { PresentedSession } from "../../lib/hub/handover/presentation.ts";
import type { ProcessControl } from "../../lib/server/console/console_runner.ts";
import { KeeperLink } from "../../lib/server/keeper/keeper_link.ts";
import { obeyKeeper } from "../../lib/server/keeper/keeper_orders.ts";
import type { HubStart } from "../../lib/server/keeper/keeper_protocol.ts";
import type { TlsAcceptor } from "../../lib/server/listen/certificate.ts";
import { originPolicy } from "../../lib/server/listen/listeners.ts";
import { FrontSet } from "../../lib/server/relay/front_set.ts";
import { HOLD_MS } from "../../lib/server/relay/front_setup.ts";
import type { FrontSetup } from "../../lib/server/relay/front_setup.ts";
import type { ChatServer } from "../../lib/server/server.ts";
import type { ServerLog } from "../../lib/server/server_log.ts";
import { DEFAULT_SERVER_LIMITS } from "../../lib/server/settings/limit_flags.ts";
import type { ServeSettings } from "../../lib/server/settings/settings.ts";

export interface StartedFronts {
  readonly fronts: FrontSet;
  readonly keeper: KeeperLink;
  /** Sessions of the hub before this one. */
  readonly presented: readonly PresentedSession[];
  /** Fronts of an earlier hub live, which may report later. */
  readonly isTakeover: boolean;
  /** Has the fronts take over what has changed of `settings`, and read the certificate again. */
  reload(settings: ServeSettings): void;
}

/**
 * Takes the fronts that the keeper starts, and gives `server`, which is not started yet, their sessions. Waits for the
 * fronts of the hub before this one.
 */
export async function startFrontSet(
  settings: ServeSettings,
  server: ChatServer,
  tls: TlsAcceptor | undefined,
  { hub, control, log }: { hub: HubStart; control: ProcessControl; log: ServerLog },
): Promise<StartedFronts | { why: string }> {
  const { dataDir } = settings;
  const setup = frontSetup(settings, tls);
  const link: { keeper?: KeeperLink } = {};
  const fronts = await FrontSet.start({
    host: server.relayed!,
    dataDir,
    setup,
    keeper: { killFront: (pid) => link.keeper?.report({ kind: "kill_front", pid }) },
    isRestart: hub.isRestart,
    log,
  });
  if ("why" in fronts) return fronts;
  for (const { index, pid } of hub.living) fronts.handleStarted(index, pid);
  server.useRelay(fronts);
  const opened = await KeeperLink.open({
    dataDir,
    relay: fronts.path,
    onOrder: (order) => obeyKeeper(order, control, fronts),
    onTrouble: (why) => log.warning("keeper", why),
  });
  if (!(opened instanceof KeeperLink)) {
    await fronts.close();
    return opened;
  }
  link.keeper = opened;
  const presented = await fronts.gather(hub.living.length);
  return {
    fronts,
    keeper: opened,
    presented,
    isTakeover: hub.living.length > 0,
    reload: (changed) => fronts.reload({ ...setup, ...liveSetup(changed) }),
  };
}

export function frontSetup(settings: ServeSettings, tls: TlsAcceptor | undefined): FrontSetup {
  const policy = originPolicy(settings);
  return {
    serverName: settings.serverName,
    ...(tls && { tls: tls.files }),
    exempt: settings.limits.hub.exempt,
    ...liveSetup(settings),
    fronts: settings.fronts,
    origins: [...policy.origins],
    names: [...policy.names],
    holdMs: HOLD_MS,
  };
}

/** The part of a setup that fronts take over while they run. */
export function liveSetup(
  { limits, proxies }: ServeSettings,
): Pick<FrontSetup, "proxies" | "limits" | "maxClients"> {
  return {
    proxies: proxies.members,
    limits: { ...DEFAULT_SERVER_LIMITS, ...limits.server },
    maxClients: limits.maxClients,
  };
}
