import { assertEquals, assertMatch } from "@std/assert";
import { DraftsFile } from "../../commands/join/drafts_file.ts";
import { HistoryFile } from "../../commands/join/history_file.ts";
import { MAX_HISTORY_LINES } from "../../lib/tui/terminal/line/line_history.ts";
import { POSIX } from "../support/test.ts";
import { withTempDir } from "../support/temp_dir.ts";

const ADDRESS = { kind: "tcp", host: "chat.example.net", port: 6667 } as const;

function modeOf(path: string): number {
  return Deno.statSync(path).mode! & 0o777;
}

Deno.test({
  name: "history file: lines come back in order, also with line breaks; only the user can read it",
  ...POSIX,
  fn: () =>
    withTempDir((dir) => {
      const file = new HistoryFile(dir, ADDRESS, "alice");
      assertEquals(file.read(), { kind: "ok", lines: [] });
      for (const line of ["one", "two\nrows", "«three»"]) file.add(line);
      assertEquals(file.path, `${dir}/history/chat.example.net_6667/alice`);
      assertEquals([modeOf(file.path), modeOf(`${dir}/history`)], [0o600, 0o700]);
      Deno.writeTextFileSync(file.path, '"cut off by a cra', { append: true });
      assertEquals(new HistoryFile(dir, ADDRESS, "Alice").read(), {
        kind: "ok",
        lines: ["one", "two\nrows", "«three»"],
      });
    }),
});

Deno.test("history file: bounded, in one run and over many", () =>
  withTempDir((dir) => {
    const file = new HistoryFile(dir, ADDRESS, "alice");
    for (let n = 0; n < 2 * MAX_HISTORY_LINES; n++) file.add(`line ${n}`);
    const rows = () => Deno.readTextFileSync(file.path).split("\n").length - 1;
    assertEquals(rows(), 2 * MAX_HISTORY_LINES);
    const next = new HistoryFile(dir, ADDRESS, "alice");
    const read = next.read();
    assertEquals(read.kind === "ok" && [read.lines.length, read.lines[0]], [
      MAX_HISTORY_LINES,
      `line ${MAX_HISTORY_LINES}`,
    ]);
    next.add("one more");
    assertEquals(rows(), MAX_HISTORY_LINES);
    assertEquals(Deno.readTextFileSync(file.path).endsWith('"one more"\n'), true);
  }));

Deno.test({
  name: "drafts file: only the user can read it, and it goes with the last draft",
  ...POSIX,
  fn: () =>
    withTempDir((dir) => {
      const file = new DraftsFile(dir, ADDRESS, "alice");
      file.write({});
      file.write({ "#tea": "half", bob: "two\nrows" });
      assertEquals([modeOf(file.path), modeOf(`${dir}/drafts`)], [0o600, 0o700]);
      assertEquals(file.read(), { kind: "ok", drafts: { "#tea": "half", bob: "two\nrows" } });
      file.write({});
      assertEquals(file.read(), { kind: "ok", drafts: {} });
      assertEquals(Array.from(Deno.readDirSync(`${dir}/drafts/chat.example.net_6667`)), []);
    }),
});

Deno.test({
  name: "files of typed lines: what is too large, damaged or readable by others is not used",
  ...POSIX,
  fn: () =>
    withTempDir((dir) => {
      const drafts = new DraftsFile(dir, ADDRESS, "alice");
      const history = new HistoryFile(dir, ADDRESS, "alice");
      drafts.write({ bob: "half" });
      history.add("one");
      for (
        const text of ["[]", "no JSON", '{"bob":1}', `{"bob":"${"x".repeat(20_000)}"}`, "x".repeat(9_000_000)]
      ) {
        Deno.writeTextFileSync(drafts.path, text);
        assertEquals(drafts.read().kind, "bad", text.slice(0, 20));
      }
      Deno.chmodSync(history.path, 0o644);
      const read = history.read();
      assertMatch(read.kind === "bad" ? read.why : "", /other users can read or change it/);
    }),
});
