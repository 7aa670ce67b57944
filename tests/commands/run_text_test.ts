/** The last lines of a program, and the words that tell how it ended. */
import { assert, assertEquals } from "@std/assert";
import {
  formatCommandLine,
  formatEnd,
  formatMessage,
  formatRunning,
  makeTitle,
  MAX_OUTPUT_BYTES,
  MAX_TITLE_BYTES,
} from "../../commands/run/outcome_text.ts";
import { MAX_TAIL_LINE_BYTES, MAX_TAIL_LINES, OutputTail } from "../../commands/run/output_tail.ts";
import { utf8Length } from "../../lib/base/bytes.ts";
import { pureTest } from "../support/test.ts";

function tailOf(count: number, ...chunks: string[]): string[] {
  const tail = new OutputTail(count);
  for (const chunk of chunks) tail.add(new TextEncoder().encode(chunk));
  return tail.read();
}

pureTest("tail: the last lines, over chunks, with one that has no end", () => {
  assertEquals(tailOf(2, "a\nb\nc"), ["b", "c"]);
  assertEquals(tailOf(2, "a\nb", "b\nc\n\n \n"), [], "blank lines are what is last");
  assertEquals(tailOf(3, "a\nb", "b\nc\n\n"), ["bb", "c"]);
  assertEquals(tailOf(0, "a\nb\n"), []);
  assertEquals(tailOf(MAX_TAIL_LINES, "x\n".repeat(1000)).length, MAX_TAIL_LINES);
});

pureTest("tail: as a terminal shows it: no control sequences, and what was overwritten is gone", () => {
  assertEquals(tailOf(9, "\x1b[31mred\x1b[0m\x1b]0;title\x07 \x1b(Btext\n"), ["red text"]);
  assertEquals(tailOf(9, "10%\r50%\r100%\n\ta\x07b\x1b[2K\n"), ["100%", "    ab"]);
  const cut = tailOf(1, "é".repeat(500))[0]!;
  assert(cut.endsWith(" …") && utf8Length(cut) <= MAX_TAIL_LINE_BYTES + 4);
});

pureTest("outcome: how it ended, in words", () => {
  assertEquals(formatEnd("make", { kind: "exited", code: 0 }, 80_000), "make: succeeded in 1m 20s");
  assertEquals(formatEnd("make", { kind: "exited", code: 2 }, 900), "make: failed with exit code 2 after 0s");
  assertEquals(
    formatEnd("make", { kind: "signaled", signal: "SIGKILL", code: 137 }, 5000),
    "make: ended by SIGKILL after 5s",
  );
  assertEquals(
    formatEnd("mkae", { kind: "not_started", code: 127, why: "command not found" }, 0),
    "mkae: command not found",
  );
  assertEquals(formatRunning("make", 20_000, "cc x.c"), "make: running for 20s: cc x.c");
  assertEquals(formatRunning("make", 20_000, undefined), "make: running for 20s");
});

pureTest("outcome: the command as it was typed, cut where it is long", () => {
  assertEquals(formatCommandLine(["sh", "-c", "echo 'a'", "x=1"]), "sh -c 'echo '\\''a'\\''' x=1");
  assertEquals(makeTitle(undefined, ["make", "a\nb"]), "make 'a b'");
  assertEquals(makeTitle("  my\ttitle ", ["make"]), "my title");
  assert(utf8Length(makeTitle("x".repeat(1000), [])) <= MAX_TITLE_BYTES + 3);
});

pureTest("outcome: the last lines are a block of code, as many as fit", () => {
  assertEquals(formatMessage("h", []), "h");
  assertEquals(formatMessage("h", ["a", "b"]), "h\n```\na\nb\n```");
  assertEquals(formatMessage("h", ["a", "```", "b"]), "h\n```\nb\n```", "a fence would end it");
  const long = formatMessage("h", Array.from({ length: 50 }, () => "x".repeat(200)));
  assert(utf8Length(long) <= MAX_OUTPUT_BYTES + 20);
});
