/** Repeats a query, across losses of the connection, and shows changes. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import { formatTime } from "../../lib/base/values/timestamp.ts";
import type { Io } from "../../lib/cli/command.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { makeObserverRegistration } from "../support/client_login.ts";
import { reportConnectFailure } from "../support/connect_failure_text.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import { WatchScreen } from "./watch_screen.ts";
import { ReconnectingLink } from "../../lib/client/connection/reconnecting_link.ts";

const WATCH_INTERVAL_MS = 2000;

export interface WatchOptions {
  readonly access: ClientLogin;
  readonly io: Io;
  /** Ends after so many lists; undefined: goes on until interrupted. */
  readonly maxCount?: number | undefined;
  /**
   * One query. `over`: further ones would fail, too; other failures are ignored until the next. `lasting`:
   * all but what changes by time alone, which is no reason for another block.
   */
  readonly query: (
    link: Link,
  ) => Promise<
    | { kind: "ok"; format: () => string | Promise<string>; lasting: string }
    | { kind: "over"; code: ExitCode; why: string }
    | {
      kind: "timed_out" | "lost";
    }
  >;
}

/**
 * Runs until interrupted. A terminal is redrawn; elsewhere, and on a terminal without escape codes, each
 * change is one block, with an empty line between blocks.
 */
export async function watchStatus(options: WatchOptions): Promise<ExitCode> {
  return await new StatusWatch(options).run();
}

class StatusWatch {
  readonly #options: WatchOptions;
  readonly #screen: WatchScreen;
  readonly #over = Promise.withResolvers<ExitCode>();
  /** Formats the list seen last. */
  #format: (() => string | Promise<string>) | undefined;
  #lasting: string | undefined;
  #seenAt = 0;
  #count = 0;
  /** Why the list is not the present one; "": it is. */
  #trouble = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    const { stdout, env } = options.io;
    this.#screen = new WatchScreen(stdout, stdout.isTerminal && env("TERM") !== "dumb");
  }

  async run(): Promise<ExitCode> {
    const { access, io } = this.#options;
    const signal = AbortSignal.any([io.signal, io.stdout.closedSignal]);
    const registration = makeObserverRegistration(access);
    signal.addEventListener("abort", () => this.#over.resolve(exitCodeForSignal(signal)));
    const offs = [
      io.onSignal("SIGHUP", () => this.#over.resolve(EXIT.hungUp)),
      io.onSignal("SIGWINCH", () => void this.#redraw().catch(this.#over.reject)),
    ];
    const connection = new ReconnectingLink({
      address: access.address,
      trust: access.trust,
      registration: () => registration,
      signal,
      onEvent: () => {},
      onState: (state) => {
        if (state.kind === "down") this.#tellLoss(toPrintable(state.text));
        if (state.kind === "over") {
          this.#screen.close(); // the reason is told below
          this.#over.resolve(reportConnectFailure(io, state.failure, access));
        }
      },
    });
    try {
      const outcome = await connection.start();
      if (outcome.kind !== "connected") return reportConnectFailure(io, outcome, access, signal);
      this.#repeat(connection);
      return await this.#over.promise;
    } finally {
      this.#screen.close();
      clearTimeout(this.#timer);
      for (const off of offs) off();
      await connection.close();
    }
  }

  #repeat(connection: ReconnectingLink): void {
    const again = () => {
      this.#timer = setTimeout(() => this.#repeat(connection), WATCH_INTERVAL_MS);
    };
    this.#refresh(connection.link).then(again).catch(this.#over.reject);
  }

  async #refresh(link: Link | undefined): Promise<void> {
    const { io, query, maxCount = Infinity } = this.#options;
    const result = link === undefined ? undefined : await query(link);
    if (result?.kind === "over") {
      this.#screen.close();
      return this.#over.resolve(reportFailure(io, result.code, result.why));
    }
    if (result?.kind !== "ok" || this.#count >= maxCount) return;
    [this.#format, this.#trouble, this.#seenAt] = [result.format, "", io.clock.now()];
    const isNew = result.lasting !== this.#lasting;
    this.#lasting = result.lasting;
    if (this.#screen.isScreen || isNew) await this.#redraw(true);
    if (isNew && ++this.#count >= maxCount) this.#over.resolve(EXIT.ok);
  }

  /** A list that is lost is told where it is shown: below it, or on standard error. */
  #tellLoss(text: string): void {
    const { io } = this.#options;
    if (!this.#screen.isScreen) {
      return void io.stderr.write(`chatterbox: connection lost: ${text}; trying again\n`);
    }
    const time = formatTime(this.#seenAt, false).slice("2026-01-31 ".length);
    this.#trouble = `connection lost: ${text}; trying again. This is the list of ${time}`;
    void this.#redraw().catch(this.#over.reject);
  }

  /** `isBlock`: also where it is another block. */
  async #redraw(isBlock = false): Promise<void> {
    if (this.#format === undefined || !this.#screen.isScreen && !isBlock) return;
    const text = await this.#format();
    const columns = this.#options.io.stdout.size()?.columns ?? Infinity;
    this.#screen.show(text, this.#trouble.slice(0, columns));
  }
}
