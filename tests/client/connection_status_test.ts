import { assertEquals } from "@std/assert";
import {
  describeConnectionLoss,
  formatPrompt,
  nextChangeMs,
} from "../../lib/client/conversation/connection_status.ts";
import type { ConnectionStatus } from "../../lib/client/conversation/connection_status.ts";
import { pureTest } from "../support/test.ts";

const LIVE: ConnectionStatus = { kind: "live" };
const WAITING: ConnectionStatus = { kind: "waiting", since: 10_000, retryMs: 3_700 };

pureTest(
  "status: the prompt shows the room, and what is not as usual",
  () => {
    assertEquals(formatPrompt("#lobby", undefined, LIVE, 0, 0), "#lobby> ");
    assertEquals(formatPrompt(undefined, undefined, LIVE, 0, 0), "(no room)> ");
    assertEquals(formatPrompt(undefined, "#dev", LIVE, 0, 0), "#dev (left)> ");
    assertEquals(formatPrompt("#lobby", undefined, LIVE, 2, 0), "#lobby [2 unsent]> ");
    assertEquals(formatPrompt("#lobby", undefined, { kind: "connecting" }, 0, 0), "#lobby [connecting…]> ");
    assertEquals(
      formatPrompt("#lobby", undefined, WAITING, 2, 10_000),
      "#lobby [reconnecting (4 s), 2 unsent]> ",
    );
  },
);

pureTest("status: the prompt counts the seconds down", () => {
  const seen: string[] = [];
  let now = 10_000;
  for (let ms: number | undefined = 0; ms !== undefined; ms = nextChangeMs(WAITING, now)) {
    now += ms;
    seen.push(`${now} ${formatPrompt("#a", undefined, WAITING, 0, now)}`);
  }
  assertEquals(seen, [
    "10000 #a [reconnecting (4 s)]> ",
    "10700 #a [reconnecting (3 s)]> ",
    "11700 #a [reconnecting (2 s)]> ",
    "12700 #a [reconnecting (1 s)]> ",
  ]);
  assertEquals(formatPrompt("#a", undefined, WAITING, 0, 99_000), "#a [reconnecting (1 s)]> ");
  assertEquals(formatPrompt("#a", undefined, WAITING, 0, 0), "#a [reconnecting (4 s)]> "); // the clock was set back
  assertEquals(nextChangeMs(LIVE, now), undefined);
  assertEquals(nextChangeMs({ kind: "connecting" }, now), undefined);
});

pureTest("loss: a server that was stopped is told as that, any other end in its words", () => {
  assertEquals(
    describeConnectionLoss("Closing Link: 127.0.0.1 (Server shutting down)", 900),
    "the server was stopped; trying again in 1 s",
  );
  assertEquals(
    describeConnectionLoss("Closing Link: 127.0.0.1 (Ping timeout: 90 seconds)", 1100),
    "connection lost: Ping timeout: 90 seconds; trying again in 2 s",
  );
});
