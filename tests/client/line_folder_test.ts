/** Lines that come faster than they are said: what is kept of them. */
import { assert, assertEquals } from "@std/assert";
import { utf8Length } from "../../lib/base/bytes.ts";
import { FOLD_HALF_BYTES, FOLD_HALF_LINES, LineFolder } from "../../lib/client/sending/line_folder.ts";
import { MULTILINE_MAX_BYTES, MULTILINE_MAX_LINES } from "../../lib/irc/multiline.ts";
import { Random } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

function folderWith(lines: readonly string[]): LineFolder {
  const folder = new LineFolder();
  for (const line of lines) folder.add(line);
  return folder;
}

pureTest("lines: one by one while there are messages for each, else all as one", () => {
  const folder = folderWith(["a", "b", "c"]);
  assertEquals([folder.take(3), folder.take(2)], ["a", "b"]);
  folder.add("d");
  assertEquals([folder.take(1), folder.take(1)], ["c\nd", undefined]);
  folder.add("e");
  assertEquals([folder.take(1), folder.waiting, folder.leftOut], ["e", 0, 0]);
});

pureTest("lines: of more than fit a message the first and the last are kept, and the others counted", () => {
  const folder = folderWith(Array.from({ length: 1000 }, (_, nth) => `line ${nth}`));
  assertEquals(folder.waiting, 1000);
  const lines = folder.take(1)!.split("\n");
  assertEquals([lines[0], lines[FOLD_HALF_LINES - 1], lines.at(-1)], [
    "line 0",
    `line ${FOLD_HALF_LINES - 1}`,
    "line 999",
  ]);
  assertEquals(lines[FOLD_HALF_LINES], `… ${1000 - 2 * FOLD_HALF_LINES} more lines`);
  assertEquals([folder.waiting, folder.leftOut], [0, 1000 - 2 * FOLD_HALF_LINES]);
  const one = folderWith(Array.from({ length: 2 * FOLD_HALF_LINES + 1 }, () => "x"));
  assert(one.take(1)!.includes("… 1 more line\n"));
});

pureTest("lines: a line that is too long is cut, and says by how much", () => {
  const text = folderWith(["é".repeat(5000)]).take(1)!;
  const [, kept = "", more] = /^(é+) … \((\d+) more bytes\)$/.exec(text)!;
  assertEquals(utf8Length(kept) + Number(more), 10_000);
});

pureTest("lines: whatever comes, a text fits one message, and each line is in it, or counted", () => {
  const random = new Random(5);
  for (let run = 0; run < 200; run++) {
    const lines = Array.from(
      { length: random.below(300) + 1 },
      (_, nth) => `${nth} ${"x".repeat(random.below(run))}`,
    );
    const folder = folderWith(lines);
    const text = folder.take(0)!;
    const shown = text.split("\n");
    assert(utf8Length(text) <= MULTILINE_MAX_BYTES, `${utf8Length(text)} bytes`);
    assert(shown.length <= MULTILINE_MAX_LINES, `${shown.length} lines`);
    const noted = /^… (\d+) more lines?$/m.exec(text)?.[1];
    assertEquals(shown.length - (noted === undefined ? 0 : 1) + Number(noted ?? 0), lines.length);
  }
  assert(2 * FOLD_HALF_BYTES < MULTILINE_MAX_BYTES);
});
