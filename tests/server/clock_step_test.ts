/** A server whose clock is set while it runs: its log is told once, and no connection is closed for it. */
import { assertEquals, assertMatch } from "@std/assert";
import { ClockStepDetector } from "../../lib/base/clock.ts";
import { DAY_MS } from "../../lib/base/values/time_unit.ts";
import { ServerLog } from "../../lib/server/server_log.ts";
import { runServer } from "../support/chat_server.ts";
import { START } from "../support/hub.ts";
import { SocketClient } from "../support/socket_client.ts";

Deno.test("the clock is set by a day, and back: told once each, and whoever is connected stays", async () => {
  let [now, watch] = [START, 0];
  const clock = { now: () => now };
  const running = await runServer({ clock, clockWatch: new ClockStepDetector(clock, () => watch) });
  const { server, notices } = running;
  const client = await SocketClient.connect(running.address);
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
  await running.stop();
});
