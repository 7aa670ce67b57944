import { assertEquals } from "@std/assert";
import { WINDOW_MESSAGES } from "../../lib/client/sending/delivery.ts";
import type { Link, RequestOutcome } from "../../lib/client/connection/link.ts";
import { flushOutbox } from "../../lib/client/sending/outbox_flush.ts";
import type { FlushOutcome } from "../../lib/client/sending/outbox_flush.ts";
import type { OutboxStore } from "../../lib/client/sending/outbox_store.ts";
import { formatMessage, parseMessage } from "../../lib/irc/message.ts";
import type { MessageParts } from "../../lib/irc/message.ts";
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

pureTest("outbox flush: where the first part of a text is refused, no other part is sent", async () => {
  const ids = ["j", "k~12345678", "k~12345678.1", "k~12345678.2", "l"];
  const waiting = ids.map((id): UnsentMessage => ({ id, target: "bob", text: id, manner: "said", at: 1 }));
  const [said, rejected]: [string[], string[]] = [[], []];
  const kept = new Set(ids);
  const link = {
    isAlive: true,
    session: { caps: new Set(), isClaimed: false, isupport: new Map() },
    request({ params: [, text] }: { params: string[] }): Promise<RequestOutcome> {
      said.push(text!);
      const failure = parseMessage(":fake FAIL PRIVMSG ID_IN_USE k m9 :Used")!;
      return Promise.resolve({ kind: "answered", lines: text!.includes("~") ? [failure] : [] });
    },
  };
  const outcome = await flushOutbox({
    link: link as unknown as Link,
    store: { list: () => waiting, remove: (id: string) => void kept.delete(id) } as unknown as OutboxStore,
    remainingMs: () => 1000,
    onRejected: ({ id }, { kind }) => void rejected.push(`${id} ${kind}`),
    onUnclear: () => {},
  });
  assertEquals([outcome, said, kept.size], [{ sent: 2, silence: undefined }, ["j", "k~12345678", "l"], 0]);
  assertEquals(rejected, ids.slice(1, 4).map((id) => `${id} id_in_use`));
});

pureTest(
  "outbox flush: lines stay together where the server can, what is edited is removed, references are kept",
  async () => {
    const waiting: UnsentMessage[] = [
      { id: "j", target: "bob", text: "one\ntwo", manner: "said", at: 1, replyTo: "m1" },
      { id: "k", target: "#a", text: "three", manner: "said", at: 2, replaces: "m2" },
    ];
    const flush = async (...caps: string[]) => {
      const [said, kept]: [string[], Set<string>] = [[], new Set(["j", "k"])];
      const link = {
        isAlive: true,
        session: {
          caps: new Set(caps),
          isClaimed: true,
          isupport: new Map(),
          capValue: () => "max-bytes=4096",
        },
        request(
          message: MessageParts,
          _: number,
          rest: readonly MessageParts[] = [],
        ): Promise<RequestOutcome> {
          said.push(...[message, ...rest].map(formatMessage));
          return Promise.resolve({ kind: "answered", lines: [] });
        },
      };
      await flushOutbox({
        link: link as unknown as Link,
        store: {
          list: () => waiting,
          remove: (id: string) => void kept.delete(id),
        } as unknown as OutboxStore,
        remainingMs: () => 1000,
        onRejected: () => {},
        onUnclear: () => {},
      });
      return [said, kept.size];
    };
    const tags = ["message-tags", "draft/message-redaction"];
    const [said] = await flush(...tags, "draft/multiline", "batch", "labeled-response");
    const lines = (said as string[]).map((line) => line.replace(/b\d+/g, "bN"));
    assertEquals(lines, [
      "@+draft/reply=m1 BATCH +bN draft/multiline bob",
      "@batch=bN PRIVMSG bob one",
      "@batch=bN PRIVMSG bob two",
      "BATCH -bN",
      "@+chatterbox.chat/replaces=m2 PRIVMSG #a three",
      "REDACT #a m2",
    ]);
    assertEquals(await flush(...tags), [
      [
        "@+draft/reply=m1 PRIVMSG bob one",
        "PRIVMSG bob two",
        "@+chatterbox.chat/replaces=m2 PRIVMSG #a three",
        "REDACT #a m2",
      ],
      0,
    ]);
    assertEquals(await flush(), [["PRIVMSG bob one", "PRIVMSG bob two", "PRIVMSG #a three"], 0]);
  },
);
