/** Outcome of opening a ring file, in numbers and as one line for people. */

export interface RecoveryReport {
  readonly created: boolean;
  /** Records in the log. */
  readonly recovered: number;
  /** Synced records known to be lost; records lost at the old end of the log leave no trace. */
  readonly damaged: number;
  /** How many of `damaged` were not known at the previous opening. */
  readonly newlyDamaged: number;
  /** Synced records are lost at the end; their number is not known, because the header is damaged. */
  readonly isEndUncounted: boolean;
  /** Records that an unfinished sync left incomplete: before the end of the log, or at its end (`torn`). */
  readonly unfinished: number;
  readonly torn: boolean;
  /** Records that did not fit after a change of size. */
  readonly outgrown: number;
  /** Size in bytes before a change of size. */
  readonly resizedFrom: number | undefined;
  /** Paths of the copies of the file and its database, made before a smaller size dropped records. */
  readonly larger: readonly string[];
  /** Number of bytes that the file was too short. */
  readonly cut: number;
  readonly headerLost: boolean;
  /** The previous server did not shut down cleanly: what it had not synced is lost. */
  readonly unclean: boolean;
  /** It had shown clients only what it had synced, and all of that is there. */
  readonly lostNothing: boolean;
  /** Path of the copy of the damaged file; undefined if none was needed, or if it failed (`copyFailed`). */
  readonly copy: string | undefined;
  readonly copyFailed: string | undefined;
}

/** Report on an empty, intact file; the base of every other report. */
export const EMPTY_REPORT: RecoveryReport = {
  created: false,
  recovered: 0,
  damaged: 0,
  newlyDamaged: 0,
  isEndUncounted: false,
  unfinished: 0,
  torn: false,
  outgrown: 0,
  resizedFrom: undefined,
  larger: [],
  cut: 0,
  headerLost: false,
  unclean: false,
  lostNothing: false,
  copy: undefined,
  copyFailed: undefined,
};

/** Whether nothing was wrong with the file. */
export function isIntact(report: RecoveryReport): boolean {
  const { damaged, isEndUncounted, unfinished, torn, cut, headerLost } = report;
  return damaged === 0 && !isEndUncounted && unfinished === 0 && !torn && cut === 0 && !headerLost;
}

/** The report as one line, without a full stop: recovered, lost, reasons. */
export function describeReport(report: RecoveryReport): string {
  if (report.created) return "new, empty";
  const parts = [`${formatRecordCount(report.recovered)} recovered`];
  if (report.headerLost) parts.push("the header page is damaged");
  if (report.cut > 0) parts.push(`the file was ${report.cut} bytes too short`);
  if (report.newlyDamaged > 0) {
    parts.push(`${formatRecordCount(report.newlyDamaged)} lost to damage in the file`);
  }
  if (report.isEndUncounted) {
    parts.push("the number in its header is damaged: it is not known how many records are lost at its end");
  }
  const known = report.damaged - report.newlyDamaged;
  if (known > 0) parts.push(`${formatRecordCount(known)} already missing`);
  if (report.unfinished > 0) {
    parts.push(`${formatRecordCount(report.unfinished)} lost in an unfinished sync`);
  }
  if (report.torn) parts.push("an incomplete record at the end was dropped");
  if (report.outgrown > 0) {
    parts.push(`the ${formatRecordCount(report.outgrown)} that do not fit the new size were dropped`);
  }
  if (report.larger.length > 0) parts.push(`the previous content is kept as ${report.larger.join(" and ")}`);
  if (report.unclean) {
    const lost = report.lostNothing
      ? "nothing that was acknowledged is"
      : "any records not yet synced to disk are";
    parts.push(`unclean shutdown: ${lost} lost`);
  }
  if (report.copy !== undefined) parts.push(`the original file is kept as ${report.copy}`);
  if (report.copyFailed !== undefined) {
    parts.push(`the original file could not be copied: ${report.copyFailed}`);
  }
  return parts.join("; ");
}

function formatRecordCount(count: number): string {
  return count === 1 ? "1 record" : `${count} records`;
}
