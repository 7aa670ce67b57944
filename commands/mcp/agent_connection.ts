/**
 * The one connection of an agent, for the life of the process: it comes back by itself, is marked as a bot, and is in the
 * rooms that are allowed.
 */
import { callAfter } from "../../lib/base/deadlines.ts";
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { ConnectFailure } from "../../lib/client/connection/connect_failure.ts";
import type { ConnectOutcome, Link } from "../../lib/client/connection/link.ts";
import { isFinalFailure, ReconnectingLink } from "../../lib/client/connection/reconnecting_link.ts";
import type { LinkState } from "../../lib/client/connection/reconnecting_link.ts";
import { delayAcrossSuspend } from "../../lib/client/connection/suspend_aware_delay.ts";
import { readSender } from "../../lib/client/conversation/model/entry_parser.ts";
import type { SharedConnection } from "../../lib/client/sending/question.ts";
import { backoffMs } from "../../lib/client/session/backoff.ts";
import { describeFailure, findFailureReply } from "../../lib/client/session/failure_reply.ts";
import type { Registration, SessionEvent } from "../../lib/client/session/session_event.ts";
import { casefold, isSameName } from "../../lib/irc/names/casemap.ts";
import { isChannelName } from "../../lib/irc/names/name_rules.ts";
import type { Message } from "../../lib/irc/message.ts";
import { describeConnectFailure } from "../support/connect_failure_text.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { describeMissingAccount, describeNewAccount } from "../support/account_status_text.ts";
import { MessageAccounts, requestAccounts } from "./account_tags.ts";
import { EVERYWHERE } from "./news.ts";
import { ToolRefusal } from "./tool_refusal.ts";

/** A tool waits so long for a connection that is being made. */
const LINK_WAIT_MS = 5_000;
/** Longest wait between two attempts: a person may be waiting for the agent. */
const MAX_BACKOFF_MS = 10_000;

const CONNECTING: ConnectFailure = { kind: "timed_out", text: "the connection is not made yet" };

export interface AgentConnectionOptions {
  readonly access: ClientLogin;
  /** Rooms to be in. */
  readonly rooms: readonly string[];
  /** People are allowed by account. */
  readonly needsAccounts: boolean;
  readonly signal: AbortSignal;
  /** Gets what the person who runs the agent is to know. */
  readonly report: (text: string) => void;
  /** There may be something new in this conversation, or in all (`EVERYWHERE`). */
  readonly onNews: (conversation: string) => void;
}

export class AgentConnection implements SharedConnection {
  readonly accounts = new MessageAccounts();
  readonly #options: AgentConnectionOptions;
  readonly #link: ReconnectingLink;
  readonly #receivers = new Set<(event: SessionEvent) => void>();
  /** Why a room cannot be entered, or which person removed the agent from it, by its folded name. */
  readonly #closedRooms = new Map<string, string>();
  /** Rooms from which the agent was removed, or that have another name now: it does not come back by itself. */
  readonly #left = new Set<string>();
  /** Registered, marked as a bot, and in its rooms. */
  #entered: Link | undefined;
  #hasEntered = false;
  #failure: ConnectFailure = CONNECTING;
  #isOver = false;
  #changed = Promise.withResolvers<void>();
  #nick: string;

  constructor(options: AgentConnectionOptions) {
    this.#options = options;
    const { access, signal } = options;
    this.#nick = access.name;
    const registration: Registration = { ...access.registration, questions: undefined };
    this.#link = new ReconnectingLink({
      address: access.address,
      trust: access.trust,
      registration: () => registration,
      signal,
      onEvent: (event) => this.#handleEvent(event),
      onState: (state) => void this.#handleState(state),
    });
  }

  /** The nick of the agent. */
  get nick(): string {
    return this.#nick;
  }

  /** Whether it has been registered on the server. */
  get hasEntered(): boolean {
    return this.#hasEntered;
  }

  /** Connects, and tries again until that has worked, it is refused for good, or the signal is aborted. */
  async start(): Promise<void> {
    const { signal } = this.#options;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const outcome = await this.#link.start();
      if (outcome.kind === "connected" || outcome.kind === "aborted") return;
      this.#fail(outcome, attempt === 0);
      if (isFinalFailure(outcome)) return this.#end(outcome);
      await delayAcrossSuspend(backoffMs(attempt, Math.random(), MAX_BACKOFF_MS), signal);
    }
  }

  /** The open link, for which a call waits. @throws {ToolRefusal} There is none. */
  async require(timeoutMs = LINK_WAIT_MS): Promise<Link> {
    const outcome = await this.connect(() => timeoutMs);
    if (outcome.kind === "connected") return outcome.link;
    const { text } = describeConnectFailure(outcome, this.#options.access);
    const next = this.#isOver
      ? "the person who runs you can correct that and start chatterbox mcp again"
      : "chatterbox mcp goes on trying; try again later";
    throw new ToolRefusal(`not connected: ${text}; ${next}`);
  }

  /** Why the agent is not in the room `target`; undefined: it is, or `target` is a user. */
  whyClosed(target: string): string | undefined {
    return this.#closedRooms.get(casefold(target));
  }

  /** As {@link require}, for the room or user `target`. @throws {ToolRefusal} The agent is not in that room. */
  async requireFor(target: string, timeoutMs?: number): Promise<Link> {
    const link = await this.require(timeoutMs);
    const why = this.whyClosed(target);
    if (why !== undefined) throw new ToolRefusal(why);
    return link;
  }

  /** Of {@link SharedConnection}: waits for the connection that there is, or that is being made. */
  async connect(remainingMs: () => number): Promise<ConnectOutcome> {
    const late = Promise.withResolvers<void>();
    const callOff = callAfter(Math.max(0, remainingMs()), late.resolve);
    let isLate = false;
    void late.promise.then(() => isLate = true);
    try {
      while (!isLate && !this.#isOver && !this.#options.signal.aborted) {
        const link = this.#entered;
        if (link?.isAlive) return { kind: "connected", link };
        await Promise.race([this.#changed.promise, late.promise]);
      }
      const link = this.#entered;
      return link?.isAlive ? { kind: "connected", link } : this.#failure;
    } finally {
      callOff();
    }
  }

  /** Waits until the first attempt to connect has ended, of which the outcome is reported then. */
  async finishFirstAttempt(signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#entered !== undefined || this.#failure !== CONNECTING) return;
    const late = Promise.withResolvers<void>();
    const callOff = callAfter(LINK_WAIT_MS, late.resolve);
    signal.addEventListener("abort", () => late.resolve(), { once: true });
    await Promise.race([this.#changed.promise, late.promise]);
    callOff();
  }

  /** Of {@link SharedConnection}: the name is registered as soon as there is a connection. */
  register(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  subscribe(receive: (event: SessionEvent) => void): () => void {
    this.#receivers.add(receive);
    return () => void this.#receivers.delete(receive);
  }

  async close(): Promise<void> {
    await this.#link.close("the agent has ended");
  }

  async #handleState(state: LinkState): Promise<void> {
    switch (state.kind) {
      case "up":
        return await this.#enter(state.link, state.again);
      case "down":
        this.#options.report(`connection lost: ${state.text}; trying again`);
        this.#failure = { kind: "unreachable", text: `the connection was lost (${state.text})` };
        return this.#change(undefined);
      case "trying":
        return;
      case "failed":
        return this.#fail(state.failure, false);
      case "over":
        this.#fail(state.failure, true);
        return this.#end(state.failure);
    }
  }

  /** Marks the session as a bot, and enters the rooms. */
  async #enter(link: Link, again: boolean): Promise<void> {
    const { access, rooms, report } = this.#options;
    this.#nick = link.nick;
    const mode = link.session.isupport.get("BOT");
    if (mode) await link.request({ command: "MODE", params: [link.nick, `+${mode}`] });
    if (!requestAccounts(link) && this.#options.needsAccounts) {
      report("this server does not tell accounts: of people who are allowed by account nothing is shown");
    }
    for (const room of rooms) {
      if (!this.#left.has(casefold(room))) await this.#join(link, room);
    }
    if (!link.isAlive) return;
    const status = link.session.accountStatus;
    const words = describeMissingAccount(status, access) ??
      (again ? undefined : describeNewAccount(status, access));
    if (words !== undefined) report(words);
    report(`${again ? "connected again" : "connected"} as ${link.nick}`);
    this.#hasEntered = true;
    this.#change(link);
    this.#options.onNews(EVERYWHERE);
  }

  async #join(link: Link, room: string): Promise<void> {
    const answer = await link.request({ command: "JOIN", params: [room] });
    if (answer.kind === "lost") return; // the next connection enters it
    const lines = answer.kind === "answered" ? answer.lines : [];
    for (const line of lines) this.#handleLine(line);
    const failure = findFailureReply(lines);
    if (answer.kind === "answered" && failure === undefined) {
      return void this.#closedRooms.delete(casefold(room));
    }
    const why = failure === undefined ? "the server did not answer" : describeFailure(failure);
    const text = toPrintable(`cannot enter ${room}: ${why}`);
    this.#closedRooms.set(casefold(room), text);
    this.#options.report(text);
  }

  #handleEvent(event: SessionEvent): void {
    for (const receive of this.#receivers) receive(event);
    if (event.kind === "line") {
      const { link } = this.#link;
      if (link !== undefined) this.accounts.note(event.message, link);
      this.#handleLine(event.message);
    } else if (event.kind === "batch") { for (const line of event.lines) this.#handleLine(line); }
  }

  #handleLine(line: Message): void {
    const { command, params: [target = "", second = "", reason = ""] } = line;
    const sender = readSender(line);
    if (command === "PRIVMSG" || command === "NOTICE") {
      const channel = target.replace(/^[~&@%+]+(?=#)/, "");
      this.#options.onNews(isChannelName(channel) ? channel : sender);
    }
    if (command === "NICK" && isSameName(sender, this.#nick)) this.#nick = target;
    if (command === "JOIN" && isSameName(sender, this.#nick)) this.#leaveUnlessAllowed(target);
    if (command === "KICK" && isSameName(second, this.#nick)) {
      this.#recordLeft(target, `${sender} removed the agent from ${target}`, `: ${reason}`);
    }
    if (command === "PART" && isSameName(sender, this.#nick)) {
      this.#recordLeft(target, `the agent is no longer in ${target}`);
    }
    if (command === "RENAME" && !isSameName(target, second)) {
      this.#recordLeft(target, `${sender} renamed ${target} to ${second}`);
      this.#leaveUnlessAllowed(second);
    }
  }

  /** `words` of other people are for the person alone: a model could take them for the program's. */
  #recordLeft(room: string, why: string, words = ""): void {
    if (!this.#isAllowed(room)) return;
    const text = toPrintable(why);
    this.#left.add(casefold(room));
    this.#closedRooms.set(
      casefold(room),
      `${text}; the person who runs you can correct that and start chatterbox mcp again`,
    );
    this.#options.report(toPrintable(`${text}${words}`));
    this.#options.onNews(room); // calls that wait are over
  }

  /** A room may be renamed, or lead to another one. */
  #leaveUnlessAllowed(room: string): void {
    const link = this.#link.link;
    if (!this.#isAllowed(room)) link?.send({ command: "PART", params: [room, "not allowed"] });
  }

  #isAllowed(room: string): boolean {
    return this.#options.rooms.some((each) => isSameName(each, room));
  }

  #fail(failure: ConnectFailure, isNews: boolean): void {
    if (isNews || failure.text !== this.#failure.text) {
      this.#options.report(describeConnectFailure(failure, this.#options.access).text);
    }
    this.#failure = failure;
    this.#change(undefined);
  }

  #end(failure: ConnectFailure): void {
    this.#failure = failure;
    this.#isOver = true;
    this.#change(undefined);
  }

  #change(entered: Link | undefined): void {
    this.#entered = entered;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}
