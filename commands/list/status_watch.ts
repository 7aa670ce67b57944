/** Repeats a query, across losses of the connection, and shows changes. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { makeObserverRegistration } from "../support/client_login.ts";
import { reportConnectFailure } from "../support/connect_failure_text.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import { ReconnectingLink } from "../../lib/client/connection/reconnecting_link.ts";

const WATCH_INTERVAL_MS = 2000;

/** Cursor home, and clear the screen. */
const REDRAW = "\x1b[H\x1b[2J";

export interface WatchOptions {
  readonly access: ClientLogin;
  readonly io: Io;
  /** Ends after so many lists; undefined: goes on until interrupted. */
  readonly maxCount?: number | undefined;
  /**
   * One query. `over`: further ones would fail, too; other failures are ignored until the next. `lasting`:
   * the text without what changes by time alone, which is no reason for another block; left out: nothing
   * does.
   */
  readonly query: (
    link: Link,
  ) => Promise<
    | { kind: "ok"; text: string; lasting?: string | undefined }
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
export async function watchStatus(
  { access, io, maxCount = Infinity, query }: WatchOptions,
): Promise<ExitCode> {
  const redraws = io.stdout.isTerminal && io.env("TERM") !== "dumb";
  const signal = AbortSignal.any([io.signal, io.stdout.closedSignal]);
  const registration = makeObserverRegistration(access);
  const over = Promise.withResolvers<ExitCode>();
  signal.addEventListener("abort", () => over.resolve(exitCodeForSignal(signal)));
  const connection = new ReconnectingLink({
    address: access.address,
    trust: access.trust,
    registration: () => registration,
    signal,
    onEvent: () => {},
    onState: (state) => {
      if (state.kind === "down") {
        io.stderr.write(`chatterbox: connection lost: ${toPrintable(state.text)}; trying again\n`);
      }
      if (state.kind === "over") over.resolve(reportConnectFailure(io, state.failure, access));
    },
  });
  const outcome = await connection.start();
  if (outcome.kind !== "connected") return reportConnectFailure(io, outcome, access, signal);
  let shown: string | undefined;
  let count = 0;
  const refresh = async () => {
    const link = connection.link;
    const result = link === undefined ? undefined : await query(link);
    if (result?.kind === "over") over.resolve(reportFailure(io, result.code, result.why));
    if (result?.kind !== "ok") return;
    const found = redraws ? result.text : result.lasting ?? result.text;
    if (found === shown) return;
    io.stdout.write((redraws ? REDRAW : shown === undefined ? "" : "\n") + result.text);
    shown = found;
    if (++count === maxCount) over.resolve(EXIT.ok);
  };
  let timer: ReturnType<typeof setTimeout>;
  const loop = async () => {
    await refresh();
    timer = setTimeout(() => loop().catch(over.reject), WATCH_INTERVAL_MS);
  };
  loop().catch(over.reject);
  try {
    return await over.promise;
  } finally {
    clearTimeout(timer!);
    await connection.close();
  }
}
