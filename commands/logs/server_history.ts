/** Reads history over a connection: once, or followed by new messages. */
import { formatTime } from "../../lib/base/values/timestamp.ts";
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { makeObserverRegistration } from "../support/client_login.ts";
import { reportConnectFailure } from "../support/connect_failure_text.ts";
import type { ReadPosition } from "../../lib/client/conversation/model/read_position.ts";
import type { HistoryReadFailure, WantedRange } from "../../lib/client/history/history_reader.ts";
import { DEFAULT_LOBBY } from "../../lib/irc/vendor_extensions.ts";
import type { CursorOutput } from "./cursor_output.ts";
import type { HistoryItem } from "../../lib/client/conversation/model/chat_entry.ts";

interface LogsRequest {
  readonly access: ClientLogin;
  readonly range: WantedRange;
  readonly io: Io;
}

export interface LogsReadRun extends LogsRequest {
  /** How far an earlier run has got. */
  readonly position: ReadPosition | undefined;
  readonly shown: CursorOutput;
  readonly signal: AbortSignal;
}

export async function readOnce(
  { access, range: asked, io, position, shown, signal }: LogsReadRun,
): Promise<ExitCode> {
  const { connect } = await import("../../lib/client/connection/connect.ts");
  const { withLink } = await import("../../lib/client/connection/with_link.ts");
  const { readFromServer, resolveRange } = await import("../../lib/client/history/history_reader.ts");
  const { startPositionOf } = await import("../../lib/client/conversation/sync/history_read.ts");
  const { LiveMerge } = await import("../../lib/client/conversation/sync/live_merge.ts");
  const { SeenMessages } = await import("../../lib/client/conversation/sync/seen_messages.ts");
  const { reportUnknownUsers, suggestTarget } = await import("./rooms/unknown_target.ts");
  const { address, trust } = access;
  const registration = makeObserverRegistration(access);
  const used = await withLink(connect({ address, trust, registration, signal }), signal, async (link) => {
    const range = resolveRange(link.session.isupport, asked);
    const merge = new LiveMerge({ seen: new SeenMessages(), position });
    let hasItems = false;
    const show = async (items: readonly HistoryItem[]) => {
      hasItems ||= items.length > 0;
      await shown.show(items, merge.position);
    };
    const onNewLog = (from: ReadPosition) => reportNewLog(from, io);
    const read = await readFromServer({ link, range, merge, now: io.clock.now(), signal, show, onNewLog });
    if (signal.aborted) return exitCodeForSignal(signal);
    if (read.kind === "no_such_target") {
      const advice = asked.isLobby ? "" : await suggestTarget(link, range.target);
      return reportReadFailure(read, range, io, advice);
    }
    if (read.kind !== "done") return reportReadFailure(read, range, io);
    const unknown = hasItems ? undefined : await reportUnknownUsers([range.target], io, link);
    if (unknown !== undefined) return unknown;
    if (merge.position === undefined) await shown.show([], startPositionOf(range));
    return EXIT.ok;
  });
  return used.kind === "done" ? used.value : reportConnectFailure(io, used, access, signal);
}

export async function followLive({ shown, ...reading }: LogsReadRun, retry: boolean): Promise<ExitCode> {
  const { followTarget } = await import("./live_follower.ts");
  const { range, io } = reading;
  return await followTarget({
    ...reading,
    retry,
    show: (items, position) => shown.show(items, position),
    onNewLog: (from) => reportNewLog(from, io),
    onTrouble: (found, advice) => {
      const code = reportReadFailure(found, range, io, advice);
      return found.kind === "unsupported" ? undefined : code;
    },
  });
}

export function reportNewLog({ time }: ReadPosition, io: Io): void {
  io.stderr.write(
    "chatterbox: gap: the server has a new log, so messages may be lost; continuing with messages from " +
      `${formatTime(time, true)} on\n`,
  );
}

/** `advice`: behind the words that there is no such room. */
export function reportReadFailure(
  found: HistoryReadFailure,
  { target }: Pick<WantedRange, "target">,
  io: Io,
  advice = "",
): ExitCode {
  switch (found.kind) {
    case "unsupported":
      return reportFailure(io, EXIT.unreachable, "the server keeps no history");
    case "no_such_target":
      return reportFailure(
        io,
        EXIT.noUser,
        target === DEFAULT_LOBBY
          ? `no such room: ${DEFAULT_LOBBY}; --room names another`
          : toPrintable(`no such room: ${target}${advice}`),
      );
    case "unavailable":
    case "failed":
      return reportFailure(
        io,
        found.kind === "unavailable" ? EXIT.tryAgain : EXIT.refused,
        `cannot read the history of ${toPrintable(target)}: ${toPrintable(found.text)}`,
      );
    case "timed_out":
      return reportFailure(io, EXIT.tryAgain, "the server did not answer in time");
    case "lost":
      return reportFailure(io, EXIT.tryAgain, `the connection was lost: ${toPrintable(found.text)}`);
  }
}
