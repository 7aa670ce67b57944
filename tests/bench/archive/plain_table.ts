/**
 * The same messages in a table of SQLite without an index of words, searched with `LIKE`: what a search costs where
 * nothing was prepared for it. It finds parts of words, too, and compares case in ASCII alone.
 */
import { DatabaseSync } from "node:sqlite";
import { LatencyHistogram } from "../../../lib/bench/latency_histogram.ts";
import { type Latency, latencyFigures } from "../../../lib/bench/load/figures.ts";
import { searchableTextIn } from "../../../lib/hub/history/archive_changes.ts";
import type { SearchQuery } from "../../../lib/log/archive.ts";
import { openArchiveForReading } from "../../../lib/store/archive/archive_schema.ts";
import { Random } from "../../irc/property.ts";
import { type ArchiveRange, likeOf, type QueryKind } from "./queries.ts";

export interface PlainFigures extends Latency {
  readonly title: string;
}

export class PlainTable {
  readonly #db: DatabaseSync;

  private constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Copies the messages of the archive to a new database at `path`. */
  static create(path: string, archive: string): PlainTable {
    const db = new DatabaseSync(path);
    db.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384;
      CREATE TABLE message (seq INTEGER PRIMARY KEY, room TEXT NOT NULL, text TEXT NOT NULL) STRICT; BEGIN`);
    const put = db.prepare("INSERT INTO message VALUES (?, ?, ?)");
    const source = openArchiveForReading(archive);
    const rows = source.prepare(`SELECT record.seq, name, payload FROM record
      JOIN conversation ON id = CAST(conversations AS INTEGER) WHERE indexed = 1 AND conversation.kind = 'channel'`);
    for (const { seq, name, payload } of rows.iterate()) {
      const message = searchableTextIn(payload as Uint8Array);
      if (message !== undefined) put.run(seq as number, name as string, message.text);
    }
    db.exec("COMMIT");
    source.close();
    return new PlainTable(db);
  }

  /** Searches for what `queries` searches of each kind look for. */
  measure(kinds: readonly QueryKind[], queries: number, seed: number, range: ArchiveRange): PlainFigures[] {
    return kinds.filter(({ hasPeer }) => hasPeer).map(({ title, make }) => {
      const random = new Random(seed);
      const latency = new LatencyHistogram();
      for (let nth = 0; nth < queries; nth++) {
        const query = make(random, range) as SearchQuery;
        const began = performance.now();
        this.#search(query);
        latency.record(performance.now() - began);
      }
      return { title, ...latencyFigures(latency) };
    });
  }

  close(): void {
    this.#db.close();
  }

  #search(query: SearchQuery): number {
    const rooms = query.conversations.map(({ name }) => name);
    return this.#db.prepare(`SELECT seq, text FROM message
      WHERE room IN (${rooms.map(() => "?").join()}) AND text LIKE ? ORDER BY seq DESC LIMIT ?`)
      .all(...rooms, likeOf(query), query.limit).length;
  }
}
