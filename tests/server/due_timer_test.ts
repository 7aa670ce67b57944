/** Scheduled messages are said on time while no client is there. */
import { assertEquals } from "@std/assert";
import { DueTimer } from "../../lib/server/due_timer.ts";
import { comesTrue, inTime } from "../support/guard.ts";
import { POSIX } from "../support/test.ts";
import { program, programTest, Server } from "../commands/program.ts";

programTest("a server to which no client comes says what is due", POSIX, async (home) => {
  const first = await Server.start(home);
  const words = ["send", "#lobby", "hello", "--in", "2s", "--from", "ci", "--server", first.url];
  assertEquals((await program(words, home)).code, 0);
  await first.stop("SIGKILL");
  const second = await Server.start(home);
  const logs = ["logs", "--file", `${home}/data/log.ring`, "--room", "#lobby", "-o", "cat"];
  await comesTrue("the message in the log", async () => (await program(logs, home)).out.includes("hello"));
  await second.stop();
});

Deno.test("due timer: set for the next time, also where that comes sooner or is gone", async () => {
  let now = 0;
  let due = Infinity;
  const said: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = new DueTimer({ now: () => now }, () => due, () => {
    said.push(due);
    due = due === 10 ? 20 : Infinity;
    if (due === Infinity) resolve();
    return Promise.resolve();
  });
  timer.update();
  due = 1_000_000;
  timer.update();
  due = 10;
  timer.update();
  now = 100;
  await inTime("both times", promise);
  assertEquals(said, [10, 20]);
  timer.stop();
  due = 0;
  timer.update();
});
