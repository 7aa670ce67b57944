/**
 * The hub: the chat as a state machine over the log. Lines are processed one at a time: each is decided
 * (`dispatch.ts`), and its events are appended to the log and applied (`apply.ts`) before the next line is read.
 * Output is gathered (`outbox.ts`) until the turn ends with {@link Hub.takeEffects}. The hub does no I/O and uses
 * no clock and no randomness of its own: the caller passes in `now`.
 *
 * The caller holds the log lock around every call that may append (`open` to `tick`).
 */
import { CLOCK_STEP_MS } from "../base/clock.ts";
import { AddressSet } from "../base/ip.ts";
import type { LineFault } from "../irc/line_splitter.ts";
import type { ArchiveOrder } from "../log/archive.ts";
import type { EventLog } from "./log/event_log.ts";
import { announce, broadcastNotice, noticeToOperators } from "./fanout/announcement.ts";
import type { ChangedSessions } from "./services/changed_sessions.ts";
import { newestRecordTime, notifyClockChange } from "./fanout/clock_notice.ts";
import { isTemporaryOwner } from "./model/identifiers.ts";
import type { OwnerId } from "./model/identifiers.ts";
import { disconnectAllSessions } from "./apply/disconnect.ts";
import { DEFAULT_LIMITS, lobbyOf } from "./model/config.ts";
import type { HubConfig, HubLimits, ReplaceableConfig } from "./model/config.ts";
import type { HubContext, Services } from "./context.ts";
import { ReservedNames } from "../irc/names/reserved_names.ts";
import { Execution } from "./execution.ts";
import type { NotificationOrder } from "./services/oncall/notify_urls.ts";
import type { ServerEvent } from "./model/server_event.ts";
import type { Job } from "./model/state/async_job.ts";
import type { SavedFact } from "../log/fact.ts";
import { clearForbiddenLobbyModes } from "./policy/lobby.ts";
import { getOrCreateChannel } from "./apply/channel_membership.ts";
import type { Delivery } from "./output/outbox.ts";
import { replayLog } from "./apply/log_replay.ts";
import { restoreAll } from "./apply/fact_restore.ts";
import { createServices } from "./hub_services.ts";
import { createSession } from "./apply/session_changes.ts";
import type { Session } from "./model/state/entities.ts";
import { ringDuePages } from "./verbs/oncall/ringing.ts";
import { settlePages } from "./verbs/oncall/page_ending.ts";
import { tellEndings } from "./verbs/messaging/question_answer.ts";
import { runDue, runTimers } from "./timers.ts";

/** The effects of a turn outside the hub. */
export interface Effects {
  /** The output, per session and in order. */
  readonly deliveries: readonly Delivery[];
  /** The caller calls {@link Hub.resume} for each when it is done. */
  readonly jobs: readonly Job[];
  /** New and changed facts to save beside the log. */
  readonly facts: readonly SavedFact[];
  /** Entries for the server's own log. */
  readonly serverEvents: readonly ServerEvent[];
  /** What the archive is to do beside following the log; empty without an archive. */
  readonly archiveOrders: readonly ArchiveOrder[];
  /** Notifications of pages to send; the caller calls `done` of each within a turn. */
  readonly notifications: readonly NotificationOrder[];
  /** A message (services/receipts.ts) or an action (services/durable_actions.ts) waits for the disk. */
  readonly wantsDurable: boolean;
}

const NO_EFFECTS: Effects = {
  deliveries: [],
  jobs: [],
  facts: [],
  serverEvents: [],
  archiveOrders: [],
  notifications: [],
  wantsDurable: false,
};

export class Hub {
  readonly context: HubContext;
  readonly services: Services;
  readonly #execution: Execution;

  constructor(config: HubConfig, log: EventLog) {
    const limits = { ...DEFAULT_LIMITS, ...config.limits };
    const exemptAddresses = new AddressSet(limits.exempt);
    const execution = new Execution(config, limits, exemptAddresses, log);
    this.#execution = execution;
    this.context = execution;
    this.services = execution.services = createServices(execution);
  }

  /**
   * Restores the saved facts, replays the log, then records that the server has started. `staying`: owner ids of users
   * that stay, because fronts hold their connections; then there is no such record, after which all would have left.
   */
  start(now: number, facts: readonly SavedFact[] = [], staying?: ReadonlySet<OwnerId>): void {
    const { context, services } = this;
    const { accounts, history } = services;
    this.#execution.now = now;
    restoreAll(context, services, facts);
    if (accounts.size > 0) services.decoyCredentials.persist(); // an earlier version did not save them
    services.channelSettings.dropEndedOperators();
    for (const event of services.serverOperators.applyFlags(context.config.opers, accounts)) {
      context.report(event);
    }
    const newest = newestRecordTime(context, services);
    if (newest - now > CLOCK_STEP_MS) notifyClockChange(context, { kind: "clock_behind", newest, now });
    history.restoreRetained();
    const lobby = lobbyOf(context.config);
    if (lobby !== "") {
      history.createChannel(lobby, context.config.logCreatedAt ?? now);
      getOrCreateChannel(context, services, lobby, "");
    }
    replayLog(context, services, staying);
    services.archiveOrders.put({
      kind: "forget_temporary",
      except: [...Array.from(accounts.all, ({ owner }) => owner), ...staying ?? []].filter(isTemporaryOwner),
      seq: context.log.nextSeq,
    });
    services.formerOwners.prune();
    services.accountTokens.prune((owner) => accounts.isPossibleOwner(owner));
    services.scheduledMessages.prune((owner) => accounts.isPossibleOwner(owner));
    services.pages.finishRestore(now);
    void services.dutyCalendars.prepare(now);
    services.notifyUrls.prune((owner) => accounts.isPossibleOwner(owner));
    services.readMarkers.resolveTimes(now);
    history.retained.start();
    services.operatorQuota.recount(history.channels.values());
    services.listMemory.recount(history.channels.values());
    if (staying === undefined) context.commit({ kind: "boot", version: context.config.version });
    services.archiveOrders.begin();
    tellEndings(context, services);
    settlePages(context, services);
    ringDuePages(context, services);
    clearForbiddenLobbyModes(context, services);
  }

  /** Has changes of sessions noted in `changes`, for fronts (handover/). */
  trackChanges(changes: ChangedSessions): void {
    this.#execution.changes = changes;
  }

  /** Replaces parts of the configuration. */
  reconfigure(change: Partial<ReplaceableConfig>): void {
    const config = this.#execution.config = { ...this.#execution.config, ...change };
    if (change.opers === undefined) return;
    this.#execution.reservedNames = new ReservedNames([config.serverName, config.network], config.opers);
  }

  /** Replaces the limits, except for the exempt addresses. Rates that differ begin with nothing counted. */
  replaceLimits({ exempt: _, ...limits }: HubLimits): void {
    this.#execution.limits = { ...this.#execution.limits, ...limits };
    this.services.attemptLimits.replaceRates(limits);
    this.services.channelQuota.max = limits.channels;
  }

  /**
   * Opens a session for a new connection; undefined: the server is full. `isMaybeProxyCheck`: see {@link
   * RegisteringPhase}; `isInternal`: see {@link Session}.
   */
  open(
    id: number,
    host: string,
    isSecure: boolean,
    now: number,
    endpoint?: string,
    isMaybeProxyCheck = false,
    isInternal = false,
  ): Session | undefined {
    const { config, state, clockOffsetMs } = this.context;
    if (state.sessions.size >= config.maxClients) return undefined;
    const displayHost = config.cloak?.hostOf(host);
    const openedAt = now - clockOffsetMs;
    const session = createSession(
      id,
      host,
      isSecure,
      openedAt,
      endpoint,
      displayHost,
      isMaybeProxyCheck,
      isInternal,
    );
    this.context.commit({ kind: "connect", session });
    return session;
  }

  /** Processes one line, or its fault, of a session that is not waiting for a job. */
  line(session: Session, line: string | LineFault, now: number): void {
    this.#execution.line(session, line, now);
  }

  /**
   * Closes a session because its connection has ended or will end: see {@link HubContext.close}. Safe to call
   * twice.
   */
  close(session: Session, reason: string, now: number, isLost = false): void {
    this.#execution.now = now;
    this.#execution.close(session, reason, isLost);
  }

  /** Completes a job from {@link takeEffects}: `go` applies its outcome, as if the line was processed now. */
  resume(session: Session, go: () => void, now: number): void {
    this.#execution.resume(session, go, now);
  }

  /** Reports that the clock was set forward by `ms`, or back if `ms` is negative. */
  clockSet(ms: number): void {
    this.#execution.clockOffsetMs += ms;
    this.services.pages.noteClockSet();
    notifyClockChange(this.context, { kind: "clock_set", ms });
  }

  /**
   * Runs the timers: ends sessions that do not register or respond, pings silent ones, and forgets what the log no
   * longer holds.
   */
  tick(now: number): void {
    this.#execution.now = now;
    runTimers(this.context, this.services);
  }

  /** Says the scheduled messages that are due, as many as one tick says, and rings for pages. */
  runDue(now: number): void {
    this.#execution.now = now;
    runDue(this.context, this.services);
  }

  /** Reports that the archive has carried out `order`. */
  confirmOrder(order: ArchiveOrder): void {
    this.services.archiveOrders.confirm(order);
  }

  /** Begins a task of the server itself, such as a console command, at the time `now`. */
  beginTask(now: number): void {
    this.#execution.now = now;
  }

  /** Sends a NOTICE of the server itself to a channel; it is recorded. Longer text is split into several. */
  announce(channel: string, text: string, now: number): void {
    this.#execution.now = now;
    announce(this.context, this.services, channel, text);
  }

  /** Sends a NOTICE of the server to every session; it is not recorded. */
  broadcastNotice(text: string): void {
    broadcastNotice(this.context, text);
  }

  /** Sends a NOTICE of the server to the server operators that are online; it is not recorded. */
  noticeToOperators(text: string): void {
    noticeToOperators(this.context, text);
  }

  /** Disconnects every session. None is notified of the others, which among n users would take n² lines. */
  disconnectAll(reason: string, now: number): void {
    this.#execution.now = now;
    disconnectAllSessions(this.context, this.services, reason);
  }

  /** Ends the turn and returns its effects, which the server carries out. */
  takeEffects(): Effects {
    const deliveries = this.services.outbox.takeDeliveries();
    const jobs = [...this.#execution.jobs.take(), ...this.services.dutyCalendars.takeJobs()];
    const facts = this.services.facts.take();
    const serverEvents = this.#execution.serverEvents.take();
    const archiveOrders = this.services.archiveOrders.take();
    const notifications = this.services.notifyUrls.takeOrders();
    const wantsDurable = this.services.receipts.wantsDurable || !this.services.durableActions.isEmpty;
    const count = deliveries.length + jobs.length + facts.length + serverEvents.length +
      archiveOrders.length + notifications.length;
    if (count === 0 && !wantsDurable) return NO_EFFECTS;
    return { deliveries, jobs, facts, serverEvents, archiveOrders, notifications, wantsDurable };
  }
}
