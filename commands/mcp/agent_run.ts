/** One run of an agent: its connection to the chat, and the client that it serves. Loaded by `chatterbox mcp` alone. */
import type { Clock } from "../../lib/base/clock.ts";
import { callAfter } from "../../lib/base/deadlines.ts";
import { nextLoopIteration } from "../../lib/base/event_loop.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { limitReports } from "./agent.ts";
import type { Agent } from "./agent.ts";
import { AgentConnection } from "./agent_connection.ts";
import type { AllowList } from "./allow_list.ts";
import { CallLimits } from "./call_limits.ts";
import { News } from "./news.ts";
import { serveClient } from "./stdio.ts";

/** Longest time, at the end, for the server to confirm that questions are withdrawn. */
const LAST_CALLS_MS = 4_000;

export interface AgentRunOptions {
  readonly access: ClientLogin;
  readonly allowed: AllowList;
  readonly isReadOnly: boolean;
  readonly clock: Clock;
  readonly report: (text: string) => void;
  readonly signal: AbortSignal;
}

export class AgentRun {
  readonly #options: AgentRunOptions;
  readonly #ending = new AbortController();
  readonly #closing = new AbortController();
  readonly #agent: Agent;
  readonly #connection: AgentConnection;

  constructor(options: AgentRunOptions) {
    this.#options = options;
    const { access, allowed, clock, report } = options;
    const news = new News();
    this.#connection = new AgentConnection({
      access,
      needsAccounts: allowed.needsAccounts,
      rooms: allowed.rooms,
      signal: this.#closing.signal,
      report,
      onNews: (conversation) => news.announce(conversation),
    });
    this.#agent = {
      connection: this.#connection,
      reading: { allowed, accounts: this.#connection.accounts },
      allowed,
      limits: new CallLimits(clock.now()),
      news,
      clock,
      ending: this.#ending.signal,
      report,
      reportRefusal: limitReports(report, clock),
    };
  }

  /** Runs until the client closes its end, or the signal is aborted. */
  async run(): Promise<void> {
    const { access, isReadOnly, signal } = this.#options;
    void this.#connection.start();
    await serveClient({ agent: this.#agent, access, isReadOnly }, signal, {
      onEnd: () => this.#ending.abort(),
      finish: () => this.#waitForLastCalls(),
    });
    await this.#connection.finishFirstAttempt(signal); // an empty input is a trial of the flags and the name
    if (!this.#connection.hasEntered) await access.keyring?.discard();
    await this.#connection.close();
    this.#closing.abort();
  }

  /** Questions are being withdrawn over the connection. */
  async #waitForLastCalls(): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const callOff = callAfter(LAST_CALLS_MS, resolve);
    await Promise.race([this.#agent.limits.idle(), late]);
    callOff();
    await nextLoopIteration(); // the SDK makes the answers of what the tools have returned
  }
}
