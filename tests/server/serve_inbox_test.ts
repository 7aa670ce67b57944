/** `serve --shm`: lines that clients put into its inbox (docs/protocol/inbox.md). */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { InboxWriter } from "../../lib/shm/inbox.ts";
import {
  inboxSegmentName,
  type MappedSegment,
  openSegment,
  segmentPath,
} from "../../lib/shm/shared_segment.ts";
import { programTest } from "../commands/program.ts";
import { loadLibc, shell } from "../shm/segments.ts";
import type { SocketClient } from "../support/socket_client.ts";
import { Serve } from "./serve_process.ts";

const LINUX = { ignore: Deno.build.os !== "linux" };

function inboxName(home: string): string {
  return inboxSegmentName(Deno.realPathSync(`${home}/data`));
}

function openInbox(home: string): { segment: MappedSegment; writer: InboxWriter } {
  const opened = openSegment(loadLibc(), inboxName(home), "write");
  assert(opened.kind === "ok", JSON.stringify(opened));
  const writer = InboxWriter.open(opened.segment.buffer);
  assert(typeof writer !== "string", String(writer));
  return { segment: opened.segment, writer };
}

async function tokenOf(client: SocketClient): Promise<Uint8Array> {
  await client.send("INBOX");
  await client.barrier();
  const [line = ""] = client.take().filter((line) => line.includes(" INBOX "));
  assertMatch(line, /^:\S+ INBOX [0-9a-f]{32} [0-9a-z]+$/);
  return Uint8Array.fromHex(line.split(" ")[2]!);
}

function put(writer: InboxWriter, token: Uint8Array, text: string): void {
  assertEquals(writer.tryPut(new Uint8Array([...token, ...new TextEncoder().encode(text)])), "put");
}

programTest(
  "serve --shm: what a client puts into the inbox is said by its session, and by no other",
  LINUX,
  async (home) => {
    const serve = await Serve.start(home, ["--shm"]);
    const [alice, bob] = [await serve.enter("alice"), await serve.enter("bob")];
    const [tokenA, tokenB] = [await tokenOf(alice), await tokenOf(bob)];
    bob.take();
    const { segment, writer } = openInbox(home);
    put(writer, tokenA, "PRIVMSG #lobby :one\r\nPRIVMSG #lobby :two\r\n");
    put(writer, tokenB.map((byte) => byte ^ 1), "PRIVMSG #lobby :forged\r\n");
    put(writer, tokenA, "PRIVMSG #nowhere :x\r\nPRIVMSG #lobby :three\r\n");
    await alice.send("");
    await alice.barrier();
    await bob.barrier();
    const said = bob.take().filter((line) => line.includes("PRIVMSG"));
    assertEquals(said.map((line) => line.replace(/!\S+/, "")), [
      ":alice PRIVMSG #lobby :one",
      ":alice PRIVMSG #lobby :two",
      ":alice PRIVMSG #lobby :three",
    ]);
    assert(
      alice.take().some((line) => line.includes(" 403 alice #nowhere ")),
      "refusals come over the connection",
    );
    segment.close();
    alice.close();
    bob.close();
    assertEquals(await serve.end(), 0);
    assertEquals(await shell(`ls "$1" 2>/dev/null`, segmentPath(inboxName(home))), "", "it is removed");
  },
);

programTest(
  "serve --shm: the inbox is for its owner alone, and taken over after kill -9",
  LINUX,
  async (home) => {
    const first = await Serve.start(home, ["--shm"]);
    const path = segmentPath(inboxName(home));
    assertEquals(await shell(`stat -c %a "$1"`, path), "600");
    const { segment } = openInbox(home);
    await first.kill();
    assertEquals(segment.isRunning(), false);
    const second = await Serve.start(home, ["--shm"]);
    const next = openInbox(home);
    assertEquals([segment.isRunning(), next.segment.isRunning()], [false, true]);
    segment.close();
    next.segment.close();
    assertEquals(await second.end(), 0);
  },
);
