/** What the chat server is made of. */
import type { Clock, ClockStepDetector, Stopwatch } from "../base/clock.ts";
import type { AddressSet } from "../base/ip.ts";
import type { Handover } from "../hub/handover/handover.ts";
import type { Hub } from "../hub/hub.ts";
import type { EventLog } from "../hub/log/event_log.ts";
import type { HubConfig } from "../hub/model/config.ts";
import type { ServerEvent } from "../hub/model/server_event.ts";
import type { ArchiveOrder } from "../log/archive.ts";
import type { SavedFact } from "../log/fact.ts";
import type { LogLock } from "../log/log_lock.ts";
import type { SendBudget } from "../net/send_budget.ts";
import type { ProcessControl } from "./console/console_runner.ts";
import type { NotificationQueue } from "./notify/notification_queue.ts";
import type { InboxReader } from "./inbox_reader.ts";
import type { AskArchive } from "./job_runner.ts";
import type { ServerLimits } from "./settings/limit_flags.ts";

export interface ServerOptions {
  config: HubConfig;
  log: EventLog;
  clock: Clock;
  /** Detects steps of the clock; if left out, the clock is assumed to have none. */
  clockWatch?: ClockStepDetector;
  /** Measures the time that lines cost; the system's by default. */
  stopwatch?: Stopwatch;
  /** Gets the server events of each turn that had any: a client connected, left, … */
  onServerEvents: (events: readonly ServerEvent[]) => void;
  /** Gets the facts of each turn that changed any, to be saved beside the log. */
  onFacts?: (facts: readonly SavedFact[]) => void;
  /** Brings the facts so far to disk; resolves with the reason if that failed. */
  flushFacts?: () => Promise<string | undefined>;
  /** The archive: answers queries, and takes orders of the hub; if left out, there is none. */
  archive?: { readonly ask: AskArchive; readonly order: (orders: readonly ArchiveOrder[]) => void };
  /** As {@link flushFacts}, but does nothing if all facts are known to be on disk. */
  ensureFactsDurable?: () => Promise<string | undefined>;
  /** Gets a sentence about refused connections, at most once a minute. */
  onRefused?: (text: string) => void;
  /** A limit that is left out is as in DEFAULT_SERVER_LIMITS. */
  limits?: Partial<ServerLimits>;
  /** Trusted proxies, which name the client of each connection; `localhost`: all connections over Unix sockets. */
  proxies?: AddressSet;
  /** Gets errors that do not end the server, such as no free file handles. */
  onRecoverableError: (error: unknown) => void;
  /** Gets an error that is a bug: the server must end. */
  onFatalError: (error: unknown) => void;
  /**
   * If given, the output of a turn is sent only after this has resolved: all records of the turn are on disk by
   * then.
   */
  makeDurable?: () => Promise<unknown>;
  /** If given, a turn waits for it: settles when records may be appended; undefined: now. */
  whenRoom?: () => Promise<void> | undefined;
  /** Tries to bring all records so far to disk; `trouble`: why some of them are not there. */
  sync?: () => Promise<{ readonly trouble: string | undefined }>;
  /**
   * Time after which pages ring though the disk has not answered, in milliseconds; if left out, they wait for it.
   */
  diskPatienceMs?: number | undefined;
  /** Bound of one send queue; a client that exceeds it is disconnected. SEND_QUEUE_MAX_BYTES by default. */
  maxQueueBytes?: number;
  /** Bound of all send queues together, and of those of one address. */
  sendBudget?: SendBudget;
  /** For the console commands that control the process; if left out, they are refused. */
  control?: ProcessControl;
  /** Sends what the hub has for notify URLs; if left out, none is sent. */
  notifications?: NotificationQueue;
  /** Hands out the lines that clients on this machine put into shared memory. */
  inbox?: InboxReader;
  /** For a server with fronts: makes the handover of its hub. */
  makeHandover?: (hub: Hub) => Handover;
  /** Lock of the log; only this server holds it. */
  lock: LogLock;
}
