/** The chat server as `serve` runs it: settings, storage and the server's log put together. */
import { ClockStepDetector, systemStopwatch } from "../../lib/base/clock.ts";
import { VERSION } from "../../lib/base/version.ts";
import type { Io } from "../../lib/cli/command.ts";
import type { HubConfig } from "../../lib/hub/model/config.ts";
import { InboxReader } from "../../lib/server/inbox_reader.ts";
import type { ArchiveService } from "../../lib/server/archive/archive_service.ts";
import { DISK_PATIENCE_MS } from "../../lib/server/durable_waits.ts";
import { ChatServer } from "../../lib/server/server.ts";
import type { ServerOptions } from "../../lib/server/server_options.ts";
import type { ServerLog } from "../../lib/server/server_log.ts";
import type { ReloadableFiles } from "../../lib/server/settings/reloadable_files.ts";
import type { ServeSettings } from "../../lib/server/settings/settings.ts";
import type { Storage } from "../../lib/server/storage.ts";

/** ISUPPORT NETWORK. */
const NETWORK = "ChatterBox";

/** The server with its settings; `parts`: what it is made of beside them. */
export function makeServer(
  settings: ServeSettings,
  parts: ReloadableFiles & Pick<HubConfig, "cloak" | "nodes">,
  storage: Storage,
  archive: ArchiveService | undefined,
  io: Io,
  log: ServerLog,
  hooks: Pick<ServerOptions, "onFatalError" | "control"> & Partial<ServerOptions>,
): ChatServer {
  const inbox = storage.inbox && new InboxReader({
    inbox: storage.inbox,
    random: randomBytes,
    onDamage: (bytes) =>
      log.warning("shm", `the inbox was damaged by another process: ${bytes} bytes dropped`, { bytes }),
  });
  return new ChatServer({
    config: {
      serverName: settings.serverName,
      network: NETWORK,
      version: VERSION,
      logId: storage.logId,
      ...parts,
      maxClients: settings.limits.maxClients,
      limits: settings.limits.hub,
      accounts: settings.accounts,
      replay: settings.replay,
      opers: settings.opers,
      ...settings.hub,
      ...(settings.admin === undefined ? {} : { admin: settings.admin }),
      random: randomBytes,
      startedAt: io.clock.now(),
      logCreatedAt: storage.logCreatedAt,
      storage,
      ...(archive && { hasArchive: true, archive }),
      ...(inbox && { inbox }),
    },
    ...(inbox && { inbox }),
    ...(archive && {
      archive: {
        ask: (query, requester) => archive.ask(query, requester),
        order: (orders) => archive.order(orders),
      },
    }),
    log: storage.ring,
    lock: storage.lock,
    sync: () => storage.makeDurable(),
    onFacts: (facts) => storage.saveFacts(facts),
    flushFacts: () => storage.flushFacts(),
    ensureFactsDurable: () => storage.ensureFactsDurable(),
    diskPatienceMs: DISK_PATIENCE_MS,
    clock: io.clock,
    clockWatch: new ClockStepDetector(io.clock, systemStopwatch),
    onServerEvents: (events) => events.forEach((event) => log.serverEvent(event)),
    limits: settings.limits.server,
    proxies: settings.proxies,
    onRefused: (text) => log.warning("refused", text),
    onRecoverableError: (error) =>
      log.warning("trouble", error instanceof Error ? error.message : String(error)),
    ...hooks,
    ...(settings.sync === "always" ? { makeDurable: () => storage.makeDurable() } : {}),
  });
}

export function randomBytes(bytes: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(bytes));
}
