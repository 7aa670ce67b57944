/**
 * A SQLite database as it is at one moment, copied while others read and write it. The copy takes as long as it takes:
 * meanwhile the WAL of the database cannot be shortened.
 */
import type { DatabaseMark } from "../../log/fact_store.ts";
import { BackupFault } from "./backup_fault.ts";
import {
  type CopyReport,
  type CopyRequest,
  type HeldArchive,
  type Holding,
  STOP_AT,
  STOPPED,
} from "./database_copy_messages.ts";
import { checkInterrupted, syncFile } from "./file_copy.ts";
import type { LongWork } from "./file_copy.ts";

export class DatabaseSnapshot {
  readonly #worker: Worker;
  readonly #path: string;
  readonly #stop = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

  private constructor(path: string) {
    this.#path = path;
    this.#worker = new Worker(new URL("./database_copy_worker.ts", import.meta.url), {
      type: "module",
      name: "backup",
    });
  }

  /** An archive, as it is held; undefined: the file is empty, or holds facts. */
  archive: HeldArchive | undefined;

  /** The database at `path` as it is now. */
  static async open(path: string, holds: Holding = "facts"): Promise<DatabaseSnapshot> {
    const snapshot = new DatabaseSnapshot(path);
    try {
      const report = await snapshot.#request({ kind: "open", path, holds, stop: snapshot.#stop });
      if (report.kind === "opened") snapshot.archive = report.archive;
      return snapshot;
    } catch (error) {
      snapshot.close();
      throw error;
    }
  }

  /**
   * Copies it to `to`, a sound database that is on disk when it returns. Returns the mark of a database of facts. If
   * it is interrupted, nothing writes to `to` any more.
   */
  async copyTo(to: string, name: string, work: LongWork): Promise<DatabaseMark | undefined> {
    checkInterrupted(work);
    Deno.openSync(to, { write: true, createNew: true, mode: 0o600 }).close();
    const interrupt = () => Atomics.store(this.#stop, STOP_AT, STOPPED);
    work.signal.addEventListener("abort", interrupt, { once: true });
    try {
      const report = await this.#request({ kind: "copy", to }, (doneBytes, totalBytes) => {
        work.onProgress({ step: "copying", name, doneBytes, totalBytes });
      });
      await syncFile(to);
      checkInterrupted(work);
      return report.kind === "copied" ? report.mark : undefined;
    } finally {
      work.signal.removeEventListener("abort", interrupt);
    }
  }

  close(): void {
    this.#worker.terminate();
  }

  /** Sends the request and resolves with its answer; rejects with a {@link BackupFault}. */
  #request(
    request: CopyRequest,
    onProgress?: (doneBytes: number, totalBytes: number) => void,
  ): Promise<CopyReport> {
    const { promise, resolve, reject } = Promise.withResolvers<CopyReport>();
    this.#worker.onmessage = ({ data }: MessageEvent<CopyReport>) => {
      if (data.kind === "progress") onProgress?.(data.doneBytes, data.totalBytes);
      else if (data.kind === "failed") reject(this.#describe(data, request));
      else resolve(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
    this.#worker.postMessage(request);
    return promise;
  }

  #describe({ fault, why }: CopyReport & { kind: "failed" }, request: CopyRequest): BackupFault {
    switch (fault) {
      case "source":
        return new BackupFault("io", `${this.#path}: ${why}`);
      case "copy":
        return new BackupFault("io", `${request.kind === "copy" ? request.to : this.#path}: ${why}`);
      case "damaged":
        return new BackupFault("unsound", `${this.#path} is damaged: ${why}`);
      case "foreign":
        return new BackupFault("unsound", `${this.#path}: ${why}`, true);
      case "stopped":
        return new BackupFault("interrupted", "interrupted");
    }
  }
}
