import { assertEquals, assertMatch } from "@std/assert";
import { DraftsFile, MAX_DRAFTS_FILES } from "../../commands/join/drafts_file.ts";
import { openDrafts } from "../../commands/join/kept_drafts.ts";
import { openLineFiles } from "../../commands/join/line_files.ts";
import type { ClientLogin } from "../../commands/support/client_login.ts";
import { FakeIo } from "../cli/fake_io.ts";
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
      file.add("four");
      const read = file.read();
      assertEquals(
        read.kind === "ok" && read.lines.at(-1),
        "four",
        "it does not stick to the row that was cut off",
      );
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

Deno.test("history file: lines of two processes are kept of both, also where one shortens the file", () =>
  withTempDir((dir) => {
    const [one, other] = [new HistoryFile(dir, ADDRESS, "alice"), new HistoryFile(dir, ADDRESS, "alice")];
    for (let n = 0; n < 2 * MAX_HISTORY_LINES; n++) one.add(`line ${n}`);
    for (let n = 0; n < 3; n++) other.add(`other ${n}`);
    one.add("one more");
    other.add("the last");
    const read = other.read();
    assertEquals(read.kind === "ok" && read.lines.slice(-6), [
      `line ${2 * MAX_HISTORY_LINES - 1}`,
      "other 0",
      "other 1",
      "other 2",
      "one more",
      "the last",
    ]);
  }));

Deno.test({
  name:
    "drafts: each run has its own, and none takes another's away; those of runs that have ended come back, all of them",
  ...POSIX,
  fn: () =>
    withTempDir((dir) => {
      const further: string[] = [];
      const open = () => openDrafts(dir, ADDRESS, "alice", (text) => void further.push(text));
      const first = open();
      first.file?.write({ "#tea": "of the first", bob: "hello" }, false);
      const second = open();
      assertEquals(second.drafts, {}, "the first is still being written");
      second.file?.write({ "#tea": "of the second" }, false);
      const [{ path: oldPath }, { path: newPath }] = [first.file!, second.file!];
      const third = open();
      assertEquals([third.drafts, third.file?.path === newPath], [{}, false]);
      third.file?.write({}, false);
      assertEquals(first.file?.read(), { kind: "ok", drafts: { "#tea": "of the first", bob: "hello" } });
      for (const { file } of [first, second, third]) file?.release(); // as the system does when a process ends
      Deno.utimeSync(oldPath, 1000, 1000);
      Deno.utimeSync(newPath, 2000, 2000);
      const next = open();
      assertEquals([next.drafts, next.faults], [{ "#tea": "of the second", bob: "hello" }, []]);
      assertEquals(further, ["of the first"]);
      const texts = Array.from(Deno.readDirSync(`${dir}/drafts/chat.example.net_6667`), ({ name }) => name);
      assertEquals(texts.filter((name) => !name.endsWith("+lock")), ["alice"]);
      assertEquals(modeOf(`${dir}/drafts/chat.example.net_6667/alice+lock`), 0o600);
      next.file?.release();
    }),
});

Deno.test({
  name: "drafts: a crash while they are taken over loses none and doubles none; the runs have a bound",
  ...POSIX,
  fn: () =>
    withTempDir((dir) => {
      const runs = Array.from(
        { length: MAX_DRAFTS_FILES + 1 },
        () => openDrafts(dir, ADDRESS, "alice", fail),
      );
      assertEquals(runs.map(({ file }) => file !== undefined), [
        ...Array.from({ length: MAX_DRAFTS_FILES }, () => true),
        false,
      ]);
      assertEquals(runs.at(-1)?.faults, [[`${dir}/drafts`, `${MAX_DRAFTS_FILES} runs use their files`]]);
      for (const [nth, { file }] of runs.slice(0, 3).entries()) file?.write({ "#tea": `text ${nth}` }, true);
      runs[2]!.file!.write({ "#tea": "text 1" }, true); // it was taken over, and the file is still there
      for (const { file } of runs) file?.release();
      const broken = openDrafts(dir, ADDRESS, "alice", () => {
        throw new Error("the disk is full");
      });
      assertEquals([broken.file, broken.faults], [undefined, [[`${dir}/drafts`, "the disk is full"]]]);
      const kept: string[] = [];
      const { drafts, file } = openDrafts(dir, ADDRESS, "alice", (text) => void kept.push(text));
      assertEquals([drafts["#tea"], ...kept].sort(), ["text 0", "text 1"]);
      file?.release();
    }),
});

Deno.test({
  name:
    "files of typed lines: of two drafts for one conversation one is in the line, and Up brings the other one",
  ...POSIX,
  fn: () =>
    withTempDir(async (dir) => {
      const io = new FakeIo({ env: { XDG_STATE_HOME: dir } });
      const state = `${dir}/chatterbox`;
      const files = [1, 2].map((nth) => new DraftsFile(state, ADDRESS, "alice", nth));
      for (const [nth, file] of files.entries()) {
        file.write({ "#tea": `text ${nth}` }, true);
        Deno.utimeSync(file.path, 1000 - nth, 1000 - nth);
      }
      const store = openLineFiles({ address: ADDRESS, name: "alice" } as ClientLogin, io);
      assertEquals([store?.drafts, store?.history], [{ "#tea": "text 0" }, ["text 1"]]);
      store?.replaceDrafts({}, true);
      assertEquals(files.map(({ time }) => time), [0, 0]);
      await io.stderr.flush();
      assertEquals(io.err, "");
    }),
});

function fail(text: string): never {
  throw new Error(`not expected: ${text}`);
}

Deno.test({
  name: "drafts file: only the user can read it, and it goes with the last draft",
  ...POSIX,
  fn: () =>
    withTempDir((dir) => {
      const file = new DraftsFile(dir, ADDRESS, "alice");
      file.write({}, true);
      file.write({ "#tea": "half", bob: "two\nrows" }, false);
      assertEquals([modeOf(file.path), modeOf(`${dir}/drafts`)], [0o600, 0o700]);
      assertEquals(file.read(), { kind: "ok", drafts: { "#tea": "half", bob: "two\nrows" } });
      file.write({}, true);
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
      drafts.write({ bob: "half" }, true);
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
