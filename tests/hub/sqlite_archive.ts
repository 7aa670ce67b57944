/** The archive of the store, for tests of the hub: it follows a log up to where the test lets it. */
import { assert } from "../../lib/base/assert.ts";
import { ArchiveChanges, searchableTextIn } from "../../lib/hub/history/archive_changes.ts";
import type { EventLog } from "../../lib/hub/log/event_log.ts";
import type { ArchiveAnswer, ArchiveOrder, ArchiveQuery } from "../../lib/log/archive.ts";
import { ArchiveReader } from "../../lib/store/archive/archive_reader.ts";
import { ArchiveWriter } from "../../lib/store/archive/archive_writer.ts";
import { TEST_CONFIG } from "../support/hub.ts";

export class SqliteArchive {
  readonly #writer: ArchiveWriter;
  readonly #reader: ArchiveReader;
  readonly #changes: ArchiveChanges;

  constructor(path: string) {
    this.#writer = new ArchiveWriter(path, { logId: TEST_CONFIG.logId, readSearchable: searchableTextIn });
    const reader = this.#reader = new ArchiveReader(path);
    this.#changes = new ArchiveChanges({
      members: [],
      payloadOf: (seq) => reader.answer({ kind: "record", seq }).record?.payload,
    });
  }

  follow(log: EventLog, until: number): void {
    const from = Math.max(1, this.#writer.cursor);
    if (until <= from) return;
    const changes = Array.from({ length: until - from }, (_, nth) => {
      const record = log.read(from + nth);
      assert(record.kind === "ok", "the archive follows before a record is overwritten");
      return this.#changes.changesOf(record);
    });
    this.#writer.append(changes.flat(), until);
  }

  obey(order: ArchiveOrder): void {
    if (order.kind === "keep" || order.kind === "trust") return;
    if (order.kind === "rename" || order.kind === "redact") return; // it gets all records
    const { seq: _seq, ...change } = order;
    this.#writer.apply([change]);
  }

  answer(query: ArchiveQuery): ArchiveAnswer {
    assert(query.kind !== "search", "no test of this searches");
    return this.#reader.answer(query);
  }

  close(): void {
    this.#reader.close();
    this.#writer.close();
  }
}
