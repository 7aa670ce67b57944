/**
 * The execution of the current line or task: its time, its session, its labeled response, and its remaining steps.
 * Implements {@link HubContext}, the interface that handlers work with.
 */
import { assert } from "../base/assert.ts";
import type { AddressSet } from "../base/ip.ts";
import type { LineFault } from "../irc/line_splitter.ts";
import { parseMessage } from "../irc/message.ts";
import { ReservedNames } from "../irc/names/reserved_names.ts";
import type { EventLog } from "./log/event_log.ts";
import { apply, applyMessage } from "./apply/apply.ts";
import { closeSession, disconnectSession } from "./apply/disconnect.ts";
import type { HubContext, Services } from "./context.ts";
import { dispatch, replyToFault } from "./dispatch.ts";
import { TURN_RESPONSE_MAX_LENGTH } from "./model/config.ts";
import type { HubConfig, HubLimits } from "./model/config.ts";
import type { ConversationLog } from "./model/conversation_log.ts";
import type { RecordPlace } from "./model/identifiers.ts";
import type { ForwardingHeader, ServerEvent } from "./model/server_event.ts";
import type { Job } from "./model/state/async_job.ts";
import { sessionNick } from "./model/state/entities.ts";
import type { Session, User } from "./model/state/entities.ts";
import { isRecorded } from "./model/state/event.ts";
import type {
  MessageEvent,
  RecordedEvent,
  RenderableEvent,
  RoutedChannelTarget,
  RoutedDirectTarget,
  RoutedTarget,
  StateEvent,
} from "./model/state/event.ts";
import { MutableState } from "./model/state/mutable_state.ts";
import type { ReadonlyState } from "./model/state/state.ts";
import { RemainingSteps, UNITS_PER_TURN } from "./model/work_steps.ts";
import type { ResponseItem, WorkSteps } from "./model/work_steps.ts";
import { frameParams } from "./output/framed_params.ts";
import type { FramedParams, Param } from "./output/framed_params.ts";
import {
  responseLabel,
  responseLength,
  tagsOfFault,
  withTag,
  wrapLabeled,
} from "./output/labeled_response.ts";
import { truncateLine } from "./output/line_limits.ts";
import { VERBS } from "./verbs/mod.ts";

const NO_JOBS: readonly Job[] = [];
const NO_SERVER_EVENTS: readonly ServerEvent[] = [];

export class Execution implements HubContext {
  readonly state: ReadonlyState = new MutableState();
  readonly reservedNames: ReservedNames;
  readonly verbs = VERBS;
  readonly verbUses = new Float64Array(VERBS.size);
  origin: Session | undefined;
  now = 0;
  clockOffsetMs = 0;
  pendingClockNotice: string | undefined;
  /**
   * Set once, by the hub, after construction: the services need the execution, and the execution needs the
   * services.
   */
  services!: Services;
  #nextBatch = 1;
  #label = "";
  /** The items of the labeled response collected so far. */
  #collected: ResponseItem[] = [];
  #remaining = new RemainingSteps();
  #jobs: Job[] = [];
  #serverEvents: ServerEvent[] = [];
  /** Kinds of forwarding header that have already been reported. */
  readonly #forwarding = new Set<ForwardingHeader>();

  constructor(
    public config: HubConfig,
    readonly limits: HubLimits,
    readonly exemptAddresses: AddressSet,
    readonly log: EventLog,
  ) {
    this.reservedNames = new ReservedNames([config.serverName, config.network], config.opers);
  }

  get monotonic(): number {
    return this.now - this.clockOffsetMs;
  }

  get unitsPerTurn(): number {
    return this.config.pieceUnits ?? UNITS_PER_TURN;
  }

  /** Processes one line, or replies to its fault, of a session that is not suspended. */
  line(session: Session, line: string | LineFault, now: number): void {
    if (session.closeReason !== undefined) return;
    assert(session.connection.suspendedLine === undefined, "a session that waits sends no line");
    this.#begin(session, now);
    const message = typeof line === "string" ? parseMessage(line) : undefined;
    this.#label = responseLabel(session, message?.tags ?? tagsOfFault(line));
    if (message !== undefined) dispatch(this, this.services, session, message);
    else if (typeof line !== "string") replyToFault(this, this.services, session, line);
    this.#end(session);
    if (this.services.outbox.ownOutputLength(session) > TURN_RESPONSE_MAX_LENGTH) {
      this.disconnect(session, "Excess flood");
    }
  }

  /**
   * Continues the line of `session` after its job: `go` applies the job's outcome, as if the line was processed
   * now.
   */
  resume(session: Session, go: () => void, now: number): void {
    const { suspendedLine } = session.connection;
    session.connection.suspendedLine = undefined;
    this.#begin(session, now); // counts as heard now: no lines of the session were read while it was suspended
    this.#label = suspendedLine?.label ?? "";
    this.#collected = suspendedLine?.collected ?? [];
    this.#remaining = suspendedLine?.remainingSteps ?? new RemainingSteps();
    go();
    this.#end(session);
  }

  #begin(session: Session, now: number): void {
    this.now = now;
    session.connection.lastHeardAt = this.monotonic;
    session.connection.lastHeardSeq = this.log.nextSeq;
    session.connection.pingedAt = 0;
    this.origin = session;
  }

  #end(session: Session): void {
    if (!this.#remaining.isEmpty) this.#goOn(session);
    if (this.#label !== "") this.#release(session);
    this.origin = undefined;
  }

  commit(event: StateEvent): RecordPlace {
    const place = isRecorded(event)
      ? this.#record(event, this.#conversationsOfAuthor(event))
      : this.#place(0, this.now, undefined);
    apply(this, this.services, event, place);
    return place;
  }

  commitMessage(event: MessageEvent<RoutedChannelTarget | RoutedDirectTarget>): RecordPlace {
    const { target } = event;
    const place = this.#record(event, target.kind === "channel" ? [target.conversation] : undefined);
    applyMessage(this, this.services, event, place);
    return place;
  }

  relayMessage(event: MessageEvent<RoutedTarget>): RecordPlace {
    const place = this.#place(0, this.now, this.#author(event));
    applyMessage(this, this.services, event, place);
    return place;
  }

  /** Appends `event` to the log. `known`: the conversations that it belongs to, if the caller has them. */
  #record(event: RecordedEvent, known: readonly ConversationLog[] | undefined): RecordPlace {
    const { seq, time } = this.services.history.append(event, this.now, known);
    return this.#place(seq, time, this.#author(event));
  }

  /**
   * The conversations of a QUIT or NICK, which belong to all channels of the user; every other event names its own.
   */
  #conversationsOfAuthor(event: StateEvent): ConversationLog[] | undefined {
    if (event.kind !== "quit" && event.kind !== "nick") return undefined;
    const channels = this.state.userBySource(event.source)?.channels.keys() ?? [];
    return Array.from(channels, ({ conversation }) => conversation);
  }

  #place(seq: number, time: number, author: User | undefined): RecordPlace {
    const { bots } = this.state;
    const bot = author !== undefined && bots.size > 0 && bots.has(author);
    return { seq, time, account: author?.account?.name ?? "", bot };
  }

  /**
   * The user that caused `event`; also undefined for a boot record, and while there are no accounts and no
   * bots, when it makes no difference to the rendering.
   */
  #author(event: RenderableEvent): User | undefined {
    const { origin, services, state } = this;
    if (services.accounts.size === 0 && state.bots.size === 0 || event.kind === "boot") return undefined;
    return origin?.user?.source === event.source ? origin.user : state.userBySource(event.source);
  }

  send(session: Session, line: string): void {
    if (!line.startsWith("@")) line = truncateLine(line);
    if (this.#label !== "" && session === this.origin) this.#collected.push(line);
    else this.services.outbox.line(session, line);
  }

  sendBatch(session: Session, lines: readonly string[]): void {
    if (this.isCollectingResponse(session)) this.#collected.push({ batch: lines });
    else for (const line of lines) this.send(session, line);
  }

  numeric(session: Session, code: string, ...params: readonly Param[]): void {
    this.numericFramed(session, code, frameParams(params));
  }

  numericFramed(session: Session, code: string, params: FramedParams): void {
    this.send(session, `:${this.config.serverName} ${code} ${sessionNick(session)} ${params}`);
  }

  fail(session: Session, command: string, code: string, context: readonly Param[], text: string): void {
    const params = frameParams([command, code, ...context, text]);
    this.send(session, `:${this.config.serverName} FAIL ${params}`);
  }

  nextBatchRef(): string {
    return (this.#nextBatch++).toString(36);
  }

  isCollectingResponse(session: Session): boolean {
    return this.#label !== "" && session === this.origin;
  }

  takeLabel(): string {
    const label = this.#label;
    this.#label = "";
    return label;
  }

  respondWithLabel(session: Session, label: string, go: () => void): void {
    const [own, collected] = [this.#label, this.#collected];
    this.#label = label;
    this.#collected = [];
    go();
    if (this.#label !== "") this.#release(session);
    this.#label = own;
    this.#collected = collected;
  }

  sendLabeled(session: Session, label: string, line: string): void {
    this.services.outbox.line(session, label === "" ? line : withTag(line, `label=${label}`));
  }

  disconnect(session: Session, reason: string): void {
    disconnectSession(this, session, reason);
  }

  close(session: Session, reason: string, isLost = false): void {
    closeSession(this, this.services, session, reason, isLost);
  }

  suspend(session: Session, job: Job): void {
    this.suspendLine(session);
    this.queueJobs([job]);
  }

  suspendLine(session: Session): void {
    session.connection.suspendedLine = {
      label: this.takeLabel(),
      collected: this.#collected,
      remainingSteps: this.#remaining,
    };
    this.#collected = [];
    this.#remaining = new RemainingSteps();
  }

  queueJobs(jobs: readonly Job[]): void {
    this.#jobs.push(...jobs);
  }

  /** Returns the jobs queued since the last call. */
  takeJobs(): readonly Job[] {
    if (this.#jobs.length === 0) return NO_JOBS;
    const jobs = this.#jobs;
    this.#jobs = [];
    return jobs;
  }

  report(event: ServerEvent): void {
    this.#serverEvents.push(event);
  }

  /** Returns the events reported since the last call. */
  takeServerEvents(): readonly ServerEvent[] {
    if (this.#serverEvents.length === 0) return NO_SERVER_EVENTS;
    const events = this.#serverEvents;
    this.#serverEvents = [];
    return events;
  }

  runInSteps(steps: WorkSteps): void {
    this.#remaining.add(steps);
    if (this.origin === undefined) { while (!this.#remaining.isEmpty) this.#remaining.runStep(); }
  }

  finishLine(session: Session): void {
    const { suspendedLine } = session.connection;
    if (suspendedLine === undefined) return;
    const [origin, remaining] = [this.origin, this.#remaining];
    session.connection.suspendedLine = undefined;
    this.origin = session;
    this.#remaining = suspendedLine.remainingSteps;
    while (!this.#remaining.isEmpty) this.#remaining.runStep();
    this.origin = origin;
    this.#remaining = remaining;
  }

  randomBytes(count: number): Uint8Array {
    return this.config.random(count);
  }

  reportForwardingHeader(header: ForwardingHeader, host: string): void {
    if (this.#forwarding.has(header)) return;
    this.#forwarding.add(header);
    this.report({ kind: "untrusted_proxy", header, host });
  }

  recordLoginFailure(session: Session, hasAccount = true): void {
    const [nick, { host }] = [sessionNick(session), session];
    this.report({ kind: "login_failed", nick, host, ...!hasAccount && { account: "none" } });
  }

  /**
   * Takes the remaining steps of the line of `session`, up to the units of one turn; for the rest the session is
   * suspended.
   */
  #goOn(session: Session): void {
    for (let units = 0; session.connection.suspendedLine === undefined && !this.#remaining.isEmpty;) {
      if (units >= this.unitsPerTurn) return this.#yield(session);
      units += this.#remaining.runStep();
    }
  }

  #yield(session: Session): void {
    if (responseLength(this.#collected) <= TURN_RESPONSE_MAX_LENGTH) {
      return this.suspend(session, { kind: "yield", session, done: () => {} });
    }
    this.#label = "";
    this.#collected = [];
    this.#remaining = new RemainingSteps();
    this.disconnect(session, "Excess flood");
  }

  #release(session: Session): void {
    const items = this.#collected;
    const label = this.#label;
    this.#label = "";
    this.#collected = [];
    for (const line of wrapLabeled(label, items, this.config.serverName, this.nextBatchRef())) {
      this.send(session, line);
    }
  }
}
