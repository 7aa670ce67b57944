/** The ways that are compared. */

/** How far a way reaches. */
export type IpcScope = "process" | "machine" | "network";

export interface IpcWay {
  readonly name: string;
  readonly about: string;
  /** The farthest that writer and reader can be apart. */
  readonly scope: IpcScope;
  /** Records go in batches: one write, one wake, one hold of the lock for each. */
  readonly isBatched: boolean;
  readonly carrier: "tcp" | "unix" | "ring" | "spin" | "file" | "threads";
}

export const IPC_WAYS: readonly IpcWay[] = [
  { name: "tcp", about: "TCP, a write each", scope: "network", isBatched: false, carrier: "tcp" },
  { name: "tcp-batch", about: "TCP, a write for a batch", scope: "network", isBatched: true, carrier: "tcp" },
  { name: "unix", about: "Unix socket, a write each", scope: "machine", isBatched: false, carrier: "unix" },
  {
    name: "unix-batch",
    about: "Unix socket, a write for a batch",
    scope: "machine",
    isBatched: true,
    carrier: "unix",
  },
  {
    name: "ring",
    about: "mapped ring, woken for each record by a byte on a Unix socket",
    scope: "machine",
    isBatched: false,
    carrier: "ring",
  },
  {
    name: "ring-batch",
    about: "mapped ring, woken for each batch",
    scope: "machine",
    isBatched: true,
    carrier: "ring",
  },
  {
    name: "ring-spin",
    about: "mapped ring, the reader looks without a pause",
    scope: "machine",
    isBatched: false,
    carrier: "spin",
  },
  {
    name: "file",
    about: "file in /dev/shm, read with pread, looked at each millisecond",
    scope: "machine",
    isBatched: true,
    carrier: "file",
  },
  {
    name: "threads",
    about: "ring of two threads, a Web Lock for each record",
    scope: "process",
    isBatched: false,
    carrier: "threads",
  },
  {
    name: "threads-batch",
    about: "ring of two threads, a Web Lock for each batch",
    scope: "process",
    isBatched: true,
    carrier: "threads",
  },
];

/** Why this way cannot be tried here; undefined: it can. */
export function findWayFault({ carrier }: IpcWay): string | undefined {
  const { os } = Deno.build;
  if (carrier === "tcp" || carrier === "threads") return undefined;
  if (os === "linux" || carrier === "unix" && os !== "windows") return undefined;
  return carrier === "unix" ? "needs Unix sockets" : "needs Linux";
}

/** A batch is at most so many records, and so many bytes. */
const BATCH_RECORDS = 64;
const BATCH_BYTES = 64 * 1024;

/** Records of one batch. */
export function batchOf(way: IpcWay, sizeBytes: number): number {
  if (!way.isBatched) return 1;
  return Math.max(1, Math.min(BATCH_RECORDS, Math.floor(BATCH_BYTES / sizeBytes)));
}
