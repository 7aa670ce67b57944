import { assertEquals } from "@std/assert";
import { WINDOW_MESSAGES } from "../../lib/client/sending/delivery.ts";
import type { Link, RequestOutcome } from "../../lib/client/connection/link.ts";
import { flushOutbox } from "../../lib/client/sending/outbox_flush.ts";
import type { FlushOutcome } from "../../lib/client/sending/outbox_flush.ts";
import type { OutboxStore } from "../../lib/client/sending/outbox_store.ts";
import type { UnsentMessage } from "../../lib/client/conversation/unsent_message.ts";
import { pureTest } from "../support/test.ts";

/** One window of messages, and one more. */
const COUNT = WINDOW_MESSAGES + 1;

interface Flushed {
  readonly outcome: FlushOutcome;
  /** Messages that the server was sent. */
  readonly said: number;
  /** Messages that are still in the outbox. */
  readonly left: number;
  readonly unclear: number;
}

/**
 * {@link COUNT} messages to a server that takes each, and knows no ids: what is sent to it and not answered leaves the outbox. After a
 * window of them `link.alive` and the milliseconds left are `after`.
 */
async function flushed(after: { alive: boolean; leftMs: number }): Promise<Flushed> {
  const waiting: UnsentMessage[] = Array.from({ length: COUNT }, (_, n) => (
    { id: `m${n}`, target: "bob", text: `text ${n}`, manner: "said", at: n }
  ));
  const kept = new Set(waiting.map(({ id }) => id));
  let [said, unclear] = [0, 0];
  const link = {
    get isAlive() {
      return said < WINDOW_MESSAGES || after.alive;
    },
    session: { caps: new Set(), isClaimed: false, isupport: new Map() },
    request: (): Promise<RequestOutcome> =>
      Promise.resolve(++said > WINDOW_MESSAGES ? { kind: "timed_out" } : { kind: "answered", lines: [] }),
  };
  const outcome = await flushOutbox({
    link: link as unknown as Link,
    store: { list: () => waiting, remove: (id: string) => void kept.delete(id) } as unknown as OutboxStore,
    remainingMs: () => said < WINDOW_MESSAGES ? 1000 : after.leftMs,
    onRejected: () => {},
    onUnclear: () => unclear++,
  });
  return { outcome, said, left: kept.size, unclear };
}

const oneLeft = { said: WINDOW_MESSAGES, left: 1, unclear: 0 };

pureTest("outbox flush: messages for which no time is left stay, on any server", async () => {
  const silence = { kind: "timed_out" } as const;
  assertEquals(await flushed({ alive: true, leftMs: 0 }), {
    outcome: { sent: WINDOW_MESSAGES, silence },
    ...oneLeft,
  });
});

pureTest(
  "outbox flush: messages behind a connection loss stay, on any server",
  async () => {
    const silence = { kind: "lost", text: "the connection has ended" } as const;
    assertEquals(await flushed({ alive: false, leftMs: 1000 }), {
      outcome: { sent: WINDOW_MESSAGES, silence },
      ...oneLeft,
    });
  },
);

pureTest(
  "outbox flush: a message that timed out leaves the store if the server knows no sender ids",
  async () => {
    const { outcome, ...rest } = await flushed({ alive: true, leftMs: 1000 });
    assertEquals(outcome, { sent: WINDOW_MESSAGES, silence: { kind: "timed_out" } });
    assertEquals(rest, { said: COUNT, left: 0, unclear: 1 });
  },
);
