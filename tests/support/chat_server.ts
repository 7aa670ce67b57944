/** A whole server on a port or a Unix socket of its own. */
import type { SavedFact } from "../../lib/log/fact.ts";
import type { Clock, ClockStepDetector } from "../../lib/base/clock.ts";
import type { AddressSet } from "../../lib/base/ip.ts";
import type { Handover } from "../../lib/hub/handover/handover.ts";
import type { Hub } from "../../lib/hub/hub.ts";
import type { HubConfig } from "../../lib/hub/model/config.ts";
import type { ServerEvent } from "../../lib/hub/model/server_event.ts";
import { Ring } from "../../lib/log/ring.ts";
import type { Address } from "../../lib/net/address.ts";
import type { ServerLimits } from "../../lib/server/settings/limit_flags.ts";
import { ChatServer } from "../../lib/server/server.ts";
import type { TlsWrapper } from "../../lib/server/listen/certificate.ts";
import type { SendBudget } from "../../lib/net/send_budget.ts";
import type { HttpUpgrader } from "../../lib/net/web/http_upgrade.ts";
import { START, TEST_CONFIG } from "./hub.ts";
import { ownLock } from "./own_lock.ts";

export interface RunningServer {
  server: ChatServer;
  address: Address;
  ring: Ring;
  notices: ServerEvent[];
  /** What was told of connections that were refused. */
  refused: string[];
  /** Throws what went wrong in the server while it ran. */
  stop(reason?: string): Promise<void>;
}

export interface RunOptions {
  onFacts?: (facts: readonly SavedFact[]) => void;
  factsDurable?: () => Promise<string | undefined>;
  config?: Partial<HubConfig>;
  transport?: "tcp" | "unix";
  /** What its door has beside the transport. */
  secure?: TlsWrapper;
  web?: HttpUpgrader;
  host?: string;
  maxQueueBytes?: number;
  sendBudget?: SendBudget;
  limits?: Partial<ServerLimits>;
  /** Trusted proxies. */
  proxies?: AddressSet;
  ring?: Ring;
  sync?: () => Promise<{ trouble: string | undefined }>;
  clock?: Clock;
  clockWatch?: ClockStepDetector;
  /** For a server with fronts. */
  makeHandover?: (hub: Hub) => Handover;
}

/** A clock that goes on by a millisecond each time it is read. */
function millisecondClock(): Clock {
  let now = START;
  return { now: () => now++ };
}

export async function runServer(options: RunOptions = {}): Promise<RunningServer> {
  const { config, transport, secure, web, host = "127.0.0.1", maxQueueBytes, limits, sync } = options;
  const { sendBudget, proxies, onFacts, factsDurable, clockWatch, makeHandover, clock = millisecondClock() } =
    options;
  const { ring = Ring.create(1 << 20) } = options;
  const failures: unknown[] = [];
  const fatal = Promise.withResolvers<never>();
  fatal.promise.catch(() => {}); // `stop` tells
  const notices: ServerEvent[] = [];
  const refused: string[] = [];
  const server = new ChatServer({
    config: { ...TEST_CONFIG, ...config },
    log: ring,
    clock,
    stopwatch: () => 0, // no line is slow
    onServerEvents: (list) => notices.push(...list),
    onRefused: (text) => refused.push(text),
    onRecoverableError: (error) => failures.push(error),
    onFatalError: fatal.reject,
    lock: ownLock(ring),
    ...(maxQueueBytes === undefined ? {} : { maxQueueBytes }),
    ...(sendBudget === undefined ? {} : { sendBudget }),
    ...(limits === undefined ? {} : { limits }),
    ...(proxies === undefined ? {} : { proxies }),
    ...(clockWatch === undefined ? {} : { clockWatch }),
    ...(sync === undefined ? {} : { sync }),
    ...(onFacts === undefined ? {} : { onFacts }),
    ...(makeHandover === undefined ? {} : { makeHandover }),
    ...(factsDurable === undefined ? {} : { ensureFactsDurable: factsDurable }),
  });
  await server.start();
  const dir = transport === "unix" ? await Deno.makeTempDir() : undefined;
  const outcome = await server.listen(
    dir === undefined ? { kind: "tcp", host, port: 0 } : { kind: "unix", path: `${dir}/s` },
    secure,
    web,
  );
  if (outcome.kind !== "listening") throw new Error(outcome.why);
  return {
    server,
    address: outcome.address,
    ring,
    notices,
    refused,
    async stop(reason = "end of the test") {
      await Promise.race([fatal.promise, server.stop(reason)]);
      if (dir !== undefined) await Deno.remove(dir, { recursive: true });
      if (failures.length > 0) throw failures[0];
    },
  };
}
