/** `chatterbox archive import`. */
import { searchableTextIn } from "../../lib/hub/history/archive_changes.ts";
import type {
  ExportedConversation,
  ExportedMember,
  ExportedRecord,
} from "../../lib/store/archive/archive_export.ts";
import { ArchiveImport } from "../../lib/store/archive/archive_import.ts";
import { ForeignArchive } from "../../lib/store/archive/archive_schema.ts";
import { ArchiveWriter } from "../../lib/store/archive/archive_writer.ts";
import type { DataDir } from "../../lib/store/disk/data_dir.ts";
import { readLogFile } from "../../lib/store/ring_file/open_log.ts";
import { toArchiveFault, withDataDir } from "./archive_access.ts";
import { ArchiveFault } from "./archive_fault.ts";
import { type ArchiveWork, countOf } from "./archive_work.ts";
import { type ExportHeader, type ExportLine, parseExportLine } from "./jsonl_format.ts";

/** Records of one transaction. */
const BATCH_RECORDS = 1000;

/** Adds the export in `file` to the archive of `dataDir`; returns the lines to show. Throws an {@link ArchiveFault}. */
export async function importArchive(
  dataDir: string,
  file: string,
  work: ArchiveWork,
): Promise<readonly string[]> {
  return await withDataDir(dataDir, async (dir) => {
    const header = await verifyFile(file, work);
    requireSameLog(dir, file, header);
    const writer = openWriter(dir, file, header);
    try {
      const run = new ImportRun(file, header, writer, work);
      await run.match();
      const { added, present } = await run.add();
      const left = present === 0 ? "" : `; already there, or deleted: ${present}`;
      return [`imported ${file} into ${dir.archivePath}: ${countOf(added, "record")}${left}`];
    } catch (error) {
      throw toArchiveFault(dir.archivePath, error);
    } finally {
      writer.close();
    }
  });
}

/** Reads the file once to its end: nothing is imported of one that is malformed, or cut off. */
async function verifyFile(file: string, work: ArchiveWork): Promise<ExportHeader> {
  let header: ExportHeader | undefined;
  const known = new Set<number>();
  let [records, end]: [number, number | undefined] = [0, undefined];
  for await (const line of readLines(file)) {
    if (header === undefined && line.kind !== "header") break;
    if (line.kind === "header") header ??= line.header;
    else if (line.kind === "conversation") known.add(line.conversation.id);
    else if (line.kind === "record") records++;
    else if (line.kind === "end") end = line.records;
    const ids = line.kind === "record" || line.kind === "member" ? line.ids : [];
    const unknown = ids.find((id) => !known.has(id));
    if (unknown !== undefined) {
      throw new ArchiveFault("unsound", `${file}: there is no conversation ${unknown}; nothing was imported`);
    }
    await work.step(() => `reading: ${countOf(records, "record")}`);
  }
  if (header === undefined) throw new ArchiveFault("unsound", `${file}: it is no export of an archive`);
  if (end !== records) throw new ArchiveFault("unsound", `${file}: it is cut off; nothing was imported`);
  return header;
}

/** The server would put an archive of another log aside. */
function requireSameLog({ ringPath }: DataDir, file: string, { logId }: ExportHeader): void {
  const log = readLogFile(ringPath);
  if (log.kind !== "ok" || log.logId === logId) return;
  throw new ArchiveFault(
    "unsound",
    `${file}: it is of another server's history (${logId}, here ${log.logId})`,
  );
}

function openWriter({ archivePath }: DataDir, file: string, { logId }: ExportHeader): ArchiveWriter {
  try {
    return new ArchiveWriter(archivePath, { logId, readSearchable: searchableTextIn });
  } catch (error) {
    if (!(error instanceof ForeignArchive)) throw toArchiveFault(archivePath, error);
    const text = `${file}: it is of another server's history (${logId}, here ${error.logId})`;
    throw new ArchiveFault("unsound", text);
  }
}

class ImportRun {
  readonly #file: string;
  readonly #header: ExportHeader;
  readonly #target: ArchiveImport;
  readonly #work: ArchiveWork;

  constructor(file: string, header: ExportHeader, writer: ArchiveWriter, work: ArchiveWork) {
    this.#file = file;
    this.#header = header;
    this.#target = new ArchiveImport(writer);
    this.#work = work;
  }

  async match(): Promise<void> {
    await this.#read((records) => this.#target.match(records));
  }

  /** Adds all records; `present`: number of those that were not added. */
  async add(): Promise<{ readonly added: number; readonly present: number }> {
    let [added, count] = [0, 0];
    const rest = await this.#read((records) => {
      added += this.#target.add(records);
      count += records.length;
    });
    if (this.#header.isComplete) this.#target.finish({ cursor: this.#header.cursor, ...rest });
    return { added, present: count - added };
  }

  /** Reads the file; returns what it holds beside the records. */
  async #read(take: (records: readonly ExportedRecord[]) => void) {
    const conversations = new Map<number, ExportedConversation>();
    const find = (ids: readonly number[]) => ids.flatMap((id) => conversations.get(id) ?? []);
    const redacted: number[] = [];
    const losses: Extract<ExportLine, { kind: "loss" }>["loss"][] = [];
    const members: ExportedMember[] = [];
    let records: ExportedRecord[] = [];
    let count = 0;
    for await (const line of readLines(this.#file)) {
      if (line.kind === "conversation") conversations.set(line.conversation.id, line.conversation);
      else if (line.kind === "redacted") redacted.push(...line.seqs);
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
    return { redacted, losses, members };
  }
}

/** The lines of the file. Throws an {@link ArchiveFault} with the number of one that is malformed. */
async function* readLines(file: string): AsyncGenerator<ExportLine> {
  let number = 0;
  for await (const text of readTextLines(file)) {
    number++;
    try {
      yield parseExportLine(text);
    } catch (error) {
      throw new ArchiveFault("unsound", `${file}:${number}: ${(error as Error).message}`);
    }
  }
}

async function* readTextLines(file: string): AsyncGenerator<string> {
  let rest = "";
  try {
    const source = await Deno.open(file);
    for await (const chunk of source.readable.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      yield* lines;
    }
  } catch (error) {
    throw toArchiveFault(file, error);
  }
  if (rest !== "") yield rest;
}
