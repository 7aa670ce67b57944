/** `logs --local`: opens the ring of a server on this machine and the cursor, and reads. */
import type { Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { HeaderInTransit, RingDamage } from "../../lib/log/ring_header.ts";
import { stateDir } from "../../lib/cli/files/user_dirs.ts";
import { UsageError } from "../../lib/cli/flags/command_definition.ts";
import type { MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import type { HistoryRange } from "../../lib/client/conversation/sync/history_read.ts";
import { DEFAULT_LOBBY } from "../../lib/irc/vendor_extensions.ts";
import { CursorOutput, openCursor } from "./cursor_output.ts";
import type { ItemWriter } from "./output/item_writer.ts";
import type { MessageFilter } from "./output/message_filter.ts";
import { reportNewLog } from "./server_history.ts";
import { openOrReport } from "../support/local_log.ts";
import { readLocal } from "./local_read.ts";

export interface LocalFlags {
  readonly "data-dir"?: string | undefined;
  readonly "cursor-file"?: string | undefined;
  readonly "max-count"?: number | undefined;
  readonly "no-retry": boolean;
  readonly follow: boolean;
}

export interface LocalRequest {
  readonly range: Omit<HistoryRange, "target"> & { readonly isWanted: (entry: MessageEntry) => boolean };
  readonly filter: MessageFilter;
  /** Undefined: the server's lobby. */
  readonly room: string | undefined;
  readonly writer: ItemWriter;
}

/** Reads the ring of the server with the data folder of `flags`; returns the exit code. */
export async function runLocally(flags: LocalFlags, request: LocalRequest, io: Io): Promise<ExitCode> {
  try {
    return await openAndRead(flags, request, io);
  } catch (error) {
    if (error instanceof HeaderInTransit) {
      return reportFailure(
        io,
        EXIT.tryAgain,
        "the server stopped while it changed the ring; try again later",
      );
    }
    if (!(error instanceof RingDamage)) throw error;
    const text = "the server's shared memory was damaged by another process: restart the server";
    return reportFailure(io, EXIT.ioError, `${text} (${error.message})`);
  }
}

async function openAndRead(
  flags: LocalFlags,
  { range, filter, room, writer }: LocalRequest,
  io: Io,
): Promise<ExitCode> {
  const dataDir = flags["data-dir"] ?? stateDir(io.env);
  if (dataDir === undefined) {
    throw new UsageError("there is no home directory; name the server's data folder with --data-dir DIR");
  }
  const log = openOrReport(dataDir, io);
  if (typeof log === "number") return log;
  const target = room ?? (log.lobby || DEFAULT_LOBBY);
  const address = { kind: "unix", path: log.dataDir } as const; // stands for the server in a cursor file
  const start = await openCursor(flags["cursor-file"], { address, target, name: "" }, io);
  if (start.kind === "failed") return start.code;
  const { cursor, position } = start;
  const shown = new CursorOutput({
    ...filter,
    io,
    maxCount: flags["max-count"],
    cursor,
    write: (items) => writer.write(items, ""),
  });
  const code = await readLocal({
    dataDir,
    log,
    range: { ...range, target },
    isNamed: room !== undefined,
    position,
    follow: flags.follow,
    retry: !flags["no-retry"],
    shown,
    onNewLog: (from) => reportNewLog(from, io),
    io,
    signal: shown.stopSignal,
  });
  await writer.finish();
  return await shown.end(code);
}
