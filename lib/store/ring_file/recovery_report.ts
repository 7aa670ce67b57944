/** What became of a log when its file was opened, in numbers and in one line for people. */

export interface RecoveryReport {
  readonly created: boolean;
  /** Records that are there. */
  readonly recovered: number;
  /** Synced records that are known to be lost; those at the old end of the log leave no trace. */
  readonly damaged: number;
  /** How many of `damaged` are news: not yet known when the file was opened before. */
  readonly newlyDamaged: number;
  /** Records that a sync cut off in the middle left behind incomplete: at the end (`torn`), or before it. */
  readonly unfinished: number;
  readonly torn: boolean;
  /** Records that did not fit when the buffer was given another size. */
  readonly outgrown: number;
  /** The size before, in bytes, when the buffer was given another one. */
  readonly resizedFrom: number | undefined;
  /** Where the file, and the database beside it, are kept as they were before a smaller size dropped records. */
  readonly larger: readonly string[];
  /** Bytes that the file was too short. */
  readonly cut: number;
  readonly headerLost: boolean;
  /** The server before did not end in order: what it had not synced is not here. */
  readonly unclean: boolean;
  /** Where the file as it was found is kept; undefined when there was no need, or `copyFailed` says why not. */
  readonly copy: string | undefined;
  readonly copyFailed: string | undefined;
}

/** The report on an empty file in the best of order, to start from. */
export const EMPTY_REPORT: RecoveryReport = {
  created: false,
  recovered: 0,
  damaged: 0,
  newlyDamaged: 0,
  unfinished: 0,
  torn: false,
  outgrown: 0,
  resizedFrom: undefined,
  larger: [],
  cut: 0,
  headerLost: false,
  unclean: false,
  copy: undefined,
  copyFailed: undefined,
};

/** Nothing was wrong with the file. */
export function isIntact(report: RecoveryReport): boolean {
  const { damaged, unfinished, torn, cut, headerLost } = report;
  return damaged === 0 && unfinished === 0 && !torn && cut === 0 && !headerLost;
}

/** The report as one line, without a full stop: recovered, lost, why. */
export function describeReport(report: RecoveryReport): string {
  if (report.created) return "new, empty";
  const parts = [`${formatRecordCount(report.recovered)} recovered`];
  if (report.headerLost) parts.push("the header page is damaged");
  if (report.cut > 0) parts.push(`the file was ${report.cut} bytes too short`);
  if (report.newlyDamaged > 0) {
    parts.push(`${formatRecordCount(report.newlyDamaged)} lost to damage in the file`);
  }
  const known = report.damaged - report.newlyDamaged;
  if (known > 0) parts.push(`${formatRecordCount(known)} missing from before`);
  if (report.unfinished > 0) {
    parts.push(`${formatRecordCount(report.unfinished)} lost to a sync that was cut off`);
  }
  if (report.torn) parts.push("a torn record at the end left out");
  if (report.outgrown > 0) {
    parts.push(`the ${formatRecordCount(report.outgrown)} that do not fit the new size were dropped`);
  }
  if (report.larger.length > 0) parts.push(`what was there before is kept as ${report.larger.join(" and ")}`);
  if (report.unclean) parts.push("the last server was cut off: what it had not synced, if anything, is lost");
  if (report.copy !== undefined) parts.push(`the file as it was is kept as ${report.copy}`);
  if (report.copyFailed !== undefined) {
    parts.push(`no copy of the file as it was could be kept: ${report.copyFailed}`);
  }
  return parts.join("; ");
}

function formatRecordCount(count: number): string {
  return count === 1 ? "1 record" : `${count} records`;
}
