/** Messages between the server's thread (reader_task.ts) and the worker that reads the archive (reader_worker.ts). */
import type { ArchiveAnswer, ArchiveQuery } from "../../log/archive.ts";

export type ReaderRequest =
  /** Path of the archive; it is opened with the first query. */
  | { readonly kind: "start"; readonly path: string }
  | { readonly kind: "ask"; readonly id: number; readonly query: ArchiveQuery }
  /** Another file may be in its place: open it again. */
  | { readonly kind: "reopen" };

/** `why`: the archive cannot be read, in words. */
export type ReaderReport =
  | { readonly id: number; readonly answer: ArchiveAnswer }
  | { readonly id: number; readonly answer: undefined; readonly why: string };
