/** A client that does not read its stream. */
import { assertEquals } from "@std/assert";
import { assert } from "../../../lib/base/assert.ts";
import { Ring } from "../../../lib/log/ring.ts";
import { MAX_QUEUED_BYTES } from "../../../lib/web/api/event_queue.ts";
import { comesTrue } from "../../support/guard.ts";
import { EventReader } from "./event_reader.ts";
import { InProcessApi } from "./in_process.ts";

/** Characters of a text: a message has its own name, and fills a line. */
const TEXT_LENGTH = 350;
const RING_BYTES = 8 * 1024 * 1024;

Deno.test("api: a reader that is too slow is told so, and goes on where it was without a gap or a repetition", async () => {
  await using api = await InProcessApi.start({ ring: Ring.create(RING_BYTES) });
  const alice = await api.enter("alice");
  const token = await api.token(alice, "read:#ops");
  const open = async (lastId: string) => {
    const headers = { accept: "text/event-stream", "last-event-id": lastId };
    return new EventReader(await api.get("/api/v1/messages?room=ops", { token, headers }));
  };
  const stream = await open("");
  assertEquals((await stream.next()).event, "live");
  const said: string[] = [];
  for (let bytes = 0; bytes < 1.5 * MAX_QUEUED_BYTES; bytes += TEXT_LENGTH) {
    said.push(`m${said.length}`.padEnd(TEXT_LENGTH, "."));
    await alice.send(`PRIVMSG #ops :${said.at(-1)}`);
    if (said.length % 100 === 0) await alice.barrier();
  }
  await alice.barrier();
  const { sessions } = api.running.server.hub.context.state;
  // A reader that began before would be fast enough.
  await comesTrue("the stream's session has ended", () => sessions.size === 1);
  assertEquals((await stream.end()).data.reason, "slow_reader");
  const heard = stream.messages.map(({ data }) => data.text);
  assertEquals(heard, said.slice(0, heard.length));
  assert(heard.length < said.length, "the queue is bounded");
  const again = await open(stream.lastId);
  heard.push(...await again.textsUntilLive());
  assertEquals(heard, said);
  await again.cancel();
  await comesTrue("the second stream's session has ended", () => sessions.size === 1);
  alice.close();
});
