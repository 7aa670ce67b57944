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
import type { ChangedSessions } from "./services/changed_sessions.ts";
import { dispatch, replyToFault } from "./dispatch.ts";
import { TURN_RESPONSE_MAX_LENGTH } from "./model/config.ts";
import type { HubConfig, HubLimits } from "./model/config.ts";
import type { ConversationLog } from "./model/conversation_log.ts";
import { EffectBuffer } from "./model/effect_buffer.ts";
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
import { LineState, UNITS_PER_TURN } from "./model/work_steps.ts";
import type { WorkSteps } from "./model/work_steps.ts";
import { frameParams } from "./output/framed_params.ts";
import type { FramedParams, Param } from "./output/framed_params.ts";
import { responseLabel, responseLength, tagsOfFault, wrapLabeled } from "./output/labeled_response.ts";
import { truncateLine } from "./output/line_limits.ts";
import { VERBS } from "./verbs/mod.ts";

export class Execution implements HubContext {
  readonly state: ReadonlyState = new MutableState();
  reservedNames: ReservedNames;
  readonly verbs = VERBS;
  readonly verbUses = new Float64Array(VERBS.size);
  messageCount = 0;
  origin: Session | undefined;
  now = 0;
  clockOffsetMs = 0;
  pendingClockNotice: string | undefined;
  changes: ChangedSessions | undefined;
  /**
   * Set once, by the hub, after construction: the services need the execution, and the execution needs the
   * services.
   */
  services!: Services;
  #nextBatch = 1;
  #line = new LineState();
  readonly jobs = new EffectBuffer<Job>();
  readonly serverEvents = new EffectBuffer<ServerEvent>();
  /** Kinds of forwarding header that have already been reported. */
  readonly #forwarding = new Set<ForwardingHeader>();

  constructor(
    public config: HubConfig,
    public limits: HubLimits,
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
    this.#line.label = responseLabel(session, message?.tags ?? tagsOfFault(line));
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
    this.#line = session.connection.suspendedLine ?? new LineState();
    session.connection.suspendedLine = undefined;
    this.#begin(session, now); // counts as heard now: no lines of the session were read while it was suspended
    go();
    this.#end(session);
  }

  #begin(session: Session, now: number): void {
    this.now = now;
    this.origin = session;
    if (!this.#line.isSent) return;
    session.connection.lastHeardAt = this.monotonic;
    session.connection.lastHeardSeq = this.log.nextSeq;
    session.connection.pingedAt = 0;
  }

  #end(session: Session): void {
    if (!this.#line.remainingSteps.isEmpty) this.#goOn(session);
    if (this.#line.label !== "") this.#release(session);
    this.origin = undefined;
    if (!this.#line.isSent) this.#line = new LineState();
  }

  commit(event: StateEvent): RecordPlace {
    const place = isRecorded(event)
      ? this.#record(event, this.#conversationsOfAuthor(event))
      : this.#place(0, this.now);
    apply(this, this.services, event, place);
    this.changes?.note(event);
    return place;
  }

  commitMessage(event: MessageEvent<RoutedChannelTarget | RoutedDirectTarget>): RecordPlace {
    const { target } = event;
    this.messageCount++;
    const place = this.#record(event, target.kind === "channel" ? [target.conversation] : undefined);
    applyMessage(this, this.services, event, place);
    return place;
  }

  relayMessage(event: MessageEvent<RoutedTarget>): RecordPlace {
    const place = this.#place(0, this.now, event);
    applyMessage(this, this.services, event, place);
    return place;
  }

  /** Appends `event` to the log. `known`: the conversations that it belongs to, if the caller has them. */
  #record(event: RecordedEvent, known: ConversationLog[] | undefined): RecordPlace {
    const { seq, time } = this.services.history.append(event, this.now, known, this.origin?.connection.relay);
    return this.#place(seq, time, event);
  }

  /**
   * The conversations of a QUIT or NICK, which belong to all channels of the user; every other event names its own.
   */
  #conversationsOfAuthor(event: StateEvent): ConversationLog[] | undefined {
    if (event.kind !== "quit" && event.kind !== "nick") return undefined;
    const channels = this.state.userBySource(event.source)?.channels.keys() ?? [];
    return Array.from(channels, ({ conversation }) => conversation);
  }

  #place(seq: number, time: number, event?: RenderableEvent): RecordPlace {
    const author = event && this.#author(event);
    const { bots } = this.state;
    const bot = author !== undefined && bots.size > 0 && bots.has(author);
    // The server says later what an absent user has scheduled.
    const isAbsent = author === undefined && event?.kind === "message";
    const account = isAbsent ? this.services.accounts.byOwner(event.from) : author?.account;
    return { seq, time, account: account?.name ?? "", bot };
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
    if (this.#line.label !== "" && session === this.origin) this.#line.collected.push(line);
    else this.services.outbox.line(session, line);
  }

  sendBatch(session: Session, lines: readonly string[]): void {
    if (this.isCollectingResponse(session)) this.#line.collected.push({ batch: lines });
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
    return this.#line.label !== "" && session === this.origin;
  }

  takeLabel(): string {
    const label = this.#line.label;
    this.#line.label = "";
    return label;
  }

  respondWithLabel(session: Session, label: string, go: () => void): void {
    const [own, collected] = [this.#line.label, this.#line.collected];
    this.#line.label = label;
    this.#line.collected = [];
    go();
    if (this.#line.label !== "") this.#release(session);
    this.#line.label = own;
    this.#line.collected = collected;
  }

  sendLabeled(session: Session, label: string, ...lines: readonly string[]): void {
    const ref = label !== "" && lines.length > 1 ? this.nextBatchRef() : "";
    const sent = label === "" ? lines : wrapLabeled(label, lines, this.config.serverName, ref);
    for (const line of sent) this.services.outbox.line(session, line);
    this.changes?.add(session);
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
    session.connection.suspendedLine = this.#line;
    this.#line = new LineState();
  }

  queueJobs(jobs: readonly Job[]): void {
    this.jobs.push(...jobs);
  }

  report(event: ServerEvent): void {
    this.serverEvents.push(event);
  }

  runInSteps(steps: WorkSteps): void {
    this.#line.remainingSteps.add(steps);
    if (this.origin === undefined) {
      while (!this.#line.remainingSteps.isEmpty) this.#line.remainingSteps.runStep();
    }
  }

  runFor(session: Session, steps: WorkSteps): void {
    const { suspendedLine } = session.connection;
    if (session === this.origin) this.runInSteps(steps);
    else if (suspendedLine !== undefined) suspendedLine.remainingSteps.add(steps);
    else {
      const line = new LineState(false);
      line.remainingSteps.add(steps);
      this.#inPlaceOfLine(session, line, () => this.#goOn(session));
    }
  }

  finishLine(session: Session): void {
    const { suspendedLine } = session.connection;
    if (suspendedLine === undefined) return;
    session.connection.suspendedLine = undefined;
    const { remainingSteps } = suspendedLine;
    this.#inPlaceOfLine(session, suspendedLine, () => {
      while (!remainingSteps.isEmpty) remainingSteps.runStep();
    });
  }

  /** Calls `go` for `line` of `session`, while the current line waits. */
  #inPlaceOfLine(session: Session, line: LineState, go: () => void): void {
    const current = [this.origin, this.#line] as const;
    [this.origin, this.#line] = [session, line];
    go();
    [this.origin, this.#line] = current;
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
    for (
      let units = 0;
      session.connection.suspendedLine === undefined && !this.#line.remainingSteps.isEmpty;
    ) {
      if (units >= this.unitsPerTurn) return this.#yield(session);
      units += this.#line.remainingSteps.runStep();
    }
  }

  #yield(session: Session): void {
    if (responseLength(this.#line.collected) <= TURN_RESPONSE_MAX_LENGTH) {
      return this.suspend(session, { kind: "yield", session, done: () => {} });
    }
    this.#line = new LineState();
    this.disconnect(session, "Excess flood");
  }

  #release(session: Session): void {
    const items = this.#line.collected;
    const label = this.#line.label;
    this.#line.label = "";
    this.#line.collected = [];
    for (const line of wrapLabeled(label, items, this.config.serverName, this.nextBatchRef())) {
      this.send(session, line);
    }
  }
}
