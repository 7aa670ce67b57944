/** `serve` under a service manager: it reports that it is ready, alive, reloading and stopping. */
import { assertEquals, assertMatch } from "@std/assert";
import { endOf } from "../support/guard.ts";
import { NotifySocket } from "../support/notify_socket.ts";
import { frontsTest, kill, restarted, startFronts } from "../front/fronts_process.ts";
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

frontsTest("the keeper pings while its hub cannot start, and the hub once it runs", async (home) => {
  using socket = new NotifySocket(`${home}/notify`);
  const password = `${home}/password`;
  await Deno.writeTextFile(password, "secret", { mode: 0o600 });
  const before = `export NOTIFY_SOCKET=${socket.name} WATCHDOG_USEC=30000;`;
  const ping = async (status: RegExp) => {
    while (!status.test((await socket.nextOf("WATCHDOG=1"))[1] ?? ""));
  };
  const [{ serve, hub }] = await Promise.all([
    startFronts(home, ["--password-file", password], before),
    socket.nextOf("READY=1"), // a queue that is full would hold back the hub
  ]);
  await ping(/^STATUS=0 online; listening on /);
  await Deno.chmod(password, 0o644);
  await kill(hub);
  for (let count = 0; count < 3; count++) await ping(/^STATUS=the hub is started again; /);
  await Deno.chmod(password, 0o600);
  const [after] = await Promise.all([restarted(serve), ping(/^STATUS=0 online; listening on /)]);
  await kill(after.hub, "STOP"); // it hangs: its keeper is about to kill it
  await ping(/^STATUS=the hub is started again; /);
  await kill(after.hub, "CONT");
  await ping(/^STATUS=0 online; listening on /);
  const ended = serve.end();
  await socket.nextOf("STOPPING=1");
  assertEquals(await ended, 0);
});
