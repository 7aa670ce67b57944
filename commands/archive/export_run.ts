/** `chatterbox archive export`. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import { formatUtcDate } from "../../lib/base/values/timestamp.ts";
import { casefold } from "../../lib/irc/names/casemap.ts";
import { isChannelName } from "../../lib/irc/names/name_rules.ts";
import type { ArchiveLoss } from "../../lib/log/archive.ts";
import {
  ArchiveExport,
  type ExportedConversation,
  type ExportedRecord,
} from "../../lib/store/archive/archive_export.ts";
import { archivePathIn, openForReading, toArchiveFault } from "./archive_access.ts";
import { ArchiveFault } from "./archive_fault.ts";
import { type ArchiveWork, countOf } from "./archive_work.ts";
import { type ExportLine, formatExportLine } from "./jsonl_format.ts";
import { MARKDOWN, PLAIN_TEXT, type TranscriptFormat } from "./transcript_format.ts";

export interface ExportRequest {
  readonly format: string;
  readonly room: string | undefined;
  readonly since: number | undefined;
  readonly until: number | undefined;
}

/** Numbers in one line. */
const NUMBERS_PER_LINE = 1000;

/** Writes the archive of `dataDir` to standard output. Throws an {@link ArchiveFault}. */
export async function exportArchive(
  dataDir: string,
  request: ExportRequest,
  work: ArchiveWork,
): Promise<void> {
  const path = archivePathIn(dataDir);
  const db = openForReading(path);
  try {
    const source = new ArchiveExport(db);
    const room = request.room === undefined ? undefined : findRoom(source, request.room);
    const run = new ExportRun(source, request, work);
    switch (request.format) {
      case "md":
        return await run.writeTranscripts(room === undefined ? source.channels() : [room], MARKDOWN);
      case "txt":
        return await run.writeTranscripts(room === undefined ? source.channels() : [room], PLAIN_TEXT);
      default:
        return await run.writeJson(room);
    }
  } catch (error) {
    throw toArchiveFault(path, error);
  } finally {
    db.close();
  }
}

/** The `#` of a name may be left out, as for `logs`. */
function findRoom(source: ArchiveExport, name: string): ExportedConversation {
  const room = source.channel(casefold(isChannelName(name) ? name : `#${name}`));
  if (room === undefined) {
    throw new ArchiveFault("no_room", `no such room in the archive: ${toPrintable(name)}`);
  }
  return room;
}

class ExportRun {
  readonly #source: ArchiveExport;
  readonly #request: ExportRequest;
  readonly #work: ArchiveWork;
  #count = 0;

  constructor(source: ArchiveExport, request: ExportRequest, work: ArchiveWork) {
    this.#source = source;
    this.#request = request;
    this.#work = work;
  }

  async writeJson(room: ExportedConversation | undefined): Promise<void> {
    const { since, until } = this.#request;
    const { logId, cursor, changesFrom } = this.#source;
    const isComplete = room === undefined && since === undefined && until === undefined;
    const written = new Set<number>();
    await this.#write([{ kind: "header", header: { logId, cursor, changesFrom, isComplete } }]);
    for (const records of this.#source.records(room?.id)) {
      const lines: ExportLine[] = [];
      for (const { conversations, ...record } of records) {
        if (!this.#isWanted(record.time)) continue;
        const shown = room === undefined ? conversations : conversations.filter(({ id }) => id === room.id);
        lines.push(...newConversations(shown, written), {
          kind: "record",
          record,
          ids: shown.map(({ id }) => id),
        });
        this.#count++;
      }
      await this.#write(lines);
    }
    if (isComplete) await this.#writeRest(written);
    await this.#write([{ kind: "end", records: this.#count }]);
  }

  /** Each room after the other. */
  async writeTranscripts(rooms: readonly ExportedConversation[], format: TranscriptFormat): Promise<void> {
    let isFirst = true;
    const losses = this.#source.losses().filter(({ why }) => why !== "pruned");
    for (const { id, shown } of rooms) {
      let heading: string = (isFirst ? "" : "\n") + format.heading(shown);
      let day = "";
      const gaps = new RoomGaps(losses, format);
      for (const records of this.#source.records(id)) {
        let text = "";
        for (const record of records) {
          const isWanted = this.#isWanted(record.time);
          gaps.pass(record, isWanted);
          if (!isWanted) continue;
          const today = formatUtcDate(record.time);
          const line = format.line(record, today !== day);
          if (line === "") continue;
          text += heading + gaps.take() + line;
          [heading, day, isFirst] = ["", today, false];
        }
        await this.#writeText(text);
        this.#count += records.length;
      }
      if (heading !== "") continue;
      if (this.#request.until === undefined) gaps.end();
      await this.#writeText(gaps.take());
    }
  }

  async #writeRest(written: Set<number>): Promise<void> {
    const redacted = this.#source.redacted();
    for (let at = 0; at < redacted.length; at += NUMBERS_PER_LINE) {
      await this.#write([{ kind: "redacted", seqs: redacted.slice(at, at + NUMBERS_PER_LINE) }]);
    }
    await this.#write(this.#source.formerNames().map((former) => ({ kind: "former", former })));
    await this.#write(this.#source.losses().map((loss) => ({ kind: "loss", loss })));
    const members = this.#source.members().flatMap(({ nick, conversations }): ExportLine[] => [
      ...newConversations(conversations, written),
      { kind: "member", nick, ids: conversations.map(({ id }) => id) },
    ]);
    await this.#write(members);
  }

  #isWanted(time: number): boolean {
    const { since = -Infinity, until = Infinity } = this.#request;
    return time >= since && time < until;
  }

  async #write(lines: readonly ExportLine[]): Promise<void> {
    await this.#writeText(lines.map(formatExportLine).join(""));
  }

  async #writeText(text: string): Promise<void> {
    const { stdout } = this.#work.io;
    if (text !== "") stdout.write(text);
    await stdout.flush();
    await this.#work.step(() => `exporting: ${countOf(this.#count, "record")}`);
  }
}

/** Where records are lost in a room: a message of it may be among them. */
class RoomGaps {
  readonly #losses: readonly ArchiveLoss[];
  readonly #format: TranscriptFormat;
  #next = 0;
  #last: Pick<ExportedRecord, "seq" | "time"> | undefined;
  /** Before the next line that is shown. */
  #text = "";

  /** `losses`: in order. */
  constructor(losses: readonly ArchiveLoss[], format: TranscriptFormat) {
    this.#losses = losses;
    this.#format = format;
  }

  /** Notes the losses between the last record and this one; `isWanted`: it is in the range of times to export. */
  pass({ seq, time }: Pick<ExportedRecord, "seq" | "time">, isWanted: boolean): void {
    this.#note(seq, isWanted ? time : undefined, isWanted);
    this.#last = { seq, time };
  }

  /** Notes the losses behind the last record. */
  end(): void {
    this.#note(Infinity, undefined, true);
  }

  /** The lines of what was noted since the last call. */
  take(): string {
    const text = this.#text;
    this.#text = "";
    return text;
  }

  #note(seq: number, before: number | undefined, isWanted: boolean): void {
    for (
      let loss = this.#losses[this.#next];
      loss !== undefined && loss.from < seq;
      loss = this.#losses[this.#next]
    ) {
      this.#next++;
      // What is lost before the first record is from before the room, or from before the archive.
      if (isWanted && this.#last !== undefined) this.#text += this.#format.gap(loss, this.#last.time, before);
    }
  }
}

/** Lines of the conversations that are not `written` yet. */
function newConversations(
  conversations: readonly ExportedConversation[],
  written: Set<number>,
): ExportLine[] {
  return conversations.flatMap((conversation): ExportLine[] => {
    if (written.has(conversation.id)) return [];
    written.add(conversation.id);
    return [{ kind: "conversation", conversation }];
  });
}
