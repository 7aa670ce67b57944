import { assertEquals } from "@std/assert";
import { EventQueue, formatStreamEvent } from "../../../lib/web/api/event_queue.ts";
import { pureTest } from "../../support/test.ts";
import { ResponseBudget } from "../../../lib/web/api/response_budget.ts";

const share = () => new ResponseBudget().share("192.0.2.7");

const text = async (queue: EventQueue) => await new Response(queue.body).text();

pureTest("an event is one piece, whatever is in its text", () => {
  assertEquals(
    formatStreamEvent({ event: "gap", id: "5-x@1", data: { text: "a\nb\r\n\ndata: c" } }),
    'event: gap\nid: 5-x@1\ndata: {"text":"a\\nb\\r\\n\\ndata: c"}\n\n',
  );
  assertEquals(formatStreamEvent({ data: 1 }), "data: 1\n\n");
});

pureTest("what is pushed is read in order, before and after the reader asks", async () => {
  const queue = new EventQueue(share());
  queue.push("a");
  queue.push("b");
  const read = text(queue);
  await Promise.resolve();
  queue.push("c");
  queue.end("d");
  assertEquals(queue.push("e"), true); // ignored
  assertEquals(await read, "abcd");
});

pureTest("a full queue is not silent: its last event says so, and nothing before it is torn", async () => {
  const queue = new EventQueue(share(), 10);
  const reader = queue.body.getReader();
  const first = reader.read();
  queue.push("12345");
  assertEquals(new TextDecoder().decode((await first).value), "12345");
  assertEquals(queue.push("abcdefgh"), true);
  assertEquals(queue.push("ijk"), false);
  queue.end("too slow", true);
  assertEquals(new TextDecoder().decode((await reader.read()).value), "too slow");
  assertEquals((await reader.read()).done, true);
});

pureTest("the queue says when its reader has gone, and when it has read", async () => {
  const queue = new EventQueue(share());
  queue.push("x".repeat(100_000));
  let isDrained = false;
  const drained = queue.drained().then(() => isDrained = true);
  await Promise.resolve();
  assertEquals(isDrained, false);
  const reader = queue.body.getReader();
  await reader.read();
  await drained;
  queue.push("x".repeat(100_000));
  const ended = queue.drained();
  await reader.cancel();
  await ended;
  assertEquals(queue.cancelled.aborted, true);
  assertEquals(queue.hasEnded, true);
});
