/** A ring with an archive beside it, both of a test's own. */
import { assert } from "../../../lib/base/assert.ts";
import { decodeEvent, encodeEvent, EVENT_MAX_BYTES } from "../../../lib/hub/log/event_codec.ts";
import type { RecordedEvent } from "../../../lib/hub/model/state/event.ts";
import type { ArchivedRecord, ArchiveOrder, ConversationKey, EntryKind } from "../../../lib/log/archive.ts";
import { Ring } from "../../../lib/log/ring.ts";
import { Archiver } from "../../../lib/server/archive/archiver.ts";
import type { ArchiverReport } from "../../../lib/server/archive/archiver_messages.ts";
import type { ArchiveBounds } from "../../../lib/server/settings/archive_flags.ts";
import { ArchiveReader } from "../../../lib/store/archive/archive_reader.ts";
import { comesTrue } from "../../support/guard.ts";
import { START } from "../../support/hub.ts";

const scratch = new Uint8Array(EVENT_MAX_BYTES);
export const TEA: ConversationKey = { kind: "channel", name: "#tea" };

export function messageTo(channel: string, text: string): RecordedEvent & { kind: "message" } {
  const target = { kind: "channel", name: channel } as const;
  return {
    kind: "message",
    verb: "PRIVMSG",
    source: "al!a@h",
    target,
    text,
    tags: "",
    from: "A",
    id: undefined,
  };
}

export class ArchivedLog {
  readonly ring: Ring;
  readonly reports: ArchiverReport[] = [];
  readonly path: string;
  archiver: Archiver | undefined;
  /** Of the archiver. */
  bounds: ArchiveBounds = { maxBytes: Infinity, maxAgeMs: Infinity };
  hasFailed = false;
  /** Time before the next attempt. */
  retryMs = 5;
  /** Where the log ended when the server started. */
  logEnd = Infinity;
  now = START;
  #running: Promise<void> | undefined;

  constructor(dir: string, capacity = 1 << 20, ring: Ring = Ring.create(capacity)) {
    this.ring = ring;
    this.path = `${dir}/archive.sqlite`;
  }

  /** Appends `events`; returns the number of the last one. */
  append(...events: RecordedEvent[]): number {
    let seq = 0;
    for (const event of events) seq = this.ring.append(this.now, scratch, encodeEvent(event, scratch));
    this.ring.wakeReaders();
    return seq;
  }

  /** Appends messages to #tea. */
  say(...texts: string[]): number {
    return this.append(...texts.map((text) => messageTo("#tea", text)));
  }

  /** All that was appended is on disk. */
  sync(): void {
    this.ring.markDurable(this.ring.nextSeq, this.ring.position);
  }

  start(logId = "testlog", orders: readonly ArchiveOrder[] = []): void {
    const { ring, path, bounds, hasFailed, logEnd } = this;
    const clock = { now: () => this.now };
    const report = (message: ArchiverReport) => void this.reports.push(message);
    this.archiver = new Archiver({
      ring,
      path,
      logId,
      bounds,
      hasFailed,
      logEnd,
      orders,
      report,
      retryMs: this.retryMs,
      idleMs: 5,
      clock,
    });
    this.#running = this.archiver.run();
  }

  async stop(): Promise<void> {
    this.archiver!.handleRequest({ kind: "stop" });
    await this.#running;
  }

  /** Every record below it is archived, as the archiver has told. */
  get cursor(): number {
    return this.reports.findLast((report) => report.kind === "progress")?.cursor ?? 0;
  }

  async caughtUp(): Promise<void> {
    await comesTrue("all durable records are archived", () => this.cursor >= this.ring.durableSeq);
  }

  kinds(): string[] {
    return this.reports.map(({ kind }) => kind);
  }

  /** Texts of the messages that the archive has of a conversation. */
  texts(conversation: ConversationKey = TEA): string[] {
    return this.records(["message"], conversation).map(({ payload }) => {
      const event = decodeEvent(payload);
      assert(event?.kind === "message", "it is a message");
      return event.text;
    });
  }

  /** What the archive has of a conversation. */
  records(shows: readonly EntryKind[], conversation: ConversationKey = TEA): readonly ArchivedRecord[] {
    const reader = new ArchiveReader(this.path);
    const { records } = reader.answer({
      kind: "page",
      conversation,
      shows,
      anchors: [],
      before: 100_000,
      after: 0,
      maxBytes: 1 << 30,
    });
    reader.close();
    return records;
  }
}
