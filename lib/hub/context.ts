/**
 * What handlers, policies and the fan-out work with. Types only, so that what lies below the hub never depends on how it is
 * put together: `execution.ts` implements {@link HubContext}, `hub.ts` constructs the {@link Services}.
 */
import type { AddressSet } from "../base/ip.ts";
import type { ReservedNames } from "../irc/names/reserved_names.ts";
import type { EventLog } from "./log/event_log.ts";
import type { Archive } from "./history/archive.ts";
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
import type { Accounts } from "./services/accounts/accounts.ts";
import type { ChannelSettingsStore } from "./services/channel_settings_store.ts";
import type { FormerOwners } from "./services/accounts/claim_keys.ts";
import type { DecoyCredentials } from "./services/accounts/passwords.ts";
import type { ServerOperators } from "./services/accounts/server_operators.ts";
import type { Bans } from "./services/bans.ts";
import type { AttemptLimits } from "./services/limits/attempt_limits.ts";
import type { ChannelQuota } from "./services/limits/channel_quota.ts";
import type { ListMemory } from "./services/limits/list_memory.ts";
import type { OperatorQuota } from "./services/limits/operator_quota.ts";
import type { SessionMemory } from "./services/limits/session_memory.ts";
import type { Metadata } from "./services/metadata.ts";
import type { Monitors } from "./services/monitors.ts";
import type { OfflineMessages } from "./services/offline_messages.ts";
import type { ReadMarkers } from "./services/read_markers.ts";
import type { Receipts } from "./services/receipts.ts";
import type { ReplayPositions } from "./services/replay_positions.ts";
import type { Whowas } from "./services/whowas.ts";

/** What is told of a verb; its handler is the dispatcher's. */
export interface VerbSummary {
  /** Parameters that it has at least. */
  readonly min: number;
  readonly who: "anyone" | "newcomer" | "session" | "user";
  readonly nth: number;
}

/** The line or task that is being worked on, and what it may do. */
export interface HubContext {
  readonly state: ReadonlyState;
  readonly config: HubConfig;
  readonly limits: HubLimits;
  readonly log: EventLog;
  /** Addresses without a bound on number or speed. */
  readonly exemptAddresses: AddressSet;
  readonly reservedNames: ReservedNames;
  /** The session whose line is being worked on; undefined within a task. */
  readonly origin: Session | undefined;
  /** The clock as of the line or task: milliseconds since the epoch. */
  readonly now: number;
  /** The clock without the steps by which it was set: for timeouts, rates and durations. */
  readonly monotonic: number;
  /** By how much the clock has been set since the start, in sum: milliseconds. */
  readonly clockOffsetMs: number;
  /** A change of the clock that no server operator has been told of yet. */
  pendingClockNotice: string | undefined;
  /** The verbs by name; `nth` is the index of each in {@link verbUses}. */
  readonly verbs: ReadonlyMap<string, VerbSummary>;
  /** How often each verb has been used. */
  readonly verbUses: Float64Array;
  /** Units of work (work_steps.ts) of one line within a turn. */
  readonly unitsPerTurn: number;

  /** Records `event` where its kind is recorded, and applies it. */
  commit(event: StateEvent): RecordPlace;
  /** Records a message and delivers it. */
  commitMessage(event: MessageEvent<RoutedChannelTarget | RoutedDirectTarget>): RecordPlace;
  /** Delivers a message that is not for history: what a user is doing now (`+typing`), or what only some may read (STATUSMSG). */
  relayMessage(event: MessageEvent<RoutedTarget>): RecordPlace;

  /** Adds `event` to the server's own log. */
  report(event: ServerEvent): void;

  /** One line, without CRLF, to one session. A line without tags is cut off at the length of a line. */
  send(session: Session, line: string): void;
  /** The lines of one batch to one session: the first opens it, the last closes it. */
  sendBatch(session: Session, lines: readonly string[]): void;
  /** A numeric; `params` follow the nick of the client, the last one as a text (output/framed_params.ts). */
  numeric(session: Session, code: string, ...params: readonly Param[]): void;
  /** A numeric with parameters that are framed already. */
  numericFramed(session: Session, code: string, params: FramedParams): void;
  /** A standard reply (IRCv3 standard-replies): `FAIL command code context :text`. */
  fail(session: Session, command: string, code: string, context: readonly Param[], text: string): void;
  /** A reference for a batch, used once. */
  nextBatchRef(): string;

  /** True while everything for `session` is collected for one labeled response. */
  isCollectingResponse(session: Session): boolean;
  /** Takes the label of the line, in wire form, or "": its response comes later, by {@link sendLabeled}. */
  takeLabel(): string;
  /** What `go` sends to `session` answers the line that had `label`, which was taken ("" for none), not the present one. */
  respondWithLabel(session: Session, label: string, go: () => void): void;
  /** The response to an earlier line, whose label was taken. */
  sendLabeled(session: Session, label: string, line: string): void;

  /** Tells the session why, sends nothing more to it, and has its connection closed once that is written. */
  disconnect(session: Session, reason: string): void;
  /** Ends the session: `reason` is what others see. `isLost`: the connection broke, so that a user with a key may come back. */
  close(session: Session, reason: string, isLost?: boolean): void;

  /** `session` waits until `job` is done, and then until the remaining steps of its line are taken. */
  suspend(session: Session, job: Job): void;
  /** `session` waits for a job that is queued later, by {@link queueJobs}. */
  suspendLine(session: Session): void;
  queueJobs(jobs: readonly Job[]): void;
  /** `steps` are taken when the line has been decided, a part in each turn; outside of a line at once. */
  runInSteps(steps: WorkSteps): void;
  /** Takes all remaining steps of the line that `session`, which ends, waits with. */
  finishLine(session: Session): void;

  /** An owner id for a user without a claim key; no later user gets it again. */
  createTemporaryOwner(): string;
  randomBytes(count: number): Uint8Array;
  /** A client at `host` has sent what only a trusted proxy may send: reported once for each kind of header. */
  reportForwardingHeader(header: ForwardingHeader, host: string): void;
  /**
   * A name and password, or the server's password, were wrong; the attempt has been counted (attempt_limits.ts).
   * `hasAccount`: the name has an account, which only the server's log is told.
   */
  recordLoginFailure(session: Session, hasAccount?: boolean): void;
}

/** What outlives a line: each service owns its part of what the server knows. */
export interface Services {
  readonly accounts: Accounts;
  readonly archive: Archive;
  readonly attemptLimits: AttemptLimits;
  readonly bans: Bans;
  readonly channelQuota: ChannelQuota;
  readonly channelSettings: ChannelSettingsStore;
  readonly decoyCredentials: DecoyCredentials;
  readonly facts: FactBuffer;
  readonly formerOwners: FormerOwners;
  readonly listMemory: ListMemory;
  readonly metadata: Metadata;
  readonly monitors: Monitors;
  readonly offlineMessages: OfflineMessages;
  readonly operatorQuota: OperatorQuota;
  readonly outbox: HubOutbox;
  readonly readMarkers: ReadMarkers;
  readonly receipts: Receipts;
  readonly replayPositions: ReplayPositions;
  readonly serverOperators: ServerOperators;
  readonly sessionMemory: SessionMemory;
  readonly whowas: Whowas;
}
