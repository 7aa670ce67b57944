/** Receipts that a page awaits. */
import { assertEquals } from "@std/assert";
import { formatMessage, parseMessage } from "../../lib/irc/message.ts";
import type { ReceiptPurpose } from "../../lib/client/conversation/effects.ts";
import { MAX_AWAITED_RECEIPTS, ReceiptTracker } from "../../lib/client/conversation/receipt_tracker.ts";
import { pureTest } from "../support/test.ts";

function setUp(hasReceipts = true) {
  const asked: { line: string; purpose: ReceiptPurpose }[] = [];
  const reached: string[] = [];
  const tracker = new ReceiptTracker({
    isOnline: true,
    features: { hasReceipts },
    ask: (message, purpose) => void asked.push({ line: formatMessage(message), purpose }),
    addEffect: ({ what, messageId }) => void reached.push(`${what} ${messageId}`),
  });
  /** The server answers the oldest question. */
  const answer = (line?: string) => {
    const { purpose, line: question } = asked.shift()!;
    tracker.handleResponse(purpose, [parseMessage(line ?? `:s ${question}`)!], 0);
  };
  return { tracker, asked, reached, answer, lines: () => asked.map(({ line }) => line) };
}

pureTest("receipts: a message in a room becomes durable, one in a direct conversation read as well", () => {
  const { tracker, reached, answer, lines } = setUp();
  tracker.track("#lobby", "m1", 0);
  tracker.track("bob", "m2", 0);
  assertEquals(lines(), ["AWAIT durable m1", "AWAIT durable m2", "AWAIT read m2"]);
  answer();
  answer(":s FAIL AWAIT NOT_DURABLE m2 :no disk");
  answer();
  assertEquals(reached, ["durable m1", "read m2"]);
});

pureTest(
  "receipts: of a direct conversation only the latest message is awaited, behind the one before",
  () => {
    const { tracker, reached, answer, lines } = setUp();
    for (const id of ["m1", "m2", "m3"]) tracker.trackRead("bob", id, 0);
    assertEquals(lines(), ["AWAIT read m1"]);
    answer();
    assertEquals(lines(), ["AWAIT read m3"]);
    answer();
    assertEquals([lines(), reached], [[], ["read m1", "read m3"]]);
  },
);

pureTest(
  "receipts: what is open is asked for again over the next connection, and only so many at a time",
  () => {
    const { tracker, asked, lines } = setUp();
    for (let n = 0; n < MAX_AWAITED_RECEIPTS + 5; n++) tracker.track("#lobby", `m${n}`, 0);
    assertEquals(lines().length, MAX_AWAITED_RECEIPTS);
    asked.length = 0;
    tracker.resume(0);
    assertEquals(lines().length, MAX_AWAITED_RECEIPTS);
  },
);

pureTest("receipts: a server without them is not asked", () => {
  const { tracker, lines } = setUp(false);
  tracker.track("bob", "m1", 0);
  tracker.resume(0);
  assertEquals(lines(), []);
});
