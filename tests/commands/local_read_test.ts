/** The reader of `logs --local` on a ring of its own: what is shown, what is reported, and in which order. */
import { assertEquals } from "@std/assert";
import { CursorOutput } from "../../commands/logs/cursor_output.ts";
import { readLocal } from "../../commands/logs/local_read.ts";
import type { LocalRead } from "../../commands/logs/local_read.ts";
import type { ShownItem } from "../../commands/logs/output/selection.ts";
import { newestOf } from "../../commands/logs/record_entries.ts";
import type { MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { encodeEvent } from "../../lib/hub/log/event_codec.ts";
import { formatMsgid } from "../../lib/hub/output/render.ts";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { comesTrue } from "../support/guard.ts";

const LOG = "log1";

/** A test that may read files, because an archive is looked for in the data folder, which there is none of. */
function readerTest(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, permissions: { read: true }, fn });
}

function append(ring: Ring, verb: "PRIVMSG" | "TAGMSG", text: string, tags = "", name = "#tea"): number {
  const scratch = new Uint8Array(8192);
  const target = { kind: "channel", name } as const;
  const event = {
    kind: "message",
    source: "bob!b@h",
    from: "o",
    id: undefined,
    verb,
    target,
    text,
    tags,
  } as const;
  return ring.append(1000, scratch, encodeEvent(event, scratch));
}

/** Reads #tea in `ring`; what is shown goes to standard error, so that it is in order with the reports. */
function read(ring: Ring, io: FakeIo, how: Pick<LocalRead, "range"> & Partial<LocalRead>): Promise<number> {
  const shown = new CursorOutput({
    io,
    write: (items: readonly ShownItem[]) =>
      items.forEach((item) => io.stderr.write(`${item.kind === "message" ? item.text : item.kind}\n`)),
    isWanted: () => true,
  });
  const log = {
    ring,
    logId: LOG,
    dataDir: "/d",
    lobby: "#tea",
    pid: 1,
    canReopen: true,
    refresh: () => {},
    isRunning: () => true,
    close: () => {},
  };
  const place = { dataDir: "/d", log, shown, onNewLog: () => {}, io, signal: io.signal };
  return readLocal({ ...place, isNamed: false, position: undefined, follow: false, retry: true, ...how });
}

readerTest(
  "local reader: a reaction is reported behind its message, and quotes it, also when both are new",
  async () => {
    const ring = Ring.create(RING_MIN_BYTES);
    append(ring, "PRIVMSG", "one");
    const io = new FakeIo();
    const ended = read(ring, io, { range: { target: "#tea", limit: 10 }, follow: true });
    await comesTrue("the first message", () => io.err === "one\n");
    const seq = append(ring, "PRIVMSG", "two");
    append(ring, "TAGMSG", "", `+draft/react=👍;+draft/reply=${formatMsgid(seq, LOG)}`);
    append(ring, "PRIVMSG", "three");
    await comesTrue("the last message", () => io.err.includes("three"));
    assertEquals(io.err, "one\ntwo\nchatterbox: bob reacted 👍 to bob: «two»\nthree\n");
    io.interrupt();
    assertEquals(await ended, 130);
  },
);

readerTest(
  "local reader: a room that no record names is 67 without a gap, unless a position in it is known",
  async () => {
    const ring = Ring.create(RING_MIN_BYTES);
    const position = { seq: 1, id: formatMsgid(1, LOG), time: 1000 };
    for (let bytes = 0; bytes < 2 * RING_MIN_BYTES; bytes += 2000) {
      append(ring, "PRIVMSG", "x".repeat(2000), "", "#flood");
    }
    const range = { target: "#tea", since: 1 };
    const unknown = new FakeIo();
    assertEquals(await read(ring, unknown, { range, isNamed: true }), 67);
    assertEquals(unknown.err, "chatterbox: no such room: #tea\n");
    for (const known of [{ position, isNamed: true }, { isNamed: false }]) {
      const io = new FakeIo();
      assertEquals(await read(ring, io, { range, ...known }), 0);
      await io.flush();
      assertEquals(io.err, "gap\n");
    }
  },
);

readerTest("local reader: the newest none of many are none", () => {
  const entries = ["a", "b", "c"].map((text) => ({ text }) as MessageEntry);
  assertEquals([0, 2, 9].map((count) => newestOf(entries, count).length), [0, 2, 3]);
});
