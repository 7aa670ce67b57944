/**
 * The hub: the chat as a state machine over the log. Lines go in, one after the other; each is decided (`dispatch.ts`), what
 * it makes is appended to the log and applied (`apply.ts`) before the next line is looked at, and what there is to say is
 * gathered (`outbox.ts`) until the turn ends with {@link Hub.takeDeliveries}. No I/O, no clock, no chance: `now` comes in.
 *
 * The caller holds the log lock around every call that may append (`open` to `tick`).
 */
import { assert } from "../base/assert.ts";
import { CLOCK_STEP_MS } from "../base/clock.ts";
import { AddressSet } from "../base/ip.ts";
import type { LineFault } from "../irc/line_splitter.ts";
import { parseMessage } from "../irc/message.ts";
import { ReservedNames } from "../irc/names/reserved_names.ts";
import type { Ring } from "../log/ring.ts";
import { Accounts } from "./services/accounts/accounts.ts";
import { announce, broadcastNotice } from "./fanout/announcement.ts";
import { apply } from "./apply/apply.ts";
import { Archive, nextTimeFor } from "./history/archive.ts";
import { AttemptLimits } from "./services/limits/attempt_limits.ts";
import { Bans } from "./services/bans.ts";
import { newestRecordTime, notifyClockChange } from "./fanout/clock_notice.ts";
import { closeSession, disconnectAllSessions, disconnectSession } from "./apply/disconnect.ts";
import { DEFAULT_LIMITS, lobbyOf, TURN_RESPONSE_MAX_LENGTH } from "./model/config.ts";
import type { HubConfig, HubLimits } from "./model/config.ts";
import { dispatch, replyToFault } from "./dispatch.ts";
import type { Job } from "./model/state/async_job.ts";
import { isRecorded } from "./model/state/event.ts";
import type { RecordedEvent, TransientEvent } from "./model/state/event.ts";
import type { RecordPlace } from "./model/identifiers.ts";
import { encodeEvent, EVENT_MAX_BYTES } from "./log/event_codec.ts";
import { FactBuffer } from "./log/facts.ts";
import type { SavedFact } from "./log/facts.ts";
import type { ForwardingHeader, ServerEvent } from "./model/server_event.ts";
import { SessionMemory } from "./services/limits/session_memory.ts";
import { ListMemory } from "./services/limits/list_memory.ts";
import { clearForbiddenLobbyModes } from "./policy/lobby.ts";
import { ReadMarkers } from "./services/read_markers.ts";
import { forgetDirectConversation } from "./fanout/history/read_marker_updates.ts";
import { getOrCreateChannel } from "./apply/channel_membership.ts";
import { Metadata } from "./services/metadata.ts";
import { Monitors } from "./services/monitors.ts";
import { ServerOperators } from "./services/accounts/server_operators.ts";
import { OperatorQuota } from "./services/limits/operator_quota.ts";
import { HubOutbox } from "./output/outbox.ts";
import type { Delivery } from "./output/outbox.ts";
import { DECOY_SECRET_BYTES, DecoyCredentials } from "./services/accounts/passwords.ts";
import { RemainingSteps, UNITS_PER_TURN } from "./model/work_steps.ts";
import type { WorkSteps } from "./model/work_steps.ts";
import { truncateLine } from "./output/line_limits.ts";
import { Receipts } from "./services/receipts.ts";
import { replayLog } from "./apply/log_replay.ts";
import { RETAINED_SHARE } from "./history/retained_messages.ts";
import { responseLabel, tagsOfFault, withTag, wrapLabeled } from "./output/labeled_response.ts";
import { restoreAll } from "./apply/fact_restore.ts";
import { dropEndedOperators } from "./services/channel_settings_store.ts";
import { ChannelQuota } from "./services/limits/channel_quota.ts";
import { ReplayPositions } from "./services/replay_positions.ts";
import { State } from "./model/state/state.ts";
import { Session } from "./model/state/entities.ts";
import type { User } from "./model/state/entities.ts";
import { runTimers } from "./timers.ts";
import { VERBS } from "./verbs/mod.ts";
import { OfflineMessages } from "./services/offline_messages.ts";
import { Whowas } from "./services/whowas.ts";

export class Hub {
  readonly state = new State();
  readonly outbox = new HubOutbox();
  /** What is to be kept beside the log, and is not yet. */
  readonly facts = new FactBuffer();
  readonly archive: Archive;
  readonly accounts = new Accounts(this.facts);
  readonly decoyCredentials: DecoyCredentials;
  readonly receipts = new Receipts();
  readonly readMarkers = new ReadMarkers();
  readonly offlineMessages = new OfflineMessages();
  readonly replayPositions = new ReplayPositions();
  readonly sessionMemory = new SessionMemory((host) => this.exemptAddresses.has(host));
  readonly listMemory = new ListMemory();
  readonly metadata = new Metadata(this.sessionMemory);
  readonly monitors = new Monitors(this.sessionMemory);
  readonly whowas = new Whowas();
  readonly verbs = VERBS;
  /** How often each of them has been used, by its number. */
  readonly verbUses = new Float64Array(VERBS.size);
  readonly limits: HubLimits;
  readonly bans = new Bans(this.facts);
  readonly serverOperators = new ServerOperators(this.facts);
  readonly operatorQuota = new OperatorQuota();
  readonly channelQuota: ChannelQuota;
  /** Whose number and speed is not bounded. */
  readonly exemptAddresses: AddressSet;
  readonly attemptLimits: AttemptLimits;
  readonly reservedNames: ReservedNames;
  /** What somebody who watches the server wants to know of, since the watcher last took it: who came, who left, … */
  readonly serverEvents: ServerEvent[] = [];
  /** The session whose line is being worked on. */
  origin: Session | undefined;
  /** The clock, as of the line or task that is being worked on: milliseconds since the epoch. */
  now = 0;
  /** By how much the clock has been set since the start, together; see {@link monotonic}. */
  clockOffsetMs = 0;
  /** What server operators are to be told of the clock; undefined: nothing, or they were told. */
  pendingClockNotice: string | undefined;
  #scratch = new Uint8Array(EVENT_MAX_BYTES);
  #nextBatch = 1;
  #nextOwner = 1;
  #label = "";
  #held: string[] = [];
  #remaining = new RemainingSteps();
  #errands: Job[] = [];
  /** Kinds that have been told of: {@link reportForwardingHeader}. */
  readonly #forwarding = new Set<ForwardingHeader>();

  constructor(readonly config: HubConfig, readonly ring: Ring) {
    this.archive = new Archive(ring, this.facts, {
      budgetBytes: config.retainedBytes ?? ring.capacity * RETAINED_SHARE,
      isAccount: (owner) => this.accounts.byOwner(owner) !== undefined,
      accountsVersion: () => this.accounts.version,
      isExempt: (host) => this.exemptAddresses.has(host),
      isUnread: (message) => this.readMarkers.isUnread(this, message),
      isInUse: (folded) => this.state.channels.has(folded),
      onDirectConversationGone: (owner, folded, talk) => forgetDirectConversation(this, owner, folded, talk),
      onLost: (message) => this.readMarkers.noteLoss(this, message.to, message.nick, message),
    });
    this.decoyCredentials = new DecoyCredentials(this.facts, config.random(DECOY_SECRET_BYTES));
    this.limits = { ...DEFAULT_LIMITS, ...config.limits };
    this.exemptAddresses = new AddressSet(this.limits.exempt);
    this.channelQuota = new ChannelQuota(this.limits.channels, this.exemptAddresses);
    this.attemptLimits = new AttemptLimits(this.limits, this.exemptAddresses);
    this.reservedNames = new ReservedNames([config.serverName, config.network], config.opers);
  }

  /** Takes in what was saved and what the log holds from before, then notes that the server has started. */
  start(now: number, facts: readonly SavedFact[] = []): void {
    this.now = now;
    restoreAll(this, facts);
    if (this.accounts.size > 0) this.decoyCredentials.persist(); // made by a version that kept none
    dropEndedOperators(this);
    this.serverEvents.push(...this.serverOperators.applyFlags(this.config.opers, this.accounts));
    const newest = newestRecordTime(this);
    if (newest - now > CLOCK_STEP_MS) notifyClockChange(this, { kind: "clock_behind", newest, now });
    this.archive.restoreRetained();
    const lobby = lobbyOf(this.config);
    if (lobby !== "") {
      this.archive.channel(lobby).createdAt ||= this.config.logCreatedAt ?? now;
      getOrCreateChannel(this, lobby, "");
    }
    replayLog(this);
    this.accounts.formerOwners.prune(this);
    this.readMarkers.resolveTimes(this);
    this.archive.retained.start();
    this.operatorQuota.recount(this.archive.channels.values());
    this.listMemory.recount(this.archive.channels.values());
    this.commit({ kind: "boot", version: this.config.version });
    clearForbiddenLobbyModes(this);
  }

  /** A connection is there. `undefined`: the server is full. */
  open(id: number, host: string, secure: boolean, now: number, endpoint?: string): Session | undefined {
    if (this.state.sessions.size >= this.config.maxClients) return undefined;
    const displayHost = this.config.cloak?.hostOf(host);
    const session = new Session(id, host, secure, now - this.clockOffsetMs, endpoint, displayHost);
    this.state.sessions.set(id, session);
    this.state.unregisteredCount++;
    return session;
  }

  /** One line, or what was wrong with it, of a session that does not wait for anything ({@link suspend}). */
  line(session: Session, line: string | LineFault, now: number): void {
    if (session.closeReason !== undefined) return;
    assert(session.suspendedLine === undefined, "a session that waits says nothing");
    this.now = now;
    session.lastHeardAt = this.monotonic;
    session.lastHeardSeq = this.ring.nextSeq;
    session.pingedAt = 0;
    this.origin = session;
    const message = typeof line === "string" ? parseMessage(line) : undefined;
    this.#label = responseLabel(session, message?.tags ?? tagsOfFault(line));
    if (message !== undefined) dispatch(this, session, message);
    else if (typeof line !== "string") replyToFault(this, session, line);
    if (!this.#remaining.isEmpty) this.#goOn(session);
    if (this.#label !== "") this.#release(session);
    this.origin = undefined;
    if (this.outbox.ownOutputLength(session) > TURN_RESPONSE_MAX_LENGTH) {
      this.disconnect(session, "Excess flood");
    }
  }

  /**
   * The connection is gone, or is to go: `reason` is what others see. `lost`: it broke, so that whoever has a key to his name
   * may come back before others hear of it. Safe to call twice.
   */
  close(session: Session, reason: string, now: number, lost = false): void {
    closeSession(this, session, reason, now, lost);
  }

  /** The clock as if it had never been set, for all that takes a while: timeouts, rates, how long something is ago. */
  get monotonic(): number {
    return this.now - this.clockOffsetMs;
  }

  /** The clock was set forward by `ms`, or back where that is below 0. */
  clockSet(ms: number): void {
    this.clockOffsetMs += ms;
    notifyClockChange(this, { kind: "clock_set", ms });
  }

  /** Timers: lets go who does not register or does not answer, asks who is silent, forgets what the ring has lost. */
  tick(now: number): void {
    this.now = now;
    runTimers(this);
  }

  /** The server itself says something to a channel: a recorded NOTICE. Longer text is cut into several. */
  announce(channel: string, text: string, now: number): void {
    this.now = now;
    announce(this, channel, text);
  }

  /** The server says something about itself to everybody; it is not recorded. */
  broadcastNotice(text: string): void {
    broadcastNotice(this, text);
  }

  /** Ends the turn: everything there is to say since the last one, per session and in order. */
  takeDeliveries(): Delivery[] {
    return this.outbox.takeDeliveries();
  }

  // What decide and apply work with.

  /** Records `event` where it is one to be recorded, and applies it. */
  commit(event: RecordedEvent | TransientEvent): RecordPlace {
    if (!isRecorded(event)) {
      const author = event.kind === "passing" ? this.#author(event.message) : undefined;
      const place = this.#place(0, this.now, author);
      apply(this, event, place);
      return place;
    }
    const everywhere = event.kind === "quit" || event.kind === "nick";
    const channels = everywhere ? this.state.userBySource(event.source)?.channels.keys() : undefined;
    const targets = this.archive.conversationsOf(event, channels ?? []);
    const time = nextTimeFor(targets, this.now);
    const length = encodeEvent(event, this.#scratch);
    assert(length > 0, `an event of kind ${event.kind} is larger than the line limits allow`);
    this.archive.retained.prepareAppend(length);
    const seq = this.ring.append(time, this.#scratch, length);
    assert(seq > 0, `the ring refused an event of ${length} bytes`);
    const place = this.#place(seq, time, this.#author(event));
    this.archive.index(event, place, targets);
    apply(this, event, place);
    return place;
  }

  #place(seq: number, time: number, author: User | undefined): RecordPlace {
    const { bots } = this.state;
    const bot = author !== undefined && bots.size > 0 && bots.has(author);
    return { seq, time, account: author?.account?.name ?? "", bot };
  }

  /** Who does what `event` tells; undefined also where that makes no difference to how it looks. */
  #author(event: RecordedEvent): User | undefined {
    const { origin, accounts, state } = this;
    if (accounts.size === 0 && state.bots.size === 0 || event.kind === "boot") return undefined;
    return origin?.user?.source === event.source ? origin.user : state.userBySource(event.source);
  }

  /** One line, without CRLF, to one session. Where it has no tags, it is cut off at the length of a line. */
  send(session: Session, line: string): void {
    if (!line.startsWith("@")) line = truncateLine(line);
    if (this.#label !== "" && session === this.origin) this.#held.push(line);
    else this.outbox.line(session, line);
  }

  /** A client at `host` has sent what only a trusted proxy may send: told once for each kind of header. */
  reportForwardingHeader(header: ForwardingHeader, host: string): void {
    if (this.#forwarding.has(header)) return;
    this.#forwarding.add(header);
    this.serverEvents.push({ kind: "untrusted_proxy", header, host });
  }

  /** A numeric; `rest` is what follows the client's nick. */
  numeric(session: Session, code: string, rest: string): void {
    const nick = session.user?.nick ?? session.nick;
    this.send(session, `:${this.config.serverName} ${code} ${nick} ${rest}`);
  }

  /** A standard reply (IRCv3 standard-replies): `FAIL command code context :text`. */
  fail(session: Session, command: string, code: string, context: string, text: string): void {
    this.send(
      session,
      `:${this.config.serverName} FAIL ${command} ${code} ${context}${context === "" ? "" : " "}:${text}`,
    );
  }

  /** Says why; nothing more is said to this session, and its connection is closed once that is written. */
  disconnect(session: Session, reason: string): void {
    disconnectSession(this, session, reason);
  }

  /**
   * `session` waits until `errand` is done, and after that what is left to be done for the line that is being worked on; until
   * then the caller holds back what it says.
   */
  suspend(session: Session, errand: Job): void {
    this.suspendLine(session);
    this.queueJobs([errand]);
  }

  /** `session` waits for an errand that is run later, by {@link queueJobs}. */
  suspendLine(session: Session): void {
    session.suspendedLine = {
      label: this.takeLabel(),
      collectedLines: this.#held,
      remainingSteps: this.#remaining,
    };
    this.#held = [];
    this.#remaining = new RemainingSteps();
  }

  queueJobs(errands: readonly Job[]): void {
    this.#errands.push(...errands);
  }

  /** What a piece of the work on one line has (work_steps.ts). */
  get pieceUnits(): number {
    return this.config.pieceUnits ?? UNITS_PER_TURN;
  }

  /** `steps` are taken when the line that is being worked on has been decided, in pieces; outside of a line at once. */
  runInSteps(steps: WorkSteps): void {
    this.#remaining.add(steps);
    if (this.origin === undefined) { while (!this.#remaining.isEmpty) this.#remaining.runStep(); }
  }

  /** Takes all that is left to be done for the line that `session`, which is going, waits with. */
  finishLine(session: Session): void {
    const { suspendedLine } = session;
    if (suspendedLine === undefined) return;
    const [origin, remaining] = [this.origin, this.#remaining];
    session.suspendedLine = undefined;
    this.origin = session;
    this.#remaining = suspendedLine.remainingSteps;
    while (!this.#remaining.isEmpty) this.#remaining.runStep();
    this.origin = origin;
    this.#remaining = remaining;
  }

  /** The errands since the last call: whoever takes them calls {@link resume} for each when it is done. */
  takeJobs(): Job[] {
    return this.#errands.length === 0 ? this.#errands : this.#errands.splice(0);
  }

  /** An errand of `session` is done: `go` is what comes of it, as if its line was worked on now. */
  resume(session: Session, go: () => void, now: number): void {
    const { suspendedLine } = session;
    session.suspendedLine = undefined;
    this.now = now;
    session.lastHeardAt = this.monotonic;
    session.lastHeardSeq = this.ring.nextSeq;
    session.pingedAt = 0; // it was not heard while it waited
    this.origin = session;
    this.#label = suspendedLine?.label ?? "";
    this.#held = suspendedLine?.collectedLines ?? [];
    this.#remaining = suspendedLine?.remainingSteps ?? new RemainingSteps();
    go();
    if (!this.#remaining.isEmpty) this.#goOn(session);
    if (this.#label !== "") this.#release(session);
    this.origin = undefined;
  }

  /**
   * A name and password, or the server's password, were wrong: an attempt that has been counted (`attempt_limits.ts`). `exists`: the
   * name has an account, which the server's log may tell, and the client is not told.
   */
  recordLoginFailure({ host, user, nick }: Session, exists = true): void {
    const name = user?.nick ?? nick;
    this.serverEvents.push({ kind: "login_failed", nick: name, host, ...!exists && { account: "none" } });
  }

  /** So many random bytes. */
  randomBytes(bytes: number): Uint8Array {
    return this.config.random(bytes);
  }

  /** Lets everybody go at once: nobody is told of the others, which among n people would take n² lines. */
  disconnectAll(reason: string, now: number): void {
    disconnectAllSessions(this, reason, now);
  }

  /** True while everything for `session` is held for one labeled response. */
  isCollectingResponse(session: Session): boolean {
    return this.#label !== "" && session === this.origin;
  }

  /** The label of the line that is being worked on, in wire form, or "": its answer comes later, by {@link sendLabeled}. */
  takeLabel(): string {
    const label = this.#label;
    this.#label = "";
    return label;
  }

  /** What `go` says to `session` answers the line that had `label`, which was taken ("" for none), and not the one being worked on. */
  respondWithLabel(session: Session, label: string, go: () => void): void {
    const [own, held] = [this.#label, this.#held];
    this.#label = label;
    this.#held = [];
    go();
    if (this.#label !== "") this.#release(session);
    this.#label = own;
    this.#held = held;
  }

  /** The answer to a line that was worked on before, whose label was taken. */
  sendLabeled(session: Session, label: string, line: string): void {
    this.outbox.line(session, label === "" ? line : withTag(line, `label=${label}`));
  }

  /** A reference for a batch, used once. */
  nextBatchRef(): string {
    return (this.#nextBatch++).toString(36);
  }

  /** The owner of what somebody without a claim key writes; no later user gets it again. */
  createTemporaryOwner(): string {
    for (;;) {
      const owner = `~${this.ring.nextSeq.toString(36)}.${(this.#nextOwner++).toString(36)}`;
      if (this.accounts.byOwner(owner) === undefined) return owner; // in a new log numbers begin again, and accounts stay
    }
  }

  /** Takes what steps a piece has of what is left to be done for the line of `session`; for the rest it waits. */
  #goOn(session: Session): void {
    for (let units = 0; session.suspendedLine === undefined && !this.#remaining.isEmpty;) {
      if (units >= this.pieceUnits) return this.#takeBreak(session);
      units += this.#remaining.runStep();
    }
  }

  #takeBreak(session: Session): void {
    if (this.#held.reduce((sum, { length }) => sum + length, 0) <= TURN_RESPONSE_MAX_LENGTH) {
      return this.suspend(session, { kind: "yield", session, done: () => {} });
    }
    this.#label = "";
    this.#held = [];
    this.#remaining = new RemainingSteps();
    this.disconnect(session, "Excess flood");
  }

  #release(session: Session): void {
    const lines = this.#held;
    const label = this.#label;
    this.#label = "";
    this.#held = [];
    for (const line of wrapLabeled(label, lines, this.config.serverName, this.nextBatchRef())) {
      this.send(session, line);
    }
  }
}
