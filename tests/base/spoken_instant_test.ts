import { assertEquals } from "@std/assert";
import { parseSpokenInstant } from "../../lib/base/values/spoken_instant.ts";
import { pureTest } from "../support/test.ts";

/** A Sunday, in local time. */
const NOW = at(2026, 11, 29, 14, 30);

function at(year: number, month: number, day: number, hour = 0, minute = 0, second = 0): number {
  return new Date(year, month - 1, day, hour, minute, second).getTime();
}

function check(cases: readonly (readonly [text: string, time: number | undefined])[], now = NOW): void {
  const shown = (time: number | undefined) => time === undefined ? "-" : new Date(time).toString();
  for (const [text, time] of cases) {
    assertEquals([text, shown(parseSpokenInstant(text, now))], [text, shown(time)]);
  }
}

pureTest("spoken instants: so long ago, in words or units", () => {
  const hours = (count: number) => NOW - count * 3_600_000;
  check([
    ["10m", hours(1 / 6)],
    ["-1h", hours(1)],
    ["30min", hours(0.5)],
    ["2 hours ago", hours(2)],
    ["2hours", hours(2)],
    ["1h 30 min ago", hours(1.5)],
    ["1 hour and 30 minutes ago", hours(1.5)],
    ["1.5 hours", hours(1.5)],
    ["an hour ago", hours(1)],
    ["half an hour ago", hours(0.5)],
    ["A Week  ago", hours(7 * 24)],
    ["90 secs", hours(1 / 40)],
    ["a month ago", at(2026, 10, 29, 14, 30)],
    ["2 years ago", at(2024, 11, 29, 14, 30)],
    ["half a year ago", undefined],
    ["2 lightyears ago", undefined],
    ["ago", undefined],
    ["-", undefined],
  ]);
  check([["1 month ago", at(2026, 2, 28, 9)]], at(2026, 3, 31, 9));
});

pureTest("spoken instants: days and times of day, the latest that is not in the future", () => {
  check([
    ["today", at(2026, 11, 29)],
    ["yesterday", at(2026, 11, 28)],
    ["13:00", at(2026, 11, 29, 13)],
    ["15:00", at(2026, 11, 28, 15)],
    ["3pm", at(2026, 11, 28, 15)],
    ["9:05 am", at(2026, 11, 29, 9, 5)],
    ["12am", at(2026, 11, 29)],
    ["noon", at(2026, 11, 29, 12)],
    ["midnight", at(2026, 11, 29)],
    ["yesterday 13:00", at(2026, 11, 28, 13)],
    ["yesterday at 1pm", at(2026, 11, 28, 13)],
    ["13:00:30 yesterday", at(2026, 11, 28, 13, 0, 30)],
    ["today 15:00", at(2026, 11, 29, 15)],
    ["monday", at(2026, 11, 23)],
    ["Mon 9:00", at(2026, 11, 23, 9)],
    ["sunday", at(2026, 11, 29)],
    ["sunday 15:00", at(2026, 11, 22, 15)],
    ["last sunday", at(2026, 11, 22)],
    ["last monday", at(2026, 11, 23)],
    ["someday", undefined],
    ["13", undefined],
    ["13pm", undefined],
    ["24:00", undefined],
    ["monday 25:00", undefined],
    ["monday foo", undefined],
  ]);
});

pureTest("spoken instants: dates, and Unix seconds", () => {
  check([
    ["31 jan", at(2026, 1, 31)],
    ["Dec 24", at(2025, 12, 24)],
    ["december 24th 18:00", at(2025, 12, 24, 18)],
    ["3. May 2025", at(2025, 5, 3)],
    ["may 3, 2025 at noon", at(2025, 5, 3, 12)],
    ["29 feb", at(2024, 2, 29)],
    ["29 feb 2025", undefined],
    ["31 june", undefined],
    ["2026-01-31", at(2026, 1, 31)],
    ["2026-01-31 1pm", at(2026, 1, 31, 13)],
    ["2026-02-30 1pm", undefined],
    ["1/2/2026", undefined],
    ["1795870000", 1_795_870_000_000],
    ["1795870000.5", 1_795_870_000_500],
    ["1795870000000000", undefined],
    ["2026", undefined],
    ["", undefined],
  ]);
});
