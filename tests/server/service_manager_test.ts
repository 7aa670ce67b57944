import { assertEquals } from "@std/assert";
import { readServiceEnvironment, ServiceManager } from "../../lib/server/service_manager.ts";
import { NotifySocket } from "../support/notify_socket.ts";
import { pureTest, tempDirTest } from "../support/test.ts";

const LINUX = {
  ignore: Deno.build.os !== "linux",
  permissions: { read: true, write: true, net: true },
} as const;

pureTest("service manager: its socket and its watchdog come from the environment", () => {
  const read = (values: Record<string, string>) => readServiceEnvironment((name) => values[name], [20, 10]);
  const watched = { NOTIFY_SOCKET: "/run/s", WATCHDOG_USEC: "30000000" };
  assertEquals(read({}), undefined);
  assertEquals(read({ WATCHDOG_USEC: "30000000" }), undefined);
  assertEquals(read({ NOTIFY_SOCKET: "vsock:2:1" }), undefined); // a virtual machine's; not a Unix socket
  assertEquals(read({ NOTIFY_SOCKET: "@s" }), { notifySocket: "@s", pingMs: undefined });
  assertEquals(read(watched)?.pingMs, 10_000);
  assertEquals(read({ ...watched, WATCHDOG_PID: "20" })?.pingMs, 10_000);
  assertEquals(read({ ...watched, WATCHDOG_PID: "10" })?.pingMs, 10_000); // of the process that started this one
  assertEquals(read({ ...watched, WATCHDOG_PID: "30" })?.pingMs, undefined);
  for (const micros of ["0", "-1", "soon", "Infinity"]) {
    assertEquals(read({ ...watched, WATCHDOG_USEC: micros })?.pingMs, undefined, micros);
  }
});

for (const kind of ["file", "abstract"]) {
  tempDirTest(`service manager: reports reach a socket that is ${kind}, as lines`, LINUX, async (dir) => {
    using socket = new NotifySocket(
      kind === "file" ? `${dir}/s` : `\0chatterbox-test-${crypto.randomUUID()}`,
    );
    const manager = new ServiceManager({ notifySocket: socket.name, pingMs: undefined });
    await manager.report({ state: "READY", status: "one\nline, " + "long ".repeat(100) });
    const [state, status = ""] = await socket.next();
    assertEquals([state, status.slice(0, 22), status.length], ["READY=1", "STATUS=one line, long ", 207]);
    await manager.report({ state: "STOPPING" });
    assertEquals(await socket.next(), ["STOPPING=1"]);
    manager.startWatchdog(() => Promise.resolve(), () => ""); // none is expected: nothing is started
    manager.close();
  });
}

tempDirTest(
  "service manager: reports at the same time are sent one after another, however slowly they are read",
  LINUX,
  async (dir) => {
    using socket = new NotifySocket(`${dir}/s`);
    const manager = new ServiceManager({ notifySocket: socket.name, pingMs: undefined });
    const states = ["READY", ...Array(50).fill("WATCHDOG"), "RELOADING", "STOPPING"] as const;
    const sent = Promise.all(states.map((state) => manager.report({ state })));
    const heard: string[] = [];
    for (const _ of states) heard.push(...await socket.next());
    assertEquals(heard, states.map((state) => `${state}=1`));
    await sent;
    manager.close();
  },
);

tempDirTest("service manager: a socket that is gone is no error", LINUX, async (dir) => {
  const manager = new ServiceManager({ notifySocket: `${dir}/none`, pingMs: undefined });
  await manager.report({ state: "READY" });
  manager.close();
  await manager.report({ state: "STOPPING" });
});

tempDirTest(
  "service manager: a ping comes after each response, and none while a response is missing",
  LINUX,
  async (dir) => {
    using socket = new NotifySocket(`${dir}/s`);
    const manager = new ServiceManager({ notifySocket: socket.name, pingMs: 1 });
    let asked = 0;
    const hang = Promise.withResolvers<void>();
    const hangs = Promise.withResolvers<void>();
    manager.startWatchdog(() => {
      if (++asked < 3) return Promise.resolve();
      hangs.resolve();
      return hang.promise;
    }, () => `asked ${asked}`);
    assertEquals(await socket.next(), ["WATCHDOG=1", "STATUS=asked 1"]);
    assertEquals(await socket.next(), ["WATCHDOG=1", "STATUS=asked 2"]);
    await hangs.promise;
    for (let n = 0; n < 5; n++) await new Promise((resolve) => setTimeout(resolve, 2)); // several intervals
    await manager.report({ status: "hung" });
    assertEquals(await socket.next(), ["STATUS=hung"]); // nothing came before it
    assertEquals(asked, 3);
    hang.resolve();
    assertEquals(await socket.next(), ["WATCHDOG=1", "STATUS=asked 3"]);
    manager.close();
  },
);
