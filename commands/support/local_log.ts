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
  /** No server uses the folder, or none with `--shm`: {@link describeMissingLog}. */
  | { readonly kind: "none" }
  | LocalLogFault;

export interface LocalLogFault {
  /**
   * `not_shared`: the server that uses the folder has no `--shm`; an earlier one may have left its segment. `starting`: it
   * has the folder, and not yet its segment. `access`: the C library cannot be called, and standard input is not the
   * segment.
   */
  readonly kind: "no_folder" | "not_shared" | "starting" | "access" | "unusable";
  readonly why: string;
}

/** Opens the log of the server with that data folder. */
export function openLocalLog(dataDir: string): LocalLogOutcome {
  const path = findRealPath(dataDir);
  if (typeof path !== "string") return path;
  const libc = Libc.load();
  return checkIsShared(path, libc === undefined ? openFromStandardInput(path) : openMapped(libc, path));
}

/** As {@link openLocalLog}, but a segment that is standard input is read instead of the one of that name. */
export function openGivenLog(dataDir: string): LocalLogOutcome {
  const path = findRealPath(dataDir);
  if (typeof path !== "string") return path;
  if (typeof SegmentFile.open(STDIN_FD) === "string") return openLocalLog(path);
  return checkIsShared(path, openFromStandardInput(path));
}

/** `outcome`, unless another server than that of the segment uses the folder at `path`. */
function checkIsShared(path: string, outcome: LocalLogOutcome): LocalLogOutcome {
  const log = outcome.kind === "ok" ? outcome.log : undefined;
  if (log?.isRunning() || log === undefined && outcome.kind !== "none") return outcome;
  const use = findDataDirUse(path);
  if (use.kind !== "in_use" || use.pid === log?.pid) return outcome;
  log?.close();
  const by = use.pid === undefined ? "" : ` (process ${use.pid})`;
  // A server that has just locked the folder has not yet written its process id.
  if (use.isShared || use.pid === undefined) {
    return { kind: "starting", why: `the server${by} that uses ${path} is starting: try again` };
  }
  const why = `the server${by} that uses ${path} has no shared memory: start it with --shm, or omit --local`;
  return { kind: "not_shared", why };
}

/** Whether the server `pid` still uses the folder; true, too, where its lock cannot be read. */
function isUsedBy(dataDir: string, pid: number): boolean {
  const use = findDataDirUse(dataDir);
  return use.kind === "unknown" || use.kind === "in_use" && (use.pid ?? pid) === pid;
}

/** Opens the log of `dataDir` or the given one; an exit code where that fails, which has been reported. */
export function openOrReport(dataDir: string, io: Io): LocalLog | ExitCode {
  const outcome = openGivenLog(dataDir);
  switch (outcome.kind) {
    case "ok":
      return outcome.log;
    case "none":
      return reportFailure(io, EXIT.unreachable, describeMissingLog(toPrintable(dataDir)));
    default:
      return reportLocalFault(outcome, io);
  }
}

export function reportLocalFault({ kind, why }: LocalLogFault, io: Io): ExitCode {
  switch (kind) {
    case "no_folder":
    case "not_shared":
    case "starting":
      return reportFailure(io, EXIT.unreachable, toPrintable(why));
    case "access":
      return reportFailure(io, EXIT.badConfig, `--local: ${toPrintable(why)}`);
    case "unusable":
      return reportFailure(io, EXIT.ioError, toPrintable(why));
  }
}

/** No server uses the data folder: what to do. */
export function describeMissingLog(dataDir: string): string {
  return `no server runs with the data folder ${dataDir}: start one (chatterbox serve --shm), ` +
    "or name another folder with --data-dir";
}

function openMapped(libc: Libc, dataDir: string): LocalLogOutcome {
  const name = segmentName(dataDir);
  const opened = openSegment(libc, name);
  if (opened.kind === "none") return opened;
  if (opened.kind === "refused") {
    return { kind: "unusable", why: describeForeignServer(dataDir, libc.userId()) ?? opened.why };
  }
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

/** The folder's path without symbolic links. */
function findRealPath(dir: string): string | LocalLogFault {
  const other = "name the data folder of the server with --data-dir";
  try {
    if (Deno.statSync(dir).isDirectory) return Deno.realPathSync(dir);
    return { kind: "no_folder", why: `${dir}: it is a file; ${other}` };
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) {
      return { kind: "no_folder", why: `${dir}: there is no such folder; ${other}` };
    }
    const why = `${dir}: permission denied; only the user of the server may read its memory: omit --local`;
    return { kind: "unusable", why };
  }
}

/** Why a segment cannot be used where the data folder belongs to another user than `uid`, who runs the server. */
function describeForeignServer(dataDir: string, uid: number): string | undefined {
  const owner = Deno.statSync(dataDir).uid;
  if (owner === null || owner === uid) return undefined;
  return `the server of ${dataDir} runs as ${
    userName(owner)
  }, and only that user may read its memory; omit --local`;
}

/** The name of a user of this machine, or `uid 1000` where /etc/passwd has none (passwd(5)). */
function userName(uid: number): string {
  try {
    const users = Deno.readTextFileSync("/etc/passwd").split("\n").map((line) => line.split(":"));
    return users.find(([, , id]) => id === String(uid))?.[0] ?? `uid ${uid}`;
  } catch {
    return `uid ${uid}`;
  }
}
