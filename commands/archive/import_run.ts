/** `chatterbox archive import`. */
import { searchableTextIn } from "../../lib/hub/history/archive_changes.ts";
import type { ArchiveLoss } from "../../lib/log/archive.ts";
import type {
  ExportedConversation,
  ExportedMember,
  ExportedRecord,
} from "../../lib/store/archive/archive_export.ts";
import { archiveBytes, removeArchive } from "../../lib/store/archive/archive_files.ts";
import { ArchiveImport, type ImportRefusal } from "../../lib/store/archive/archive_import.ts";
import { ForeignArchive } from "../../lib/store/archive/archive_schema.ts";
import { ArchiveWriter } from "../../lib/store/archive/archive_writer.ts";
import type { FormerName } from "../../lib/store/archive/former_name_table.ts";
import type { DataDir } from "../../lib/store/disk/data_dir.ts";
import { readLogFile } from "../../lib/store/ring_file/open_log.ts";
import { requireServerFolder, toArchiveFault, withDataDir } from "./archive_access.ts";
import type { ArchiveFault } from "./archive_fault.ts";
import { type ArchiveWork, countOf } from "./archive_work.ts";
import { ImportSource } from "./import_source.ts";
import type { ExportHeader } from "./jsonl_format.ts";

/** Records that are added at once. */
const BATCH_RECORDS = 1000;

export interface ImportRequest {
  readonly file: string;
  /** Also if the archive does not know all that was renamed, closed or deleted since. */
  readonly acceptsOlder: boolean;
}

interface ImportCounts {
  readonly added: number;
  /** Already there, or deleted. */
  readonly present: number;
  /** Of conversations that were renamed, or have ended. */
  readonly leftOut: number;
  /** Rooms that may have been renamed or closed; undefined: the archive knows all that happened since. */
  readonly unsureRooms: number | undefined;
}

/**
 * Adds the export in `file` to the archive of `dataDir`, in one transaction; returns the lines to show. Throws an
 * {@link ArchiveFault}.
 */
export async function importArchive(
  dataDir: string,
  { file, acceptsOlder }: ImportRequest,
  work: ArchiveWork,
): Promise<readonly string[]> {
  requireServerFolder(dataDir);
  return await withDataDir(dataDir, async (dir) => {
    const source = await ImportSource.open(file, dir.archivePath, work);
    try {
      const header = await verifySource(source, work);
      requireSameLog(dir, source, header);
      return describeImport(
        `imported ${source.name} into ${dir.archivePath}`,
        await importSource(dir, source, header, acceptsOlder, work),
      );
    } finally {
      source.close();
    }
  });
}

function describeImport(what: string, counts: ImportCounts): string[] {
  const { added, present, leftOut, unsureRooms } = counts;
  const already = present === 0 ? "" : `; already there, or deleted: ${present}`;
  const without = leftOut === 0 ? "" : `; left out, because of what was renamed or ended since: ${leftOut}`;
  const done = `${what}: ${countOf(added, "record")}${already}${without}`;
  if (unsureRooms === undefined) return [done];
  return [
    done,
    `accepted although older: ${
      countOf(unsureRooms, "room")
    } under the names of then, which may have been renamed or ` +
    `closed since; and of ${countOf(added, "record")} it is unknown whether they were deleted`,
  ];
}

/** Reads the file once to its end: nothing is imported of one that is malformed, or cut off. */
async function verifySource(source: ImportSource, work: ArchiveWork): Promise<ExportHeader> {
  let header: ExportHeader | undefined;
  const known = new Set<number>();
  let [records, end]: [number, number | undefined] = [0, undefined];
  for await (const line of source.lines()) {
    if (header === undefined && line.kind !== "header") break;
    if (line.kind === "header") header ??= line.header;
    else if (line.kind === "conversation") known.add(line.conversation.id);
    else if (line.kind === "record") records++;
    else if (line.kind === "end") end = line.records;
    if (line.kind === "record" && line.record.seq >= header!.cursor) {
      throw source.fault(`record ${line.record.seq} is behind its end`);
    }
    const ids = line.kind === "record" || line.kind === "member" ? line.ids : [];
    const unknown = ids.find((id) => !known.has(id));
    if (unknown !== undefined) throw source.fault(`there is no conversation ${unknown}`);
    await work.step(() => `reading: ${countOf(records, "record")}`);
  }
  if (header === undefined) throw source.fault("it is no export of an archive");
  if (end !== records) throw source.fault("it is cut off");
  return header;
}

/** The server would put an archive of another log aside. */
function requireSameLog({ ringPath }: DataDir, source: ImportSource, { logId }: ExportHeader): void {
  const log = readLogFile(ringPath);
  if (log.kind === "ok" && log.logId !== logId) throw foreignFault(source, logId, log.logId);
}

function foreignFault(source: ImportSource, logId: string, here: string): ArchiveFault {
  return source.fault(`it is of another server's history (${logId}, here ${here})`);
}

/** An archive that was not there before is removed if nothing was imported. */
async function importSource(
  { archivePath }: DataDir,
  source: ImportSource,
  header: ExportHeader,
  acceptsOlder: boolean,
  work: ArchiveWork,
): Promise<ImportCounts> {
  const isNew = archiveBytes(archivePath) === 0;
  const writer = openWriter(archivePath, source, header);
  let isDone = false;
  try {
    const run = new ImportRun(source, header, new ArchiveImport(writer, header, { acceptsOlder }), work);
    run.requireFit();
    const counts = await writer.changeTogether(() => run.add());
    isDone = true;
    return counts;
  } catch (error) {
    throw toArchiveFault(archivePath, error);
  } finally {
    writer.close();
    if (isNew && !isDone) removeArchive(archivePath);
  }
}

function openWriter(path: string, source: ImportSource, { logId }: ExportHeader): ArchiveWriter {
  try {
    return new ArchiveWriter(path, { logId, readSearchable: searchableTextIn });
  } catch (error) {
    if (error instanceof ForeignArchive) throw foreignFault(source, logId, error.logId);
    throw toArchiveFault(path, error);
  }
}

class ImportRun {
  readonly #source: ImportSource;
  readonly #header: ExportHeader;
  readonly #target: ArchiveImport;
  readonly #work: ArchiveWork;

  constructor(source: ImportSource, header: ExportHeader, target: ArchiveImport, work: ArchiveWork) {
    this.#source = source;
    this.#header = header;
    this.#target = target;
    this.#work = work;
  }

  /** Throws an {@link ArchiveFault} if the export cannot be added to this archive. */
  requireFit(): void {
    const { refusal } = this.#target;
    if (refusal !== undefined) throw this.#source.fault(describeRefusal(refusal, this.#header));
  }

  async add(): Promise<ImportCounts> {
    await this.#read((records) => this.#target.match(records));
    let [added, count] = [0, 0];
    const rest = await this.#read((records) => {
      added += this.#target.add(records);
      count += records.length;
    });
    if (this.#header.isComplete) this.#target.finish(rest);
    const { leftOut, unsureRooms } = this.#target;
    return { added, present: count - added - leftOut, leftOut, unsureRooms };
  }

  /** Reads the file; returns what it holds beside the records. */
  async #read(take: (records: readonly ExportedRecord[]) => void) {
    const conversations = new Map<number, ExportedConversation>();
    const find = (ids: readonly number[]) => ids.flatMap((id) => conversations.get(id) ?? []);
    const redacted: number[] = [];
    const formerNames: FormerName[] = [];
    const losses: ArchiveLoss[] = [];
    const members: ExportedMember[] = [];
    let records: ExportedRecord[] = [];
    let count = 0;
    for await (const line of this.#source.lines()) {
      if (line.kind === "conversation") conversations.set(line.conversation.id, line.conversation);
      else if (line.kind === "redacted") redacted.push(...line.seqs);
      else if (line.kind === "former") formerNames.push(line.former);
      else if (line.kind === "loss") losses.push(line.loss);
      else if (line.kind === "member") members.push({ nick: line.nick, conversations: find(line.ids) });
      else if (line.kind === "record") records.push({ ...line.record, conversations: find(line.ids) });
      if (records.length < BATCH_RECORDS) continue;
      take(records);
      count += records.length;
      records = [];
      await this.#work.step(() => `importing: ${countOf(count, "record")}`);
    }
    take(records);
    return { redacted, formerNames, losses, members };
  }
}

function describeRefusal(refusal: ImportRefusal, { cursor }: ExportHeader): string {
  switch (refusal.kind) {
    case "part":
      return "it is a part of an export (--room, --since or --until), and there is no archive here to add it to; import a whole " +
        "export first";
    case "unknown":
      return `it goes up to record ${
        cursor - 1
      }, and the archive here does not know all that happened between that and ` +
        `record ${refusal.changesFrom}: rooms that were renamed or closed since would be readable under their old names, ` +
        "and deleted messages would come back; --accept-older imports it all the same";
    case "older":
      return `it goes up to record ${cursor - 1}, the archive here up to ${
        refusal.cursor - 1
      }; move archive.sqlite away, ` +
        "then import again";
  }
}
