/** Copies and checksums of files of any size, in steps between which the caller can interrupt. */
import { nodeModules } from "../../base/platform/node_modules.ts";
import { syncFolder } from "../disk/disk_file.ts";
import { BackupFault } from "./backup_fault.ts";

/** What is given to everything that takes long. */
export interface LongWork {
  readonly signal: AbortSignal;
  /** Called with the file at work, and how much of it is done. */
  readonly onProgress: (progress: Progress) => void;
}

export interface Progress {
  readonly step: "copying" | "verifying";
  /** Path below the folder. */
  readonly name: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface FileDigest {
  readonly bytes: number;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
}

/** Bytes per read. */
const CHUNK_BYTES = 1024 * 1024;

export function checkInterrupted({ signal }: LongWork): void {
  if (signal.aborted) throw new BackupFault("interrupted", "interrupted");
}

/** Copies `from` to the new file `to`, which is on disk when it returns. Returns size and checksum of what was written. */
export async function copyFile(from: string, to: string, name: string, work: LongWork): Promise<FileDigest> {
  using target = await Deno.open(to, { write: true, createNew: true, mode: 0o600 });
  const digest = await readThrough(from, { name, step: "copying" }, work, async (chunk) => {
    for (let at = 0; at < chunk.length;) at += await target.write(chunk.subarray(at));
  });
  await target.sync();
  return digest;
}

/** Size and checksum of the file at `path`. `replaced`: bytes that count in place of the file's first ones. */
export function digestFile(
  path: string,
  name: string,
  work: LongWork,
  replaced?: Uint8Array,
): Promise<FileDigest> {
  return readThrough(path, { name, step: "verifying" }, work, undefined, replaced);
}

export async function syncFile(path: string): Promise<void> {
  using file = await Deno.open(path, { read: true, write: true });
  await file.sync();
}

/** Makes the name of the folder durable. */
export function syncParentOf(folder: string): void {
  syncFolder(`${Deno.realPathSync(folder)}/..`);
}

async function readThrough(
  path: string,
  labels: Pick<Progress, "name" | "step">,
  work: LongWork,
  onChunk?: (chunk: Uint8Array) => Promise<void>,
  replaced: Uint8Array = new Uint8Array(),
): Promise<FileDigest> {
  if (!(await Deno.stat(path)).isFile) throw new Error("it is not a regular file"); // a pipe would wait for its writer
  using file = await Deno.open(path);
  const { size } = await file.stat();
  const hash = nodeModules.crypto.createHash("sha256");
  const buffer = new Uint8Array(CHUNK_BYTES);
  let done = 0;
  for (;;) {
    checkInterrupted(work);
    const count = await file.read(buffer);
    if (count === null) break;
    const chunk = buffer.subarray(0, count);
    if (done < replaced.length) chunk.set(replaced.subarray(done, done + count));
    hash.update(chunk);
    await onChunk?.(chunk);
    done += count;
    work.onProgress({ ...labels, doneBytes: done, totalBytes: Math.max(done, size) });
  }
  return { bytes: done, sha256: hash.digest("hex") };
}
