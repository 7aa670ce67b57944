import { assertEquals, assertRejects } from "@std/assert";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import type { Conn } from "../../lib/net/conn.ts";
import { PIPE_MAX_BYTES, pipeConns } from "../../lib/net/pipe_conn.ts";
import { writeAll } from "../../lib/net/conn.ts";
import { forAll } from "../irc/property.ts";
import { pureTest } from "../support/test.ts";

async function readText(conn: Conn, size = 100): Promise<string | null> {
  const buffer = new Uint8Array(size);
  const length = await conn.read(buffer);
  return length === null ? null : new TextDecoder().decode(buffer.subarray(0, length));
}

pureTest("what one end writes the other reads, both ways, and then the end", async () => {
  const [one, other] = pipeConns();
  await writeAll(one, encodeUtf8("there"));
  await writeAll(other, encodeUtf8("back"));
  assertEquals(await readText(other, 3), "the");
  assertEquals(await readText(other), "re");
  assertEquals(await readText(one), "back");
  const waiting = readText(other);
  await one.closeWrite();
  assertEquals(await waiting, null);
  await writeAll(other, encodeUtf8("still"));
  assertEquals(await readText(one), "still");
});

pureTest("what was written stays as it was, whatever the writer does with its buffer", async () => {
  const [one, other] = pipeConns();
  const bytes = encodeUtf8("before");
  await one.write(bytes);
  bytes.fill(0);
  assertEquals(await readText(other), "before");
});

pureTest("a write takes what there is room for, and the next waits for the reader", async () => {
  const [one, other] = pipeConns();
  assertEquals(await one.write(new Uint8Array(2 * PIPE_MAX_BYTES)), PIPE_MAX_BYTES);
  let written = 0;
  const later = one.write(encodeUtf8("later")).then((count) => written = count);
  for (let turns = 0; turns < 10; turns++) await Promise.resolve();
  assertEquals(written, 0);
  assertEquals(await other.read(new Uint8Array(3)), 3);
  assertEquals(await later, 3);
});

pureTest(
  "what was written before the end is read, in order, however it is cut",
  () =>
    forAll(50, async (random) => {
      const [one, other] = pipeConns(1 + random.below(50));
      const sent = Uint8Array.from({ length: random.below(500) }, () => random.below(256));
      const writing = (async () => {
        for (let from = 0; from < sent.length;) {
          from += await one.write(sent.subarray(from, from + 1 + random.below(100)));
        }
        one.close();
      })();
      const got: number[] = [];
      for (;;) {
        const buffer = new Uint8Array(1 + random.below(70));
        const length = await other.read(buffer);
        if (length === null) break;
        got.push(...buffer.subarray(0, length));
      }
      await writing;
      assertEquals(Uint8Array.from(got), sent);
    }),
);

pureTest("when an end closes, its reads and writes settle, and the other end's writes fail", async () => {
  const [one, other] = pipeConns(4);
  const reading = one.read(new Uint8Array(1));
  await writeAll(one, encodeUtf8("full"));
  const writing = one.write(encodeUtf8("x"));
  one.close();
  await assertRejects(() => reading, Deno.errors.BadResource);
  await assertRejects(() => writing, Deno.errors.BadResource);
  assertEquals(await readText(other), "full");
  assertEquals(await readText(other), null);
  await assertRejects(() => other.write(encodeUtf8("x")), Deno.errors.BrokenPipe);
});
