import { assertEquals, assertStringIncludes } from "@std/assert";
import type { CursorOwner } from "../../lib/client/history/cursor_file.ts";
import { CursorFile } from "../../lib/client/history/cursor_file.ts";
import type { ReadPosition } from "../../lib/client/conversation/model/read_position.ts";
import { tempDirTest } from "../support/test.ts";

const OWNER: CursorOwner = {
  address: { kind: "tcp", host: "127.0.0.1", port: 6667 },
  target: "#ops",
  name: "alice",
};
const POSITION: ReadPosition = {
  id: "1a-x",
  seq: 46,
  time: Date.UTC(2026, 0, 31, 10),
  reportedGap: undefined,
};

function cursorFileTest(name: string, fn: (path: string) => Promise<void>): void {
  tempDirTest(`cursor file: ${name}`, (dir) => fn(`${dir}/cursor`));
}

/** What is wrong with `path` for `owner`, or the position in it. */
async function read(path: string, owner: Partial<CursorOwner> = {}): Promise<unknown> {
  const found = await new CursorFile(path, { ...OWNER, ...owner }).read();
  if (found.kind === "ok") return [found.position.id, found.position.seq, found.position.time];
  return found.kind === "none" ? "none" : [found.kind, found.why];
}

cursorFileTest("a written position is read back; no other file remains", async (path) => {
  const cursor = new CursorFile(path, OWNER);
  assertEquals(await cursor.read(), { kind: "none" });
  await cursor.moveTo(POSITION);
  assertEquals(JSON.parse(await Deno.readTextFile(path)), {
    server: "127.0.0.1:6667",
    target: "#ops",
    msgid: "1a-x",
    seq: 46,
    time: "2026-01-31T10:00:00.000Z",
  });
  assertEquals(await read(path), ["1a-x", 46, POSITION.time]);
  assertEquals([...Deno.readDirSync(path.replace(/\/cursor$/, ""))].map(({ name }) => name), ["cursor"]);
});

cursorFileTest("no message yet, and a gap that was shown", async (path) => {
  const cursor = new CursorFile(path, OWNER);
  await cursor.moveTo({ id: undefined, seq: undefined, time: 0 });
  assertEquals(await read(path), [undefined, undefined, 0]);
  const reportedGap = { count: undefined, most: 37, why: "overwritten" as const };
  await cursor.moveTo({ ...POSITION, reportedGap });
  const found = await cursor.read();
  assertEquals(found.kind === "ok" && found.position.reportedGap, reportedGap);
});

cursorFileTest("of moves that come faster than the disk the last one is written", async (path) => {
  const cursor = new CursorFile(path, OWNER);
  const moves = [];
  for (let seq = 1; seq <= 200; seq++) moves.push(cursor.moveTo({ ...POSITION, seq }));
  await Promise.all(moves);
  assertEquals(await read(path), ["1a-x", 200, POSITION.time]);
});

cursorFileTest("the same server and target under other spellings", async (path) => {
  await new CursorFile(path, OWNER).moveTo(POSITION);
  const host = { address: { kind: "tcp", host: "localhost", port: 6667 } } as const;
  assertEquals(await read(path, { ...host, target: "#OPS", name: "bob" }), ["1a-x", 46, POSITION.time]);
});

cursorFileTest("another target, another server, other direct messages", async (path) => {
  await new CursorFile(path, OWNER).moveTo(POSITION);
  const before = await Deno.readTextFile(path);
  assertEquals(await read(path, { target: "#lobby" }), [
    "foreign",
    "it is for #ops on 127.0.0.1:6667, not for #lobby on 127.0.0.1:6667",
  ]);
  const other = { address: { kind: "tcp", host: "127.0.0.1", port: 6668 } } as const;
  assertEquals((await read(path, other) as string[])[0], "foreign");
  assertEquals(await Deno.readTextFile(path), before);
  await new CursorFile(path, { ...OWNER, target: "bob" }).moveTo(POSITION);
  assertEquals(await read(path, { target: "Bob" }), ["1a-x", 46, POSITION.time]);
  assertEquals(await read(path, { target: "bob", name: "carol" }), [
    "foreign",
    "it is for messages of alice and bob on 127.0.0.1:6667, not for messages of carol and bob on 127.0.0.1:6667",
  ]);
});

cursorFileTest("damaged files are recognised and not changed", async (path) => {
  const whole = { server: "h:1", target: "#a", msgid: "1-x", seq: 1, time: "2026-01-31T10:00:00Z" };
  const bad: [unknown, string][] = [
    ["", "it is empty"],
    ["{", "it is not JSON"],
    ["[]", "it is not a JSON object"],
    ["x".repeat(20_000), "it is larger than"],
    [{ ...whole, server: undefined }, '"server"'],
    [{ ...whole, server: "ftp://x" }, '"server"'],
    [{ ...whole, target: 1 }, '"target"'],
    [{ ...whole, msgid: "a b" }, '"msgid"'],
    [{ ...whole, msgid: undefined }, '"msgid"'],
    [{ ...whole, seq: -1 }, '"seq"'],
    [{ ...whole, seq: "1" }, '"seq"'],
    [{ ...whole, time: "noon" }, '"time"'],
    [{ ...whole, gap: null }, '"gap"'],
    [{ ...whole, gap: { lost: "x", why: "restart" } }, '"gap"'],
  ];
  for (const [value, why] of bad) {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    await Deno.writeTextFile(path, text);
    const [kind, words] = await read(path) as [string, string];
    assertEquals(kind, "damaged", text);
    assertStringIncludes(words, why);
    assertEquals(await Deno.readTextFile(path), text);
  }
});

cursorFileTest("what cannot be read or written is said before anything is shown", async (path) => {
  assertEquals(await read(`${path}/deeper/cursor`), ["unwritable", "its folder does not exist"]);
  await Deno.mkdir(path);
  assertEquals((await read(path) as string[])[0], "unreadable");
});

cursorFileTest("a write that fails later is told by the signal", async (path) => {
  const cursor = new CursorFile(path, OWNER);
  await Deno.mkdir(`${path}/in/the/way`, { recursive: true });
  await cursor.moveTo(POSITION);
  assertEquals(cursor.failed.aborted, true);
  assertEquals((cursor.failed.reason as { why: string }).why, "write_failed");
  const beside = [...Deno.readDirSync(path.replace(/\/cursor$/, ""))].map(({ name }) => name);
  assertEquals(beside, ["cursor"], "no draft is left over");
});

cursorFileTest(
  "a link at its path, or where a draft could be, is not followed; what it leads to stays as it is",
  async (path) => {
    if (Deno.build.os === "windows") return;
    const victim = `${path}-victim`;
    await Deno.writeTextFile(victim, "precious");
    for (const planted of [`${path}.new`, path]) {
      await Deno.symlink(victim, planted);
      const cursor = new CursorFile(path, OWNER);
      const found = await cursor.read();
      if (planted === path) {
        assertEquals(found, { kind: "unreadable", why: "it is a symbolic link; name the file itself" });
      } else {
        assertEquals(found, { kind: "none" });
        await cursor.moveTo(POSITION);
        assertEquals((await Deno.lstat(path)).isFile, true);
        await Deno.remove(path);
      }
      assertEquals(await Deno.readTextFile(victim), "precious");
      await Deno.remove(planted);
    }
  },
);

cursorFileTest("a file without end is damaged, and read no further than its bound", async () => {
  if (Deno.build.os === "windows") return;
  assertEquals(await read("/dev/zero"), ["unreadable", "is not a regular file"]);
});
