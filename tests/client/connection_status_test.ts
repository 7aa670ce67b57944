import { assertEquals } from "@std/assert";
import {
  describeConnectionLoss,
  describeStatus,
  nextChangeMs,
} from "../../lib/client/conversation/connection_status.ts";
import type { ConnectionStatus } from "../../lib/client/conversation/connection_status.ts";
import { pureTest } from "../support/test.ts";

const LIVE: ConnectionStatus = { kind: "live" };
const WAITING: ConnectionStatus = { kind: "waiting", since: 10_000, retryMs: 3_700 };

pureTest("status: an attempt to come is counted down, and nothing is told while all is well", () => {
  const seen: string[] = [];
  let now = 10_000;
  for (let ms: number | undefined = 0; ms !== undefined; ms = nextChangeMs(WAITING, now)) {
    now += ms;
    seen.push(`${now} ${describeStatus(WAITING, now)}`);
  }
  assertEquals(seen, [
    "10000 reconnecting (4 s)",
    "10700 reconnecting (3 s)",
    "11700 reconnecting (2 s)",
    "12700 reconnecting (1 s)",
  ]);
  assertEquals(describeStatus(WAITING, 99_000), ["reconnecting (1 s)"]);
  assertEquals(describeStatus(WAITING, 0), ["reconnecting (4 s)"]); // the clock was set back
  assertEquals(describeStatus(LIVE, now), []);
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
