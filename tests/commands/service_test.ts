/** `serve` under a service manager: it reports that it is ready, alive, reloading and stopping. */
import { assertEquals, assertMatch } from "@std/assert";
import { endOf } from "../support/guard.ts";
import { NotifySocket } from "../support/notify_socket.ts";
import { linesOf, programTest, start } from "./program.ts";

programTest(
  "serve reports to the service manager when it listens, lives, reloads and stops",
  { ignore: Deno.build.os !== "linux" },
  async (home) => {
    using socket = new NotifySocket(`${home}/notify`);
    const env = { NOTIFY_SOCKET: socket.name, WATCHDOG_USEC: "30000" };
    const child = start(["serve", "--listen", "127.0.0.1:0"], home, { env });
    const [ready, where = ""] = await socket.next();
    assertEquals(ready, "READY=1");
    assertMatch(where, /^STATUS=0 online; listening on 127\.0\.0\.1:\d+$/);
    assertEquals(await socket.nextOf("WATCHDOG=1"), ["WATCHDOG=1", where]);
    child.kill("SIGHUP");
    await socket.nextOf("RELOADING=1");
    assertEquals(await socket.nextOf("READY=1"), ["READY=1", where]);
    child.kill("SIGTERM");
    await socket.nextOf("STOPPING=1");
    for await (const line of linesOf(child.stdout)) if (/stopped: /.test(line)) break;
    await child.stderr.cancel();
    assertEquals((await endOf(child)).code, 0);
  },
);
