/** The ring of a server on this machine (`serve --shm`), read without a connection. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { reportFailure } from "../../lib/cli/standard_streams.ts";
import { Ring } from "../../lib/log/ring.ts";
import { RingCopy } from "../../lib/log/ring_copy.ts";
import { RingDamage } from "../../lib/log/ring_header.ts";
import { findDataDirUse } from "../../lib/store/disk/data_dir.ts";
import { Libc } from "../../lib/shm/libc.ts";
import { SegmentFile } from "../../lib/shm/segment_file.ts";
import { openSegment, segmentName, segmentPath } from "../../lib/shm/shared_segment.ts";

/** STDIN_FILENO (POSIX unistd.h). */
const STDIN_FD = 0;

export interface LocalLog {
  readonly ring: Ring;
  /** Part of every message id. */
  readonly logId: string;
  /** The data folder, without symbolic links. */
  readonly dataDir: string;
  /** Name of the server's lobby; "": it has none. */
  readonly lobby: string;
  /** Process id of the server. */
  readonly pid: number;
  /** The next server's log can be opened by the name of the folder. */
  readonly canReopen: boolean;
  /** Brings {@link ring} up to date, where it is a copy. */
  refresh(): void;
  /** The server has not ended. */
  isRunning(): boolean;
  close(): void;
}

export type LocalLogOutcome =
  | { readonly kind: "ok"; readonly log: LocalLog }
  /** No server uses the folder, or none with `--shm`. */
  | { readonly kind: "none" }
  /** The server that uses the folder has no `--shm`; an earlier one may have left its segment. */
  | { readonly kind: "not_shared"; readonly why: string }
  /** `access`: the C library cannot be called, and standard input is not the segment. */
  | { readonly kind: "access" | "unusable"; readonly why: string };

/** Opens the log of the server with that data folder. */
export function openLocalLog(dataDir: string): LocalLogOutcome {
  const path = findRealPath(dataDir);
  if (path === undefined) return { kind: "none" };
  const libc = Libc.load();
  const outcome = libc === undefined ? openFromStandardInput(path) : openMapped(libc, path);
  const log = outcome.kind === "ok" ? outcome.log : undefined;
  if (log?.isRunning() || log === undefined && outcome.kind !== "none") return outcome;
  const use = findDataDirUse(path);
  if (use.kind !== "in_use" || use.pid === log?.pid) return outcome;
  log?.close();
  const by = use.pid === undefined ? "" : ` (process ${use.pid})`;
  const why =
    `the server${by} that uses ${dataDir} has no shared memory: start it with --shm, or omit --local`;
  return { kind: "not_shared", why };
}

/** Whether the server `pid` still uses the folder; true, too, where its lock cannot be read. */
function isUsedBy(dataDir: string, pid: number): boolean {
  const use = findDataDirUse(dataDir);
  return use.kind === "unknown" || use.kind === "in_use" && (use.pid ?? pid) === pid;
}

/** Opens the log of `dataDir`; an exit code where that fails, which has been reported. */
export function openOrReport(dataDir: string, io: Io): LocalLog | ExitCode {
  const outcome = openLocalLog(dataDir);
  switch (outcome.kind) {
    case "ok":
      return outcome.log;
    case "none":
      return reportFailure(
        io,
        EXIT.unreachable,
        `no server with --shm uses ${toPrintable(dataDir)}; start one: chatterbox serve --shm`,
      );
    case "not_shared":
      return reportFailure(io, EXIT.unreachable, toPrintable(outcome.why));
    case "access":
      return reportFailure(io, EXIT.badConfig, `--local: ${toPrintable(outcome.why)}`);
    case "unusable":
      return reportFailure(io, EXIT.ioError, toPrintable(outcome.why));
  }
}

function openMapped(libc: Libc, dataDir: string): LocalLogOutcome {
  const name = segmentName(dataDir);
  const opened = openSegment(libc, name);
  if (opened.kind === "none") return opened;
  if (opened.kind === "refused") return { kind: "unusable", why: opened.why };
  const { segment } = opened;
  const ring = Ring.open(segment.buffer, segment.info.ringBytes);
  if (ring === undefined) {
    segment.close();
    return { kind: "unusable", why: `${segmentPath(name)}: it holds no ring` };
  }
  const log: LocalLog = {
    ...segment.info,
    dataDir,
    ring,
    canReopen: true,
    refresh: () => {},
    isRunning: () => segment.isRunning(),
    close: () => segment.close(),
  };
  return { kind: "ok", log };
}

/** By reads at positions, which take microseconds and give the same. */
function openFromStandardInput(dataDir: string): LocalLogOutcome {
  const file = SegmentFile.open(STDIN_FD);
  if (typeof file === "string") {
    return {
      kind: "access",
      why:
        `the C library (Linux, glibc 2.34 or newer) cannot be called (--allow-ffi). Pass the segment as standard ` +
        `input: <${segmentPath(segmentName(dataDir))} (now: ${file})`,
    };
  }
  const copy = RingCopy.open(file.info.ringBytes, (offset, into) => {
    if (!file.readRing(offset, into)) throw new RingDamage("the segment has become shorter");
  });
  if (copy === undefined) return { kind: "unusable", why: "standard input: it holds no ring" };
  const log: LocalLog = {
    ...file.info,
    dataDir,
    ring: copy.ring,
    canReopen: false,
    refresh: () => copy.refresh(),
    isRunning: () => file.isRunning() && isUsedBy(dataDir, file.info.pid),
    close: () => {},
  };
  return { kind: "ok", log };
}

/** The folder's path without symbolic links; undefined: there is no such folder. */
function findRealPath(dir: string): string | undefined {
  try {
    return Deno.realPathSync(dir);
  } catch {
    return undefined;
  }
}
