/** Chats with several addresses: which one is connected to, and what a failure tells. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { connect } from "../../lib/client/connection/connect.ts";
import type { ConnectOutcome, Link } from "../../lib/client/connection/link.ts";
import { ReconnectingLink } from "../../lib/client/connection/reconnecting_link.ts";
import { ServerList } from "../../lib/client/session/server_list.ts";
import { formatAddress } from "../../lib/net/address.ts";
import type { Address } from "../../lib/net/address.ts";
import { selfSigned } from "../support/certificates.ts";
import { FakeServer, fakeServerTest } from "./fake_server.ts";
import type { Script } from "./fake_server.ts";

const welcoming: Script = async (peer) => {
  await peer.welcome();
  await peer.gone();
};

/** An address at which nothing listens. */
function deadAddress(): Address {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return { kind: "tcp", host: "127.0.0.1", port: listener.addr.port };
}

function connectTo(servers: ServerList, timeoutMs?: number): Promise<ConnectOutcome> {
  const [address] = servers.inOrder();
  return connect({ address: address!, registration: { nick: "alice", servers }, timeoutMs });
}

function linkOf(outcome: ConnectOutcome): Link {
  assert(outcome.kind === "connected", JSON.stringify(outcome));
  return outcome.link;
}

fakeServerTest("several servers: the first that answers is taken, and kept", welcoming, async (server) => {
  const [dead, other] = [deadAddress(), deadAddress()];
  const servers = new ServerList([dead, server.address, other]);
  const listed = servers.inOrder();
  const link = linkOf(await connectTo(servers));
  assertEquals(link.address, server.address);
  await link.close();
  assertEquals(servers.inOrder(), [listed[1], listed[2], listed[0]]);
  const second = linkOf(await connectTo(servers));
  assertEquals(second.address, server.address);
  await second.close();
});

Deno.test("several servers: the next one follows a connection that is lost, after the shortest pause", async () => {
  const cut = Promise.withResolvers<void>();
  await using first = new FakeServer(async (peer) => {
    await peer.welcome();
    await cut.promise;
  });
  await using second = new FakeServer(welcoming);
  const dead = deadAddress();
  const servers = new ServerList([first.address, dead, second.address]);
  const back = Promise.withResolvers<Link>();
  const pauses: number[] = [];
  const steady = new ReconnectingLink({
    address: servers.inOrder()[0]!,
    registration: () => ({ nick: "alice", servers }),
    signal: new AbortController().signal,
    onEvent: () => {},
    onState: (state) => state.kind === "up" && state.again && back.resolve(state.link),
    sleep: (ms) => Promise.resolve(void pauses.push(ms)),
    random: () => 0,
  });
  linkOf(await first.run(steady.start()));
  cut.resolve();
  const link = await second.run(back.promise);
  assertEquals([link.address, pauses], [second.address, [500]]);
  await steady.close();
});

fakeServerTest(
  "several servers: a connection that closed before the registration was over is followed by the next",
  async (peer, nth) => {
    if (nth === 0) return await peer.send("ERROR :too many connections");
    await welcoming(peer, nth);
  },
  async (server) => {
    const servers = new ServerList([server.address, { ...server.address, host: "localhost" } as Address]);
    const link = linkOf(await connectTo(servers));
    assertEquals(formatAddress(link.address), `localhost:${server.port}`);
    await link.close();
  },
);

Deno.test("several servers: a failure tells all that were tried", async () => {
  const [one, two] = [deadAddress(), deadAddress()];
  const outcome = await connectTo(new ServerList([one, two]));
  assertEquals(outcome, {
    kind: "unreachable",
    text: `cannot reach ${formatAddress(two)}: connection refused`,
    address: two,
    earlier: [`cannot reach ${formatAddress(one)}: connection refused`],
  });
});

Deno.test("several servers: of several failures the one counts that may pass", async () => {
  await using silent = new FakeServer((peer) => peer.gone());
  const dead = deadAddress();
  const outcome = await silent.run(connectTo(new ServerList([silent.address, dead]), 200));
  assertEquals(outcome, {
    kind: "timed_out",
    text: `${formatAddress(silent.address)} did not answer within 0.1 s`,
    address: silent.address,
    earlier: [`cannot reach ${formatAddress(dead)}: connection refused`],
  });
});

fakeServerTest("several servers: what each would answer ends the attempt", async (peer, nth) => {
  assertEquals(nth, 0);
  await peer.until(/^USER/);
  await peer.send(":fake 464 * :Password incorrect");
}, async (server) => {
  const servers = new ServerList([server.address, { ...server.address, host: "localhost" } as Address]);
  assertEquals(await connectTo(servers), {
    kind: "refused",
    reason: "password",
    text: "Password incorrect",
    address: server.address,
    earlier: [],
  });
});

Deno.test("several servers: a certificate that is not trusted is not passed over", async () => {
  await using server = new FakeServer(async () => {}, await selfSigned());
  await using other = new FakeServer(() => Promise.reject(new Error("it is connected to")));
  const outcome = await other.run(connectTo(new ServerList([server.address, other.address])));
  assertEquals([outcome.kind, "address" in outcome && outcome.address], ["untrusted", server.address]);
});
