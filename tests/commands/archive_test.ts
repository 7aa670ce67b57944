/** `archive` as people call it: words, exit codes, and files that other programs read. */
import { DatabaseSync } from "node:sqlite";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { command } from "../../commands/archive.ts";
import { toArchiveFault } from "../../commands/archive/archive_access.ts";
import { ArchiveFault } from "../../commands/archive/archive_fault.ts";
import { ArchiveChanges, searchableTextIn } from "../../lib/hub/history/archive_changes.ts";
import { encodeEvent, EVENT_MAX_BYTES } from "../../lib/hub/log/event_codec.ts";
import type { RecordedEvent, RecordedTarget } from "../../lib/hub/model/state/event.ts";
import { ArchiveReader } from "../../lib/store/archive/archive_reader.ts";
import { SCHEMA_VERSION } from "../../lib/store/archive/archive_schema.ts";
import { ArchiveWriter } from "../../lib/store/archive/archive_writer.ts";
import { exists } from "../../lib/store/backup/backup_files.ts";
import { openDataDir } from "../../lib/store/disk/data_dir.ts";
import { openLog } from "../../lib/store/ring_file/open_log.ts";
import { RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { comesTrue } from "../support/guard.ts";
import { pureTest, tempDirTest } from "../support/test.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { run } from "./run_command.ts";

const NOON = Date.UTC(2026, 0, 31, 12);
const ALICE = "alice!~a@a.example";
const BOB = "bob!~b@b.example";

function say(name: string, text: string, source = ALICE, owner = ""): RecordedEvent {
  const target: RecordedTarget = owner === "" ? { kind: "channel", name } : { kind: "direct", name, owner };
  return {
    kind: "message",
    verb: "PRIVMSG",
    source,
    target,
    text,
    tags: "",
    from: `${source[0]}-owner`,
    id: undefined,
  };
}

const SAID: readonly RecordedEvent[] = [
  { kind: "join", source: ALICE, channel: "#Tea", realname: "" },
  say("#Tea", "hello *world*"),
  say("#Tea", "two\nlines", BOB),
  say("#milk", "\x01ACTION pours\x01"),
  say("bob", "a secret", ALICE, "b-owner"),
  { kind: "topic", source: BOB, channel: "#Tea", topic: "black tea" },
  { kind: "rename", source: BOB, channel: "#milk", to: "#cream", reason: "" },
  say("#Tea", "the next day"),
];

/** Makes the log of a server in `dir`, without records; returns its id. */
function makeLog(dir: string): string {
  Deno.mkdirSync(dir, { recursive: true });
  const log = openLog({ dir, capacityBytes: RING_MIN_BYTES, now: NOON, keepLarger: true });
  if (log.kind !== "ok") throw new Error(log.kind);
  return log.logId;
}

/** Writes an archive of `events` into `dir`, two hours apart. */
function archive(dir: string, events: readonly RecordedEvent[] = SAID, logId = "log1"): ArchiveWriter {
  Deno.mkdirSync(dir, { recursive: true });
  const writer = new ArchiveWriter(`${dir}/archive.sqlite`, { logId, readSearchable: searchableTextIn });
  const payloadOf = (seq: number) => writer.records.get(seq)?.payload;
  const changes = new ArchiveChanges({ members: [], payloadOf });
  const scratch = new Uint8Array(EVENT_MAX_BYTES);
  events.forEach((event, nth) => {
    const payload = scratch.slice(0, encodeEvent(event, scratch));
    const record = { seq: nth + 1, time: NOON + nth * 2 * 3_600_000, payload };
    writer.append(changes.changesOf(record), record.seq + 1);
  });
  return writer;
}

const at = (dir: string, ...args: string[]) => [...args, "--data-dir", dir];

async function exported(dir: string, ...args: string[]): Promise<string> {
  const { code, out, err } = await run(command, at(dir, "export", ...args));
  assertEquals([code, err], [0, ""]);
  return out;
}

tempDirTest("archive check: counts what is there, also while it is written", async (dir) => {
  const writer = archive(dir);
  writer.skip(20, "overwritten");
  const { code, out, err } = await run(command, at(dir, "check"));
  assertEquals([code, err], [0, ""]);
  const content = "8 records in 4 conversations, 2026-01-31T12:00:00Z to 2026-02-01T02:00:00Z";
  assertStringIncludes(out, `${dir}/archive.sqlite: ${content}, `);
  assertStringIncludes(out, "\nnot in it: records 9 to 19 (overwritten)\nno damage found\n");
  writer.close();
});

tempDirTest(
  "archive check, repair: damage is 65; repaired, the rest is there, and the damaged file beside it",
  async (dir) => {
    const writer = archive(dir);
    writer.db.exec("DELETE FROM entry WHERE seq = 2");
    writer.close();
    const found = await run(command, at(dir, "check"));
    assertEquals([found.code, found.out], [65, ""]);
    assertStringIncludes(
      found.err,
      "records that their conversation does not list (1; record 2); stop the server, then: chatterbox archive repair\n",
    );
    const repaired = await run(command, at(dir, "repair"));
    assertEquals([repaired.code, repaired.err], [0, ""]);
    assertEquals(
      repaired.out,
      `repaired ${dir}/archive.sqlite: 8 records; the damaged one is now ${dir}/archive-damaged.sqlite\n`,
    );
    assertEquals((await run(command, at(dir, "check"))).code, 0);
    const again = await run(command, at(dir, "repair"));
    assertEquals([again.code, again.out], [
      0,
      `${dir}/archive.sqlite: no damage found; nothing was changed\n`,
    ]);
    assertEquals(exists(`${dir}/archive.sqlite-wal`) || exists(`${dir}/archive.sqlite-shm`), false);
    Deno.writeTextFileSync(`${dir}/archive.sqlite`, "no database ".repeat(400));
    const wrecked = await run(command, at(dir, "check"));
    assertMatch(wrecked.err, /it is damaged \(file is not a database\); stop the server/);
    const emptied = await run(command, at(dir, "repair"));
    assertEquals(
      emptied.out,
      `repaired ${dir}/archive.sqlite: 0 records; the damaged one is now ${dir}/archive-damaged-2.sqlite\n` +
        "lost: all records: nothing can be read\n",
    );
    assertStringIncludes((await run(command, at(dir, "check"))).out, "0 records");
  },
);

tempDirTest("archive repair: where what lists the records is damaged as well, it says so", async (dir) => {
  const writer = archive(dir);
  const roots = writer.db.prepare("SELECT rootpage FROM sqlite_schema WHERE name IN ('record', 'entry')")
    .all();
  writer.close();
  const file = Deno.openSync(`${dir}/archive.sqlite`, { write: true });
  for (const { rootpage } of roots) {
    file.seekSync((Number(rootpage) - 1) * 4096, Deno.SeekMode.Start);
    file.writeSync(new Uint8Array(4096));
  }
  file.close();
  const { code, out } = await run(command, at(dir, "repair"));
  assertEquals(code, 0);
  assertMatch(
    out,
    /: 0 records; .*\nlost: records 0 to \d+\nlost, perhaps: more than that; the entries, which list all records, are damaged, too\n$/,
  );
});

tempDirTest(
  "archive check, export, repair: an empty file is no archive yet; in another program's database nothing is done",
  async (dir) => {
    const path = `${dir}/archive.sqlite`;
    const told = async (code: number) => {
      const texts = new Set<string>();
      for (const action of ["check", "export", "repair"]) {
        const found = await run(command, at(dir, action));
        assertEquals([found.code, found.out], [code, ""], action);
        texts.add(found.err);
      }
      assertEquals(texts.size, 1);
      return [...texts].join();
    };
    Deno.writeTextFileSync(path, "");
    assertEquals(
      await told(74),
      `chatterbox: ${path}: the file is empty: there is no archive yet; a server begins it there\n`,
    );
    Deno.writeTextFileSync(path, "x");
    await told(74);
    Deno.removeSync(path);
    const other = new DatabaseSync(path);
    other.exec("CREATE TABLE bookmark (url TEXT)");
    assertEquals(
      await told(65),
      `chatterbox: ${path}: it is another program's database; stop the server and move the file away: the server begins a ` +
        "new archive\n",
    );
    other.exec(`DROP TABLE bookmark; PRAGMA user_version = ${SCHEMA_VERSION}`);
    other.exec("PRAGMA application_id = 1128415570");
    other.close();
    const gone = await run(command, at(dir, "check"));
    assertStringIncludes(
      gone.err,
      "it is damaged (its tables are gone); stop the server, then: chatterbox archive repair",
    );
    assertEquals((await run(command, at(dir, "repair"))).code, 0);
  },
);

tempDirTest("archive export: text and Markdown are of the rooms, for people; times choose", async (dir) => {
  archive(dir).close();
  assertEquals(
    await exported(dir, "--format", "txt"),
    [
      "#cream",
      "",
      "2026-01-31 18:00:00Z * alice pours",
      "2026-02-01 00:00:00Z * bob renamed the room: #cream",
      "",
      "#Tea",
      "",
      "2026-01-31 14:00:00Z alice: hello *world*",
      "2026-01-31 16:00:00Z bob: two",
      "    lines",
      "2026-01-31 22:00:00Z * bob changed the topic: black tea",
      "2026-02-01 02:00:00Z alice: the next day",
      "",
    ].join("\n"),
  );
  const markdown = [
    "# \\#Tea",
    "",
    "## 2026-01-31",
    "",
    "- 16:00:00 bob: two  ",
    "    lines",
    "- 22:00:00 \\* bob changed the topic: black tea",
    "",
    "## 2026-02-01",
    "",
    "- 02:00:00 alice: the next day",
    "",
  ].join("\n");
  const range = ["--room", "#TEA", "--since", "2026-01-31T15:00:00Z"];
  assertEquals(await exported(dir, "--format", "md", ...range), markdown);
  const until = ["--until", "2026-01-31T20:00:00Z"];
  assertEquals(
    await exported(dir, "--format", "txt", ...range, ...until),
    "#Tea\n\n2026-01-31 16:00:00Z bob: two\n    lines\n",
  );
});

tempDirTest(
  "archive export: where records are lost, text and Markdown say so; the # of a room may be left out",
  async (dir) => {
    const writer = archive(dir, SAID.slice(0, 3));
    writer.skip(9, "overwritten");
    const scratch = new Uint8Array(EVENT_MAX_BYTES);
    const changes = new ArchiveChanges({ members: [], payloadOf: () => undefined });
    const add = (seq: number, event: RecordedEvent) => {
      const payload = scratch.slice(0, encodeEvent(event, scratch));
      writer.append(changes.changesOf({ seq, time: NOON + seq * 3_600_000, payload }), seq + 1);
    };
    add(9, say("#Tea", "after"));
    add(10, say("#late", "a new room"));
    writer.skip(12, "overwritten");
    writer.close();
    const gap =
      "gap: 2026-01-31 16:00:00Z–2026-01-31 21:00:00Z, some messages may be lost (records 4 to 8 of all rooms)";
    const tea = [
      "#Tea",
      "",
      "2026-01-31 14:00:00Z alice: hello *world*",
      "2026-01-31 16:00:00Z bob: two",
      "    lines",
      gap,
      "2026-01-31 21:00:00Z alice: after",
      "gap: since 2026-01-31 21:00:00Z, some messages may be lost (record 11 of all rooms)",
      "",
    ];
    const late = [
      "#late",
      "",
      "2026-01-31 22:00:00Z alice: a new room",
      "gap: since 2026-01-31 22:00:00Z, some messages may be lost (record 11 of all rooms)",
      "",
    ];
    assertEquals(await exported(dir, "--format", "txt"), [...late, ...tea].join("\n"));
    assertEquals(await exported(dir, "--format", "txt", "--room", "tea"), tea.join("\n"));
    const before = ["--until", "2026-01-31T20:00:00Z"];
    assertEquals((await exported(dir, "--format", "txt", "--room", "tea", ...before)).includes("gap"), false);
    assertStringIncludes(
      await exported(dir, "--format", "md", "--room", "tea"),
      "- *gap: 2026\\-01\\-31 16:00:00Z–",
    );
  },
);

tempDirTest("archive export: JSON has all, one object a line; a part says that it is one", async (dir) => {
  archive(dir).close();
  const lines = (await exported(dir)).trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(lines[0], { archive: 1, log: "log1", cursor: 9, changesFrom: 0, complete: true });
  assertEquals(lines[1], { conversation: 1, room: "#Tea", name: "#tea", prunedUntil: 0 });
  const { payload, ...hello } = lines.find(({ seq }) => seq === 2);
  const time = "2026-01-31T14:00:00.000Z";
  assertEquals(hello, {
    seq: 2,
    time,
    kind: "message",
    in: [1],
    type: "privmsg",
    from: "alice",
    text: "hello *world*",
  });
  assertMatch(payload, /^[A-Za-z0-9+/=]+$/);
  assertEquals(lines.find(({ owner }) => owner === "b-owner").with, "alice");
  assertEquals(lines.find(({ member }) => member === "alice").in, [1]);
  assertEquals(lines.at(-1), { records: 8 });
  const part = (await exported(dir, "--room", "#tea")).trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals([part[0].complete, part.at(-1).records], [false, 5]);
  assertEquals(part.filter(({ member, owner }) => member ?? owner), []);
});

tempDirTest(
  "archive import: into a new archive or beside what is there; nothing twice, nothing deleted comes back",
  async (dir) => {
    archive(`${dir}/a`, SAID, makeLog(`${dir}/b`)).close();
    const file = `${dir}/all.jsonl`;
    Deno.writeTextFileSync(file, await exported(`${dir}/a`));
    const first = await run(command, at(`${dir}/b`, "import", file));
    assertEquals([first.code, first.err], [0, ""]);
    assertEquals(first.out, `imported ${file} into ${dir}/b/archive.sqlite: 8 records\n`);
    assertEquals(
      await exported(`${dir}/b`, "--format", "txt"),
      await exported(`${dir}/a`, "--format", "txt"),
    );
    const check = await run(command, at(`${dir}/b`, "check"));
    assertEquals(check.code, 0, check.err);
    const second = await run(command, at(`${dir}/b`, "import", file));
    assertEquals(
      second.out,
      `imported ${file} into ${dir}/b/archive.sqlite: 0 records; already there, or deleted: 8\n`,
    );
    const part = `${dir}/part.jsonl`;
    Deno.writeTextFileSync(
      part,
      await exported(`${dir}/a`, "--room", "#tea", "--until", "2026-01-31T15:00:00Z"),
    );
    const writer = archive(`${dir}/c`, [], makeLog(`${dir}/b`));
    writer.append([{ kind: "remove", seq: 2 }], 9);
    writer.close();
    const third = await run(command, at(`${dir}/c`, "import", part));
    assertEquals(
      third.out,
      `imported ${part} into ${dir}/c/archive.sqlite: 1 record; already there, or deleted: 1\n`,
    );
    const reader = new ArchiveReader(`${dir}/c/archive.sqlite`);
    assertEquals(reader.archivedUntil, 9);
    reader.close();
  },
);

tempDirTest(
  "archive import: of a file that is malformed, cut off or another server's, nothing is imported: 65",
  async (dir) => {
    archive(`${dir}/a`, SAID, makeLog(`${dir}/b`)).close();
    const whole = await exported(`${dir}/a`);
    const lines = whole.trimEnd().split("\n");
    const refused = async (text: string, to = `${dir}/b`) => {
      Deno.writeTextFileSync(`${dir}/file`, text);
      const { code, out, err } = await run(command, at(to, "import", `${dir}/file`));
      assertEquals([code, out], [65, ""]);
      return err;
    };
    assertStringIncludes(await refused("hello"), "file: line 1: it is not JSON; nothing was imported\n");
    const second = `${lines[0]}\n\n${lines[1]}`;
    assertStringIncludes(await refused(second), "file: line 2: it is not JSON; nothing was imported\n");
    assertStringIncludes(
      await refused(whole.replace(/"payload":"[^"]*"/, '"payload":"*"')),
      "file: line 3: its payload is not in base64; nothing was imported\n",
    );
    assertStringIncludes(
      await refused(whole.replace('"cursor":9', '"cursor":3')),
      "record 3 is behind its end",
    );
    assertStringIncludes(await refused("x".repeat(5 * 1024 * 1024)), "a line that is too long");
    assertStringIncludes(await refused(lines.slice(1).join("\n")), "it is no export of an archive");
    assertStringIncludes(await refused(lines.slice(0, -1).join("\n")), "it is cut off; nothing was imported");
    assertStringIncludes(
      await refused(whole.replace('"archive":1', '"archive":9')),
      "it has version 9 of the format",
    );
    assertStringIncludes(
      await refused(whole.replace('"in":[1]', '"in":[77]')),
      "there is no conversation 77",
    );
    assertStringIncludes(
      await refused(whole.replace(/"payload":"[^"]*"/, '"payload":"AAAA"')),
      "its payload is no event",
    );
    assertStringIncludes(
      await refused(whole.replace('"name":"#tea"', '"name":"#milk"')),
      "its names don't match",
    );
    archive(`${dir}/c`, [], "log2").close();
    assertMatch(await refused(whole, `${dir}/c`), /another server's history \([^,]+, here log2\)/);
    makeLog(`${dir}/d`);
    assertMatch(await refused(whole, `${dir}/d`), /another server's history \([^,]+, here /);
    assertEquals([...Deno.readDirSync(`${dir}/b`)].some(({ name }) => name === "archive.sqlite"), false);
  },
);

tempDirTest(
  "archive import: an export that does not fit the archive is refused, with the way out: 65",
  async (dir) => {
    const logId = makeLog(`${dir}/b`);
    archive(`${dir}/a`, SAID, logId).close();
    const whole = await exported(`${dir}/a`);
    const part = await exported(`${dir}/a`, "--room", "#tea");
    const refused = async (text: string) => {
      Deno.writeTextFileSync(`${dir}/file`, text);
      const { code, out, err } = await run(command, at(`${dir}/b`, "import", `${dir}/file`));
      assertEquals([code, out], [65, ""]);
      return err;
    };
    assertMatch(
      await refused(part),
      /a part of an export .*import a whole export first; nothing was imported/,
    );
    assertEquals([...Deno.readDirSync(`${dir}/b`)].map(({ name }) => name).sort(), [
      "chatterbox.lock",
      "log.ring",
    ]);
    archive(`${dir}/b`, SAID.slice(0, 3), logId).close();
    assertMatch(
      await refused(whole),
      /up to record 8, the archive here up to 3; move archive.sqlite away, then/,
    );
  },
);

tempDirTest(
  "archive import: where it is unknown what was renamed, closed or deleted since, it is refused, or accepted knowingly",
  async (dir) => {
    const logId = makeLog(`${dir}/b`);
    archive(`${dir}/a`, SAID, logId).close();
    Deno.writeTextFileSync(`${dir}/file`, await exported(`${dir}/a`));
    const writer = archive(`${dir}/b`, [], logId);
    writer.skip(12, "overwritten", [{ kind: "begin", at: 12, isWhole: false }]);
    writer.close();
    const refused = await run(command, at(`${dir}/b`, "import", `${dir}/file`));
    assertEquals([refused.code, refused.out], [65, ""]);
    assertMatch(
      refused.err,
      /up to record 8, .* does not know .* record 13: .*old names.* deleted .*--accept-older .*; nothing was imported/,
    );
    const { code, out } = await run(command, at(`${dir}/b`, "import", "--accept-older", `${dir}/file`));
    assertEquals(code, 0);
    assertMatch(
      out,
      /: 8 records\naccepted although older: [12] rooms? under .*; and of 8 records it is unknown/,
    );
    const again = await run(command, at(`${dir}/b`, "import", "--accept-older", `${dir}/file`));
    assertMatch(again.out, /already there, or deleted: 8\naccepted although older: 0 rooms /);
  },
);

tempDirTest("archive import: what was retired since is left out, and told", async (dir) => {
  const logId = makeLog(`${dir}/b`);
  archive(`${dir}/a`, SAID, logId).close();
  Deno.writeTextFileSync(`${dir}/file`, await exported(`${dir}/a`));
  const writer = archive(`${dir}/b`, [], logId);
  writer.append([{ kind: "retire", name: "#tea" }], 12);
  writer.close();
  const { code, out } = await run(command, at(`${dir}/b`, "import", `${dir}/file`));
  assertEquals(code, 0);
  assertMatch(out, /: \d records?; left out, because of what was renamed or ended since: [1-8]\n$/);
  assertEquals((await run(command, at(`${dir}/b`, "export", "--room", "#tea"))).code, 67);
});

tempDirTest(
  "archive import: standard input and pipes are read once; what is neither file nor pipe is refused in words",
  { permissions: { read: true, write: true, run: ["sh"] } },
  async (dir) => {
    archive(`${dir}/a`, SAID, makeLog(`${dir}/b`)).close();
    const text = await exported(`${dir}/a`);
    const again = () => {
      for (const { name } of [...Deno.readDirSync(`${dir}/b`)]) {
        if (name.startsWith("archive.sqlite")) Deno.removeSync(`${dir}/b/${name}`);
      }
    };
    for (const name of ["-", "/dev/stdin", "/dev/fd/0"]) {
      const { code, out, err } = await run(command, at(`${dir}/b`, "import", name), { stdin: text });
      assertEquals([code, err], [0, ""]);
      assertEquals(out, `imported standard input into ${dir}/b/archive.sqlite: 8 records\n`);
      again();
    }
    const cut = await run(command, at(`${dir}/b`, "import", "-"), { stdin: text.slice(0, -20) });
    assertMatch(cut.err, /standard input: (line \d+: it is not JSON|it is cut off); nothing was imported\n$/);
    const fifo = `${dir}/fifo`;
    await new Deno.Command("sh", { args: ["-c", 'mkfifo "$0"', fifo] }).output();
    const imported = run(command, at(`${dir}/b`, "import", fifo));
    await Deno.writeTextFile(fifo, text);
    assertStringIncludes((await imported).out, `imported ${fifo} into ${dir}/b/archive.sqlite: 8 records\n`);
    for (
      const [name, why] of [[dir, "is a folder, not an export"], [
        "/dev/null",
        "is neither a file nor a pipe",
      ]]
    ) {
      const { code, out, err } = await run(command, at(`${dir}/b`, "import", name!));
      assertEquals([code, out], [74, ""]);
      assertStringIncludes(err, `${name} ${why}`);
    }
    const names = [...Deno.readDirSync(`${dir}/b`)].map(({ name }) => name);
    assertEquals(names.sort(), ["archive.sqlite", "chatterbox.lock", "log.ring"]);
  },
);

tempDirTest("archive import: interrupted while a pipe is silent, nothing is left", async (dir) => {
  makeLog(`${dir}/b`);
  const io = new FakeIo({ env: { USER: "tester" }, input: new ReadableStream() });
  const running = command.run(at(`${dir}/b`, "import", "-"), io);
  await comesTrue("it reads", () => exists(`${dir}/b/archive.sqlite.import`));
  assertEquals(Deno.statSync(`${dir}/b/archive.sqlite.import`).mode! & 0o777, 0o600);
  assert(io.hangUp());
  assertEquals(await running, 129);
  assertEquals([...Deno.readDirSync(`${dir}/b`)].map(({ name }) => name).sort(), [
    "chatterbox.lock",
    "log.ring",
  ]);
});

tempDirTest("archive import: into a folder that is no server's, nothing is made there: 74", async (dir) => {
  Deno.mkdirSync(`${dir}/empty`);
  for (const to of [`${dir}/typo`, `${dir}/empty`]) {
    const { code, err } = await run(command, at(to, "import", "-"), { stdin: "" });
    assertEquals(code, 74);
    assertStringIncludes(err, `${to} is not the data folder of a server: it has no log.ring`);
  }
  assertEquals([exists(`${dir}/typo`), [...Deno.readDirSync(`${dir}/empty`)]], [false, []]);
});

tempDirTest("archive: exit codes tell what became of it", async (dir) => {
  archive(dir).close();
  const codeOf = async (...args: string[]) => {
    const { code, out, err } = await run(command, args);
    assertEquals(out, "");
    assertMatch(err, /^chatterbox/);
    return code;
  };
  assertEquals(await codeOf(), 64);
  assertEquals(await codeOf("vacuum"), 64);
  assertEquals(await codeOf(...at(dir, "check", "more")), 64);
  assertEquals(await codeOf(...at(dir, "check", "--room", "#tea")), 64);
  assertEquals(await codeOf(...at(dir, "import")), 64);
  assertEquals(await codeOf(...at(dir, "check", "--accept-older")), 64);
  assertEquals(await codeOf("check"), 64, "no home, no --data-dir");
  assertEquals(await codeOf(...at(dir, "export", "--room", "#none")), 67);
  assertEquals(await codeOf(...at(`${dir}/none`, "check")), 74);
  assertEquals(await codeOf(...at(`${dir}/none`, "repair")), 74);
  assertEquals(await codeOf(...at(dir, "import", `${dir}/none`)), 74);
  const held = await openDataDir(dir);
  assertEquals(await codeOf(...at(dir, "repair")), 73);
  assertEquals(await codeOf(...at(dir, "import", `${dir}/none`)), 73);
  assertEquals((await run(command, at(dir, "check"))).code, 0);
  assertEquals((await exported(dir)).length > 0, true);
  if (held.kind === "ok") held.dir.close();
});

pureTest("archive: any error of the disk is one of the file", () => {
  for (
    const error of [new Error("File too large (os error 27)"), new Deno.errors.NotCapable("--allow-all")]
  ) {
    const fault = toArchiveFault("a file", error);
    assertEquals(fault instanceof ArchiveFault && fault.kind, "io");
    assertStringIncludes(String(fault), "a file: ");
  }
  const bug = new TypeError("not a function");
  assertEquals(toArchiveFault("a file", bug), bug);
});

tempDirTest("archive: a signal ends it, and so does output that nothing reads", async (dir) => {
  archive(dir).close();
  for (const [why, expected] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    const io = new FakeIo({ env: { USER: "tester" } });
    io.interrupt(why);
    assertEquals(await command.run(at(dir, "export"), io), expected);
  }
  let writes = 0;
  const onStdout = () => {
    writes++;
    throw new Deno.errors.BrokenPipe();
  };
  assertEquals((await run(command, at(dir, "export"), { onStdout })).code, 0);
  assertEquals(writes, 1);
});

tempDirTest("archive repair, import: interrupted, the archive is as it was", async (dir) => {
  const writer = archive(dir);
  writer.db.exec("DELETE FROM entry WHERE seq = 2");
  writer.close();
  const before = Deno.readFileSync(`${dir}/archive.sqlite`);
  const io = new FakeIo({ env: { USER: "tester" } });
  io.interrupt();
  assertEquals(await command.run(at(dir, "repair"), io), 130);
  assertEquals(await command.run(at(dir, "import", `${dir}/archive.sqlite`), io), 65);
  assertEquals(Deno.readFileSync(`${dir}/archive.sqlite`), before);
  const made = [...Deno.readDirSync(dir)].map(({ name }) => name).filter((name) =>
    !/-(?:wal|shm)$/.test(name)
  );
  assertEquals(made.sort(), ["archive.sqlite", "chatterbox.lock"]);
});
