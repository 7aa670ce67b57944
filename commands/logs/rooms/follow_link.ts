/** The connections of `logs --follow`, one after the other: what begins, goes on after a loss, and ends. */
import { toPrintable } from "../../../lib/base/printable_text.ts";
import type { Io } from "../../../lib/cli/command.ts";
import { EXIT, exitCodeForSignal } from "../../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../../lib/cli/standard_streams.ts";
import type { Link } from "../../../lib/client/connection/link.ts";
import { ReconnectingLink } from "../../../lib/client/connection/reconnecting_link.ts";
import type { Message } from "../../../lib/irc/message.ts";
import type { ClientLogin } from "../../support/client_login.ts";
import { makeObserverRegistration } from "../../support/client_login.ts";
import { reportConnectFailure } from "../../support/connect_failure_text.ts";

/** Entries that may wait for a slow reader of standard output; any more are read from history later. */
export const MAX_WAITING_ENTRIES = 10_000;

export interface FollowLinkOptions {
  readonly access: ClientLogin;
  readonly io: Io;
  readonly signal: AbortSignal;
  /** Whether to connect again after a loss. */
  readonly retry: boolean;
  /** Goes on over a new connection where the last one has got to. One call at a time. */
  readonly resume: (link: Link) => Promise<void>;
  /** The connection is lost. */
  readonly onLoss: () => void;
  readonly onLine: (line: Message) => void;
}

export class FollowLink {
  readonly #options: FollowLinkOptions;
  readonly #done = Promise.withResolvers<ExitCode>();
  readonly #link: ReconnectingLink;
  #resuming: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(options: FollowLinkOptions) {
    this.#options = options;
    const { access, io, signal } = options;
    const registration = makeObserverRegistration(access);
    this.#link = new ReconnectingLink({
      address: access.address,
      trust: access.trust,
      registration: () => registration,
      signal,
      onEvent: (event) => event.kind === "line" && options.onLine(event.message),
      onState: (state) => {
        switch (state.kind) {
          case "up":
            if (state.again) this.report("connected again");
            this.#resuming = this.#resuming.then(() => options.resume(state.link)).catch(this.#done.reject);
            return;
          case "down":
            options.onLoss();
            return this.#handleLoss(state.text);
          case "trying":
          case "failed":
            return;
          case "over":
            return this.end(reportConnectFailure(io, state.failure, access));
        }
      },
    });
  }

  /** Runs until the signal is aborted, the server refuses for good, a loss without `retry`, or {@link end}. */
  async run(): Promise<ExitCode> {
    const { io, access, signal } = this.#options;
    const onAbort = () => this.end(exitCodeForSignal(signal));
    signal.addEventListener("abort", onAbort);
    try {
      const outcome = await this.#link.start();
      if (outcome.kind !== "connected") return reportConnectFailure(io, outcome, access, signal);
      return await this.#done.promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
      await this.#link.close();
    }
  }

  end(code: ExitCode): void {
    this.#done.resolve(code);
  }

  /** Says `text` on standard error. */
  report(text: string): void {
    this.#options.io.stderr.write(`chatterbox: ${toPrintable(text)}\n`);
  }

  /** Calls `run` when what was said before the connection has been shown. */
  afterResume(run: () => void): void {
    void this.#resuming.then(run);
  }

  /** Gives up the connection, for the next one to read from history what is live now. */
  abort(text: string): void {
    this.#link.link?.abort(text);
  }

  /** Shows live entries; where too many wait for it, the connection is given up. */
  show(run: () => Promise<void>): void {
    if (++this.#waiting > MAX_WAITING_ENTRIES) this.abort("the reader of standard output is too slow");
    run().then(() => this.#waiting--).catch(this.#done.reject);
  }

  #handleLoss(text: string): void {
    const { retry, io } = this.#options;
    if (retry) return this.report(`connection lost: ${text}; trying again`);
    const why = `connection lost: ${text}; not trying again (--no-retry)`;
    this.end(reportFailure(io, EXIT.tryAgain, toPrintable(why)));
  }
}
