/** One reading of history: once, or on and on with what is said. */
import { formatTime } from "../../lib/base/values/timestamp.ts";
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { makeObserverRegistration } from "../support/client_login.ts";
import { reportConnectFailure } from "../support/connect_failure_text.ts";
import type { ReadPosition } from "../../lib/client/history/history_gap.ts";
import type { HistoryRange, HistoryReadOutcome } from "../../lib/client/history/history_reader.ts";
import { DEFAULT_LOBBY } from "../../lib/irc/vendor_extensions.ts";
import type { CursorOutput } from "../support/cursor_output.ts";
import type { HistoryItem } from "../../lib/client/conversation/model/chat_entry.ts";

interface LogsRequest {
  readonly access: ClientLogin;
  readonly range: HistoryRange;
  readonly io: Io;
}

export interface LogsReadRun extends LogsRequest {
  /** Where an earlier run has got to. */
  readonly position: ReadPosition | undefined;
  readonly shown: CursorOutput;
  readonly signal: AbortSignal;
}

export async function readOnce(
  { access, range: asked, io, position, shown, signal }: LogsReadRun,
): Promise<ExitCode> {
  const { connect } = await import("../../lib/client/connection/connect.ts");
  const { resumeHistoryRead } = await import("../../lib/client/history/resumed_read.ts");
  const { startPositionOf, resolveTarget } = await import("../../lib/client/history/history_reader.ts");
  const { LiveMerge } = await import("../../lib/client/history/live_merge.ts");
  const { address, trust } = access;
  const outcome = await connect({ address, trust, registration: makeObserverRegistration(access), signal });
  if (outcome.kind !== "connected") return reportConnectFailure(io, outcome, access, signal);
  const { link } = outcome;
  const range = { ...asked, target: resolveTarget(link.session.isupport, asked) };
  const onAbort = () => link.abort("interrupted");
  signal.addEventListener("abort", onAbort);
  const seam = new LiveMerge(position);
  const show = (items: readonly HistoryItem[]) => shown.show(items, seam.position);
  const now = io.clock.now();
  const onNewLog = (from: ReadPosition) => reportNewLog(from, io);
  try {
    const read = await resumeHistoryRead({ link, range, merge: seam, now, signal, show, onNewLog });
    if (signal.aborted) return exitCodeForSignal(signal);
    if (read.kind !== "done") return reportReadFailure(read, range, io);
    if (seam.position === undefined) await show(seam.finishHistory(startPositionOf(range)));
    return EXIT.ok;
  } finally {
    signal.removeEventListener("abort", onAbort);
    await link.close();
  }
}

export async function followLive({ shown, ...reading }: LogsReadRun, retry: boolean): Promise<ExitCode> {
  const { followTarget } = await import("../support/channel_follower.ts");
  const { range, io } = reading;
  return await followTarget({
    ...reading,
    retry,
    show: (items, position) => shown.show(items, position),
    onNewLog: (from) => reportNewLog(from, io),
    onTrouble: (found) => {
      const code = reportReadFailure(found, range, io);
      return found.kind === "unsupported" ? undefined : code;
    },
  });
}

function reportNewLog({ time }: ReadPosition, io: Io): void {
  io.stderr.write(
    "chatterbox: gap: the server has another log than before, so messages may be lost; going on with what it has from " +
      `${formatTime(time, true)} on\n`,
  );
}

function reportReadFailure(
  found: Exclude<HistoryReadOutcome, { kind: "done" }>,
  { target }: HistoryRange,
  io: Io,
): ExitCode {
  switch (found.kind) {
    case "unsupported":
      return reportFailure(io, EXIT.unreachable, "this server keeps no history");
    case "no_such_target":
      return reportFailure(
        io,
        EXIT.noUser,
        target === DEFAULT_LOBBY
          ? `no such room: ${DEFAULT_LOBBY}; --room names another`
          : `no such room: ${toPrintable(target)}`,
      );
    case "failed":
      return reportFailure(
        io,
        EXIT.refused,
        `the server does not show ${toPrintable(target)}: ${toPrintable(found.text)}`,
      );
    case "timed_out":
      return reportFailure(io, EXIT.tryAgain, "the server did not answer in time");
    case "lost":
      return reportFailure(io, EXIT.tryAgain, `the connection was lost: ${toPrintable(found.text)}`);
  }
}
