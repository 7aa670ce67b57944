/** A server whose clock is set while it runs: its log is told once, and no connection is closed for it. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { ClockStepDetector } from "../../lib/base/clock.ts";
import type { ServerEvent } from "../../lib/hub/model/server_event.ts";
import { LogLock } from "../../lib/log/log_lock.ts";
import { Ring } from "../../lib/log/ring.ts";
import { ChatServer } from "../../lib/server/server.ts";
import { ServerLog } from "../../lib/server/server_log.ts";
import { START, TEST_CONFIG } from "../support/hub.ts";
import { SocketClient } from "../support/socket_client.ts";

const DAY_MS = 86_400_000;

Deno.test("the clock is set by a day, and back: told once each, and whoever is connected stays", async () => {
  const ring = Ring.create(1 << 18);
  let [now, watch] = [START, 0];
  const clock = { now: () => now };
  const notices: ServerEvent[] = [];
  const fail = (error: unknown) => {
    throw error;
  };
  const server = new ChatServer({
    config: TEST_CONFIG,
    log: ring,
    clock,
    clockWatch: new ClockStepDetector(clock, () => watch),
    onServerEvents: (some) => notices.push(...some),
    onRecoverableError: fail,
    onFatalError: fail,
    lock: new LogLock(ring, "clock_step_test"),
  });
  await server.start();
  const outcome = await server.listen({ kind: "tcp", host: "127.0.0.1", port: 0 });
  assert(outcome.kind === "listening", "listening");
  const client = await SocketClient.connect(outcome.address);
  for (
    const line of ["CAP REQ :server-time echo-message", "NICK alice", "USER alice 0 * :alice", "CAP END"]
  ) {
    await client.send(line);
  }
  await client.barrier();
  const pass = async (ms: number) => {
    now += ms;
    watch += ms;
    await server.tick(now);
    await client.barrier();
  };
  for (const step of [DAY_MS, -DAY_MS]) {
    now += step;
    await pass(1000);
    await pass(1000);
  }
  client.take();
  await client.send("PRIVMSG alice :hello");
  await client.barrier();
  assertMatch(client.take()[0]!, new RegExp(`^@time=${new Date(now).toISOString().slice(0, 19)}`));
  const told = notices.filter(({ kind }) => kind === "clock_set" || kind === "left");
  assertEquals(told, [{ kind: "clock_set", ms: DAY_MS }, { kind: "clock_set", ms: -DAY_MS }]);
  const lines: string[] = [];
  const log = new ServerLog("text", clock, (line) => lines.push(line));
  for (const notice of told) log.serverEvent(notice);
  assertMatch(lines[0]!, / warning: The clock went forward by 1d: /);
  assertMatch(lines[1]!, / warning: The clock was set back by 1d\. /);
  client.close();
  await server.stop("end of the test");
});
