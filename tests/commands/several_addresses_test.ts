import { assertEquals, assertMatch } from "@std/assert";
import { command as key } from "../../commands/key.ts";
import { command as register } from "../../commands/register.ts";
import { command as send } from "../../commands/send.ts";
import { command as unregister } from "../../commands/unregister.ts";
import type { Command } from "../../lib/cli/command.ts";
import type { HubLimits } from "../../lib/hub/model/config.ts";
import type { Address } from "../../lib/net/address.ts";
import { formatAddress } from "../../lib/net/address.ts";
import { runServer } from "../support/chat_server.ts";
import type { RunningServer } from "../support/chat_server.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { run } from "./run_command.ts";
import type { Run } from "./program.ts";

/** Runs a command of one person, on one machine. */
type At = (address: Address, command: Command, line: string) => Promise<Run>;

interface Place {
  readonly at: At;
  /** A server of ours, gone at the end. */
  readonly serve: (limits?: Partial<HubLimits>) => Promise<RunningServer>;
}

function severalServersTest(name: string, body: (place: Place) => Promise<void>) {
  Deno.test({
    name: `several addresses: ${name}`,
    permissions: { net: true, read: true, write: true, sys: ["umask"] },
    ignore: Deno.build.os === "windows", // which has no Unix sockets, and does not reach itself by 0.0.0.0
    async fn() {
      const home = await Deno.makeTempDir();
      const env = { XDG_CONFIG_HOME: home, XDG_STATE_HOME: home };
      const servers: RunningServer[] = [];
      try {
        await body({
          at: (address, command, line) =>
            run(command, [...line.split(" "), "--server", formatAddress(address)], { env }),
          serve: async (limits = {}) => {
            const server = await runServer({ config: { accounts: "open", limits } });
            servers.push(server);
            return server;
          },
        });
      } finally {
        for (const server of servers) await server.stop();
        await Deno.remove(home, { recursive: true });
      }
    },
  });
}

async function openDoor({ server }: RunningServer, wanted: Address): Promise<Address> {
  const outcome = await server.listen(wanted);
  if (outcome.kind !== "listening") throw new Error(outcome.why);
  return outcome.address;
}

/** Where nobody can say who listens. */
function inTheOpen(address: Address & { kind: "tcp" }): Address {
  return { ...address, host: "0.0.0.0" };
}

const SENT: Run = { code: 0, out: "", err: "" };

severalServersTest(
  "by whichever its server is reached, the name is ours; the key is kept for each",
  async ({ at, serve }) => {
    const server = await serve();
    await withTempDir(async (dir) => {
      const doors = [
        server.address,
        await openDoor(server, { kind: "tcp", host: "127.0.0.1", port: 0 }),
        await openDoor(server, { kind: "unix", path: `${dir}/s` }),
      ];
      for (const door of doors) assertEquals(await at(door, send, "#lobby --from alice hi"), SENT);
      const prints = await Promise.all(doors.map((door) => at(door, key, "show alice")));
      assertEquals(new Set(prints.map(({ out }) => /fingerprint \S+/.exec(out)?.[0])).size, 1);
      for (const door of doors) assertEquals(await at(door, send, "#lobby --from alice again"), SENT);
    });
  },
);

severalServersTest("who passes on what it hears does not become us", async ({ at, serve }) => {
  const { address } = await serve();
  assertEquals(await at(address, send, "#lobby --from alice hi"), SENT);
  await using between = new FaultProxy(address);
  const refused = await at(between.address, send, "#lobby --from alice hi");
  assertEquals(refused.code, 77);
  assertMatch(refused.err, /the name alice is registered on/);
  assertEquals((await at(between.address, key, "show alice")).code, 67);
});

severalServersTest(
  "a server that knows the name no more does not hear its key; register gives it a new one",
  async ({ at, serve }) => {
    const { address } = await serve();
    await using wire = new FaultProxy(address);
    const open = inTheOpen(wire.address);
    assertEquals(await at(open, send, "#lobby --from alice hi"), SENT);
    const before = await at(open, key, "export alice -");
    wire.upstream = (await serve()).address;
    const refused = await at(open, send, "#lobby --from alice hi");
    assertEquals(refused.code, 77);
    assertMatch(
      refused.err,
      /does not know the key of alice: .* set up anew, chatterbox register alice makes the name yours again/,
    );
    const anew = await at(open, register, "alice");
    assertEquals([anew.code, anew.err], [0, ""]);
    const [, kept = ""] = /the previous key is kept in (.*)\n/.exec(anew.out) ?? [];
    assertEquals(await Deno.readTextFile(kept), before.out);
    assertEquals(await at(open, send, "#lobby --from alice hi"), SENT);
    assertEquals((await at(open, key, "export alice -")).out === before.out, false);
  },
);

severalServersTest("where the name is somebody else's, the key of before stays", async ({ at, serve }) => {
  const { address } = await serve();
  await using wire = new FaultProxy(address);
  const open = inTheOpen(wire.address);
  assertEquals(await at(open, send, "#lobby --from alice hi"), SENT);
  const before = await at(open, key, "export alice -");
  const other = await serve();
  const env = { XDG_CONFIG_HOME: await Deno.makeTempDir() };
  try {
    const taken = ["alice", "--server", formatAddress(other.address)];
    assertEquals((await run(register, taken, { env })).code, 0);
  } finally {
    await Deno.remove(env.XDG_CONFIG_HOME, { recursive: true });
  }
  wire.upstream = other.address;
  assertEquals((await at(open, register, "alice")).code, 77);
  assertEquals(await at(open, key, "export alice -"), before);
  wire.upstream = address;
  assertEquals(await at(open, send, "#lobby --from alice hi"), SENT);
});

severalServersTest(
  "a name that was given back may be taken again, with the same key",
  async ({ at, serve }) => {
    const { address } = await serve();
    await using wire = new FaultProxy(address);
    const open = inTheOpen(wire.address);
    assertEquals((await at(open, register, "alice")).code, 0);
    assertEquals((await at(open, unregister, "alice --yes")).code, 0);
    assertEquals(await at(open, send, "#lobby --from alice hi"), SENT);
  },
);

severalServersTest("too many accounts from here: register ends with 75", async ({ at, serve }) => {
  const { address } = await serve({ registrations: { count: 1, ms: 3_600_000 }, exempt: [] });
  assertEquals((await at(address, register, "alice")).code, 0);
  const late = await at(address, register, "bob");
  assertEquals(late.code, 75);
  assertMatch(late.err, /refuses to register bob: Too many registrations/);
});
