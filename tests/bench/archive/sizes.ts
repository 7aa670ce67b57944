/** What the parts of an archive take on disk. */
import { DatabaseSync } from "node:sqlite";

export interface ArchiveSizes {
  /** Of the file. */
  readonly totalBytes: number;
  /** Records: times, conversations, payloads. */
  readonly recordBytes: number;
  /** Which records a conversation has. */
  readonly entryBytes: number;
  /** The full-text index. */
  readonly indexBytes: number;
}

export function measureSizes(path: string): ArchiveSizes {
  const db = new DatabaseSync(path, { readOnly: true });
  const bytesOf = (condition: string) =>
    Number(
      db.prepare(`SELECT sum(pgsize) AS bytes FROM dbstat WHERE aggregate = 1 AND ${condition}`).get()
        ?.["bytes"],
    );
  const sizes = {
    totalBytes: Deno.statSync(path).size,
    recordBytes: bytesOf("name = 'record'"),
    entryBytes: bytesOf("name = 'entry'"),
    indexBytes: bytesOf("name GLOB 'words_*'"),
  };
  db.close();
  return sizes;
}
