/**
 * The interfaces that handlers, policies and the fan-out work with. Types only, so that the layers below the hub do
 * not depend on its assembly: `execution.ts` implements {@link HubContext}, `hub.ts` constructs the {@link
 * Services}.
 */
import type { AddressSet } from "../base/ip.ts";
import type { ReservedNames } from "../irc/names/reserved_names.ts";
import type { EventLog } from "./log/event_log.ts";
import type { ArchiveOrders } from "./history/archive_orders.ts";
import type { HistoryIndex } from "./history/history_index.ts";
import type { FactBuffer } from "./log/facts.ts";
import type { HubConfig, HubLimits } from "./model/config.ts";
import type { RecordPlace } from "./model/identifiers.ts";
import type { ForwardingHeader, ServerEvent } from "./model/server_event.ts";
import type { Job } from "./model/state/async_job.ts";
import type { Session } from "./model/state/entities.ts";
import type {
  MessageEvent,
  RoutedChannelTarget,
  RoutedDirectTarget,
  RoutedTarget,
  StateEvent,
} from "./model/state/event.ts";
import type { ReadonlyState } from "./model/state/state.ts";
import type { WorkSteps } from "./model/work_steps.ts";
import type { FramedParams, Param } from "./output/framed_params.ts";
import type { HubOutbox } from "./output/outbox.ts";
import type { AccountTokens } from "./services/accounts/account_tokens.ts";
import type { ChangedSessions } from "./services/changed_sessions.ts";
import type { Accounts } from "./services/accounts/accounts.ts";
import type { ChannelSettingsStore } from "./services/channel_settings_store.ts";
import type { FormerOwners } from "./services/accounts/claim_keys.ts";
import type { KeyParcels } from "./services/accounts/key_parcels.ts";
import type { DecoyCredentials } from "./services/accounts/passwords.ts";
import type { ServerOperators } from "./services/accounts/server_operators.ts";
import type { Bans } from "./services/bans.ts";
import type { AttemptLimits } from "./services/limits/attempt_limits.ts";
import type { ChannelQuota } from "./services/limits/channel_quota.ts";
import type { ListMemory } from "./services/limits/list_memory.ts";
import type { OperatorQuota } from "./services/limits/operator_quota.ts";
import type { SearchLimits } from "./services/limits/search_limits.ts";
import type { SessionMemory } from "./services/limits/session_memory.ts";
import type { DurableActions } from "./services/durable_actions.ts";
import type { Metadata } from "./services/metadata.ts";
import type { Monitors } from "./services/monitors.ts";
import type { OfflineMessages } from "./services/offline_messages.ts";
import type { OnCallServices } from "./services/oncall/oncall_services.ts";
import type { Questions } from "./services/questions.ts";
import type { ReadMarkers } from "./services/read_markers.ts";
import type { Receipts } from "./services/receipts.ts";
import type { ReplayPositions } from "./services/replay_positions.ts";
import type { ScheduledMessages } from "./services/scheduled_messages.ts";
import type { Whowas } from "./services/whowas.ts";

/** The public description of a verb; only the dispatcher knows its handler. */
export interface VerbSummary {
  /** Minimum number of parameters. */
  readonly min: number;
  readonly who: "anyone" | "newcomer" | "session" | "user";
  readonly nth: number;
}

/** The context of the line or task being processed, and the operations available to it. */
export interface HubContext {
  readonly state: ReadonlyState;
  readonly config: HubConfig;
  readonly limits: HubLimits;
  readonly log: EventLog;
  /** Addresses exempt from limits on number and rate. */
  readonly exemptAddresses: AddressSet;
  readonly reservedNames: ReservedNames;
  /** The session that sent the line being processed; undefined within a task. */
  readonly origin: Session | undefined;
  /** The clock as of the line or task: milliseconds since the epoch. */
  readonly now: number;
  /** Monotonic clock, unaffected by changes of the wall clock: for timeouts, rates and durations. */
  readonly monotonic: number;
  /** Sum of all changes of the clock since start, in milliseconds. */
  readonly clockOffsetMs: number;
  /** Notice of a change of the clock that no server operator has received yet. */
  pendingClockNotice: string | undefined;
  /** Sessions to export; undefined: the hub has no fronts. */
  readonly changes: ChangedSessions | undefined;
  /** The verbs by name; `nth` is the index of each in {@link verbUses}. */
  readonly verbs: ReadonlyMap<string, VerbSummary>;
  /** How often each verb has been used. */
  readonly verbUses: Float64Array;
  /** Messages recorded since the start. */
  readonly messageCount: number;
  /** Units of work (work_steps.ts) that one line may take within a turn. */
  readonly unitsPerTurn: number;

  /** Records `event`, if events of its kind are recorded, and applies it. */
  commit(event: StateEvent): RecordPlace;
  /** Records a message and delivers it. */
  commitMessage(event: MessageEvent<RoutedChannelTarget | RoutedDirectTarget>): RecordPlace;
  /**
   * Delivers a message without recording it: a user's current activity (`+typing`), or a message that only some
   * members may read (STATUSMSG).
   */
  relayMessage(event: MessageEvent<RoutedTarget>): RecordPlace;

  /** Adds `event` to the server's own log. */
  report(event: ServerEvent): void;

  /**
   * Sends one line, without CRLF, to one session. A line without tags is truncated at the maximum length of a line.
   */
  send(session: Session, line: string): void;
  /** Sends the lines of one batch to one session: the first opens it, the last closes it. */
  sendBatch(session: Session, lines: readonly string[]): void;
  /** Sends a numeric; `params` follow the client's nick, the last one as a text (output/framed_params.ts). */
  numeric(session: Session, code: string, ...params: readonly Param[]): void;
  /** Sends a numeric with parameters that are already framed. */
  numericFramed(session: Session, code: string, params: FramedParams): void;
  /** Sends a standard reply (IRCv3 standard-replies): `FAIL command code context :text`. */
  fail(session: Session, command: string, code: string, context: readonly Param[], text: string): void;
  /** Returns a new reference for a batch. */
  nextBatchRef(): string;

  /** Whether output for `session` is being collected for one labeled response. */
  isCollectingResponse(session: Session): boolean;
  /** Takes the label of the line, in wire form, or "": the response is sent later, by {@link sendLabeled}. */
  takeLabel(): string;
  /**
   * Runs `go` and sends its output for `session` as the response to the line that had `label`, which was taken (""
   * for none), instead of to the current line.
   */
  respondWithLabel(session: Session, label: string, go: () => void): void;
  /** Sends the response to an earlier line, of which the label was taken: one line, or several as a batch. */
  sendLabeled(session: Session, label: string, ...lines: readonly string[]): void;

  /** Sends the reason to the session, then nothing more, and has its connection closed once that is written. */
  disconnect(session: Session, reason: string): void;
  /**
   * Ends the session; `reason` is shown to others. `isLost`: the connection broke, so a user with a key or account
   * may resume.
   */
  close(session: Session, reason: string, isLost?: boolean): void;

  /** Suspends `session` until `job` is done, and then until the remaining steps of its line are taken. */
  suspend(session: Session, job: Job): void;
  /** Suspends `session` until a job that is queued later, by {@link queueJobs}, is done. */
  suspendLine(session: Session): void;
  queueJobs(jobs: readonly Job[]): void;
  /** Runs `steps` after the line has been decided, a part in each turn; outside of a line, at once. */
  runInSteps(steps: WorkSteps): void;
  /** Runs `steps`, which may suspend `session`: after its current line, or at once if it has none. */
  runFor(session: Session, steps: WorkSteps): void;
  /** Takes all remaining steps of the line that `session`, which is ending, is suspended with. */
  finishLine(session: Session): void;

  randomBytes(count: number): Uint8Array;
  /** Reports a client at `host` that sent a header reserved for trusted proxies: once for each kind of header. */
  reportForwardingHeader(header: ForwardingHeader, host: string): void;
  /**
   * Records a failed login: a name and password, or the server's password, were wrong. The attempt has been counted
   * (attempt_limits.ts). `hasAccount`: the name has an account, which is disclosed only in the server's log.
   */
  recordLoginFailure(session: Session, hasAccount?: boolean): void;
}

/** State that outlives a line: each service owns a part of the server's data. */
export interface Services extends OnCallServices {
  readonly accounts: Accounts;
  readonly accountTokens: AccountTokens;
  readonly archiveOrders: ArchiveOrders;
  readonly history: HistoryIndex;
  readonly attemptLimits: AttemptLimits;
  readonly bans: Bans;
  readonly channelQuota: ChannelQuota;
  readonly channelSettings: ChannelSettingsStore;
  readonly decoyCredentials: DecoyCredentials;
  readonly durableActions: DurableActions;
  readonly facts: FactBuffer;
  readonly formerOwners: FormerOwners;
  readonly keyParcels: KeyParcels;
  readonly listMemory: ListMemory;
  readonly metadata: Metadata;
  readonly monitors: Monitors;
  readonly offlineMessages: OfflineMessages;
  readonly operatorQuota: OperatorQuota;
  readonly outbox: HubOutbox;
  readonly questions: Questions;
  readonly readMarkers: ReadMarkers;
  readonly receipts: Receipts;
  readonly replayPositions: ReplayPositions;
  readonly scheduledMessages: ScheduledMessages;
  readonly searchLimits: SearchLimits;
  readonly serverOperators: ServerOperators;
  readonly sessionMemory: SessionMemory;
  readonly whowas: Whowas;
}
