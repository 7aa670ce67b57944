import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { Ring } from "../../lib/log/ring.ts";
import { ENOENT, type Libc } from "../../lib/shm/libc.ts";
import { createSegment, segmentName, segmentPath, type ServerSegment } from "../../lib/shm/shared_segment.ts";
import { appendSamples, range, readSamples } from "../log/samples.ts";
import { create, loadLibc, open, RING_BYTES, segmentTest, shell, tryCreate, whyRefused } from "./segments.ts";

segmentTest("what its server appends is in every mapping of it, and each mapping is of one file", (name) => {
  const { segment, ring } = create(name);
  const opened = open(name);
  assert(opened.kind === "ok", "it opens");
  const reader = Ring.open(opened.segment.buffer, opened.segment.info.ringBytes)!;
  appendSamples(ring, 100);
  assertEquals(readSamples(reader), range(1, 101));
  const { pid, logId, lobby } = opened.segment.info;
  assertEquals([pid, logId, lobby], [Deno.pid, "log1", "#tea"]);
  opened.segment.close();
  segment.close();
});

segmentTest("it is for its owner alone, and has all its bytes at once", async (name) => {
  const { segment } = create(name);
  const [mode, blocks, size] = (await shell(`stat -c '%a %b %s' "$1"`, segmentPath(name))).split(" ");
  assertEquals(mode, "600");
  assertEquals(Number(blocks) * 512, Number(size));
  const other = await shell(
    `[ "$(id -u)" = 0 ] && command -v setpriv >/dev/null &&
     setpriv --reuid 65534 --clear-groups cat "$1" >/dev/null 2>&1; echo $?`,
    segmentPath(name),
  );
  assert(other !== "0", "no other user reads it");
  segment.close();
});

segmentTest("at its end its readers are told, and the file is gone", (name) => {
  const { segment, ring } = create(name);
  const opened = open(name);
  assert(opened.kind === "ok", "it opens");
  assertEquals(opened.segment.isRunning(), true);
  segment.close();
  assertEquals(opened.segment.isRunning(), false);
  assertEquals(open(name).kind, "none");
  appendSamples(ring, 1); // what is mapped stays
});

segmentTest("until it is published there is none for a reader", (name) => {
  const outcome = tryCreate(name);
  assert(outcome.kind === "ok", "made");
  assertEquals(open(name).kind, "none");
  outcome.segment.publish();
  assertEquals(open(name).kind, "ok");
  outcome.segment.close();
});

segmentTest("one that is in use is not taken over", (name) => {
  const { segment } = create(name);
  assertMatch(whyRefused(tryCreate(name), name), /^another server \(process \d+\) is using it/);
  const opened = open(name);
  assert(opened.kind === "ok" && opened.segment.isRunning(), "it goes on");
  segment.close();
});

/** The C library; `before` runs before its first lock of a file. */
function lockingAfter(before: () => void): Libc {
  const libc = loadLibc();
  const lock = libc.lock.bind(libc);
  libc.lock = (fd, operation) => {
    libc.lock = lock;
    before();
    return lock(fd, operation);
  };
  return libc;
}

segmentTest(
  "of two servers that start at once with one name, one has it and the other is refused",
  async (name) => {
    for (const hasLeft of [false, true]) {
      if (hasLeft) await shell(`(umask 077; head -c 65536 /dev/zero >"$1")`, segmentPath(name));
      let other: ServerSegment | undefined;
      const libc = lockingAfter(() => other = create(name).segment);
      const info = { pid: 1, ringBytes: RING_BYTES, logId: "log1", lobby: "" };
      assertEquals(
        whyRefused(createSegment(libc, name, info), name),
        "another server has just taken the name",
      );
      const opened = open(name);
      assert(opened.kind === "ok" && opened.segment.isRunning(), "the other one's has the name");
      other!.close();
      assertEquals([opened.segment.isRunning(), open(name).kind], [false, "none"]);
      opened.segment.close();
    }
  },
);

segmentTest("what is not ours is refused, by server and reader, and stays", async (name) => {
  const path = segmentPath(name);
  const cases: readonly (readonly [script: string, why: RegExp])[] = [
    [`ln -s /etc/passwd "$1"`, /^it is a symbolic link; remove it$/],
    [`mkdir "$1"`, /^it is not a file; remove it$/],
    [`mkfifo -m 600 "$1"`, /^it is not a regular file; remove it$/],
    [`(umask 077; seq 100000 >"$1")`, /^it is not a segment of ChatterBox/],
  ];
  for (const [script, why] of cases) {
    await shell(script, path);
    const before = await shell(`ls -ld --time-style=full-iso "$1"`, path);
    assertMatch(whyRefused(tryCreate(name), name), why, script);
    assertMatch(
      whyRefused(open(name), name),
      script.startsWith("mkdir") ? /^it is not a regular file; remove it$/ : why,
    );
    assertEquals(await shell(`ls -ld --time-style=full-iso "$1"`, path), before);
    await shell(`rm -rf "$1"`, path);
  }
});

segmentTest("another version, another size, and one that others may read are refused", async (name) => {
  const path = segmentPath(name);
  const { segment } = create(name);
  await shell(`chmod 640 "$1"`, path);
  assertEquals(whyRefused(open(name), name), "other users have access to it (mode 640)");
  await shell(`chmod 600 "$1"; printf '\\002' | dd of="$1" bs=1 seek=4 conv=notrunc 2>&1`, path);
  assertEquals(whyRefused(open(name), name), "it has version 2; this program reads 1");
  await shell(`printf '\\001' | dd of="$1" bs=1 seek=4 conv=notrunc; truncate -s +65536 "$1"`, path);
  assertMatch(whyRefused(open(name), name), /^it has \d+ bytes, which is not the size/);
  const eightGiB =
    `printf '\\000\\000\\000\\000\\002' | dd of="$1" bs=1 seek=16 conv=notrunc; truncate -s "$2" "$1"`;
  await shell(eightGiB, path, String(2 ** 33 + 65536));
  assertEquals(whyRefused(open(name), name), "out of memory");
  segment.close();
});

segmentTest("one that belongs to another user is refused (root only)", async (name) => {
  const { segment } = create(name);
  await shell(`chown 65534 "$1"`, segmentPath(name));
  if (await shell("id -u") === "0") {
    assertEquals(whyRefused(open(name), name), "it belongs to another user (uid 65534)");
    assertEquals(whyRefused(tryCreate(name), name), "it belongs to another user (uid 65534)");
  }
  segment.close();
});

segmentTest("where /dev/shm is too small it is refused and nothing is left", async (name) => {
  assertMatch(
    whyRefused(tryCreate(name, 2 ** 45), name),
    /^no space left in \/dev\/shm; it needs \d+ bytes/,
  );
  assertEquals(await shell(`ls "$1" 2>/dev/null`, segmentPath(name)), "");
  create(name).segment.close();
});

segmentTest("where there is no /dev/shm it is refused, and that is said", (name) => {
  const libc = { shmOpen: () => -ENOENT } as unknown as Libc;
  const info = { pid: 1, ringBytes: RING_BYTES, logId: "log1", lobby: "" };
  assertEquals(whyRefused(createSegment(libc, name, info), name), "there is no /dev/shm");
});

segmentTest("one that was never finished, of any length, is taken over", async (name) => {
  for (const bytes of [0, 7, 65536, 65536 + RING_BYTES]) {
    await shell(`(umask 077; head -c "$2" /dev/zero >"$1")`, segmentPath(name), String(bytes));
    assertEquals(open(name).kind, "none");
    create(name).segment.close();
  }
});

Deno.test({
  name: "segment: its name follows from the path of the data folder alone",
  permissions: "none",
  fn() {
    assertMatch(segmentName("/var/lib/chat"), /^chatterbox-[0-9a-f]{32}$/);
    assertEquals(segmentName("/var/lib/chat"), segmentName("/var/lib/chat"));
    assertEquals(segmentName("/var/lib/chat") === segmentName("/var/lib/chat2"), false);
  },
});

segmentTest(
  "one that was removed and made again by another server stays when the first one ends",
  async (name) => {
    const first = create(name).segment;
    await shell(`rm "$1"`, segmentPath(name));
    const second = create(name).segment;
    first.close();
    const opened = open(name);
    assert(opened.kind === "ok" && opened.segment.isRunning(), "it is the second one's");
    opened.segment.close();
    second.close();
    assertEquals(open(name).kind, "none");
  },
);
