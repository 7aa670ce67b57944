/** `chatterbox archive check` and `repair`. */
import { formatUtcSecond } from "../../lib/base/values/timestamp.ts";
import { formatSize } from "../../lib/base/values/size.ts";
import { searchableTextIn } from "../../lib/hub/history/archive_changes.ts";
import { type ArchiveReport, checkArchive, type FaultKind } from "../../lib/store/archive/archive_check.ts";
import { archiveBytes } from "../../lib/store/archive/archive_files.ts";
import { type LostRange, repairArchive } from "../../lib/store/archive/archive_repair.ts";
import { openArchive } from "../../lib/store/archive/archive_schema.ts";
import {
  archivePathIn,
  openForReading,
  REPAIR_ADVICE,
  requireArchive,
  toArchiveFault,
  withDataDir,
} from "./archive_access.ts";
import { ArchiveFault } from "./archive_fault.ts";
import { type ArchiveWork, countOf } from "./archive_work.ts";

const FAULT_TEXTS: Readonly<Record<FaultKind, string>> = {
  file: "the file is damaged",
  entry: "records that their conversation does not list",
  record: "entries of conversations without their record",
  index: "messages that searches do not find",
  payload: "messages that cannot be read",
  clock: "times that go back unmarked",
  cursor: "records that are not archived yet by the cursor",
};

/** Checks the archive of `dataDir`; returns the lines to show. Throws an {@link ArchiveFault} if it is damaged. */
export async function check(dataDir: string, work: ArchiveWork): Promise<readonly string[]> {
  const path = archivePathIn(dataDir);
  const report = await readReport(path, work);
  if (report.faults.length > 0) throw new ArchiveFault("damaged", describeFaults(path, report));
  return [...describeReport(path, report), "no damage found"];
}

/** Repairs the archive of `dataDir`; returns the lines to show. Throws an {@link ArchiveFault}. */
export async function repair(dataDir: string, work: ArchiveWork): Promise<readonly string[]> {
  const path = archivePathIn(dataDir);
  requireArchive(path);
  return await withDataDir(dataDir, async () => {
    if (await isSound(path, work)) {
      openArchive(path).close(); // removes what reading has left beside it
      return [`${path}: no damage found; nothing was changed`];
    }
    try {
      const outcome = await work.run(repairArchive(path, searchableTextIn), "repairing");
      const { records, homeless, losses, mayMissLosses, damagedPath } = outcome;
      return [
        `repaired ${path}: ${countOf(records, "record")}; the damaged one is now ${damagedPath}`,
        ...losses.map((loss) => `lost: ${describeRange(loss)}`),
        ...homeless === 0 ? [] : [`lost: ${countOf(homeless, "record")} of rooms that cannot be read`],
        ...mayMissLosses
          ? ["lost, perhaps: more than that; the entries, which list all records, are damaged, too"]
          : [],
      ];
    } catch (error) {
      throw toArchiveFault(path, error);
    }
  });
}

async function isSound(path: string, work: ArchiveWork): Promise<boolean> {
  try {
    return (await readReport(path, work)).faults.length === 0;
  } catch (error) {
    if (error instanceof ArchiveFault && error.kind === "damaged") return false;
    throw error;
  }
}

async function readReport(path: string, work: ArchiveWork): Promise<ArchiveReport> {
  const db = openForReading(path);
  try {
    return await work.run(checkArchive(db, searchableTextIn), "checking");
  } catch (error) {
    throw toArchiveFault(path, error);
  } finally {
    db.close();
  }
}

function describeReport(path: string, report: ArchiveReport): string[] {
  const { records, conversations, oldestTime, newestTime, losses } = report;
  const time = oldestTime === undefined || newestTime === undefined
    ? ""
    : `, ${formatUtcSecond(oldestTime)} to ${formatUtcSecond(newestTime)}`;
  const content = `${countOf(records, "record")} in ${countOf(conversations, "conversation")}${time}`;
  return [
    `${path}: ${content}, ${formatSize(archiveBytes(path))}`,
    ...losses.map((loss) => `not in it: ${describeRange(loss)} (${loss.why})`),
  ];
}

function describeFaults(path: string, { faults }: ArchiveReport): string {
  const texts = faults.map(({ kind, count, detail }) => `${FAULT_TEXTS[kind]} (${count}; ${detail})`);
  return `${path}: ${texts.join("; ")}; ${REPAIR_ADVICE}`;
}

function describeRange({ from, until }: LostRange): string {
  if (until === undefined) {
    return from === 0 ? "all records: nothing can be read" : `record ${from} and all after it`;
  }
  return until === from + 1 ? `record ${from}` : `records ${from} to ${until - 1}`;
}
