import { assertEquals } from "@std/assert";
import {
  describeReport,
  EMPTY_REPORT,
  isIntact,
  type RecoveryReport,
} from "../../lib/store/ring_file/recovery_report.ts";
import { pureTest } from "../support/test.ts";

function line(report: Partial<RecoveryReport>): string {
  return describeReport({ ...EMPTY_REPORT, ...report });
}

pureTest("report: what is well takes few words", () => {
  assertEquals(line({ created: true }), "new, empty");
  assertEquals(line({ recovered: 1 }), "1 record recovered");
  assertEquals(line({ recovered: 812 }), "812 records recovered");
});

pureTest("report: what was lost is told with its number and its cause", () => {
  assertEquals(
    line({ recovered: 8, damaged: 5, newlyDamaged: 3, copy: "/d/log.ring.broken" }),
    "8 records recovered; 3 records lost to damage in the file; 2 records already missing; " +
      "the original file is kept as /d/log.ring.broken",
  );
  assertEquals(
    line({ recovered: 8, unfinished: 1, torn: true, copyFailed: "disk full" }),
    "8 records recovered; 1 record lost in an unfinished sync; an incomplete record at the end was dropped; " +
      "the original file could not be copied: disk full",
  );
  assertEquals(
    line({ recovered: 8, isEndUncounted: true }),
    "8 records recovered; the number in its header is damaged: it is not known how many records are lost at its end",
  );
  assertEquals(
    line({ recovered: 8, headerLost: true, cut: 12 }),
    "8 records recovered; the header page is damaged; the file was 12 bytes too short",
  );
});

pureTest("report: a server that was cut off and a resize leave the log intact; all else does not", () => {
  assertEquals(
    isIntact({ ...EMPTY_REPORT, recovered: 8, unclean: true, outgrown: 3, resizedFrom: 65_536 }),
    true,
  );
  const faults = [{ damaged: 1 }, { unfinished: 1 }, { torn: true }, { cut: 8 }, { headerLost: true }, {
    isEndUncounted: true,
  }];
  for (const fault of faults) assertEquals(isIntact({ ...EMPTY_REPORT, ...fault }), false);
});
