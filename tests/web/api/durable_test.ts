/** `"wait": "durable"`: the answer comes when the disk has the message, or says that it is not known to have it. */
import { assertEquals } from "@std/assert";
import { Ring } from "../../../lib/log/ring.ts";
import { InProcessApi } from "./in_process.ts";

Deno.test("api: a message that is to be durable is answered when it is on disk, others at once", async () => {
  const disk = Promise.withResolvers<void>();
  const ring = Ring.create(1 << 20);
  const sync = async () => {
    const { nextSeq, position } = ring;
    await disk.promise;
    ring.markDurable(nextSeq, position);
    return { trouble: undefined };
  };
  await using api = await InProcessApi.start({
    ring,
    sync,
    config: { storage: { sync: 1000, trouble: undefined } },
  });
  const alice = await api.enter("alice");
  const token = await api.token(alice, "send:#ops");
  const order: string[] = [];
  const durable = api.post({ to: "#ops", text: "first", wait: "durable" }, { token });
  void durable.then(() => order.push("durable"));
  await alice.until((line) => line.endsWith("PRIVMSG #ops :first"));
  const accepted = await api.post({ to: "#ops", text: "second", wait: "accepted" }, { token });
  order.push("accepted");
  assertEquals([accepted.status, (await accepted.json()).durable], [201, null]);
  disk.resolve();
  assertEquals((await (await durable).json()).durable, true);
  assertEquals(order, ["accepted", "durable"]);
  alice.close();
});

Deno.test("api: a message that the disk does not take is no success, and its key is told", async () => {
  await using api = await InProcessApi.start({
    sync: () => Promise.resolve({ trouble: "the disk is full" }),
  });
  const alice = await api.enter("alice");
  const token = await api.token(alice, "send:#ops");
  const answer = await api.post({ to: "#ops", text: "x", wait: "durable", id: "k" }, { token });
  const { code, key, durable, id } = await answer.json();
  assertEquals([answer.status, code, key, durable, typeof id], [503, "not_durable", "k", null, "string"]);
  assertEquals(answer.headers.get("retry-after"), "1");
  alice.close();
});
