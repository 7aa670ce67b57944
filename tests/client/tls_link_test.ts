import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { connect } from "../../lib/client/connection/connect.ts";
import { ReconnectingLink } from "../../lib/client/connection/reconnecting_link.ts";
import type { Registration } from "../../lib/client/session/session_event.ts";
import { ServerTrust } from "../../lib/client/trust/server_trust.ts";
import { selfSigned } from "../support/certificates.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { FakeServer, OUR_CAPS } from "./fake_server.ts";

const IDENTITY = await selfSigned();
const OTHER = await selfSigned();
const registration = { nick: "alice", password: "secret" };

/** Somebody's trust, and what they were told; nothing is written to disk. */
function person() {
  const told: string[] = [];
  const warn = (text: string) => told.push(text);
  const trust = new ServerTrust({ dir: undefined, now: Date.now, warn, trustsFirstUse: true });
  return { trust, told };
}

Deno.test("a link over TLS carries what one without it does", async () => {
  await using server = new FakeServer(async (peer) => {
    await peer.welcome(["labeled-response", "batch"]);
    const [, label] = await peer.until(/^@label=(\S+) MOTD/);
    await peer.send(`@label=${label} :fake 422 alice :none`);
    await peer.gone();
  }, IDENTITY);
  const { trust, told } = person();
  const outcome = await server.run(connect({ address: server.address, registration, trust }));
  assert(outcome.kind === "connected", JSON.stringify(outcome));
  const answer = await server.run(outcome.link.request({ command: "MOTD" }));
  assertEquals(answer.kind, "answered");
  await outcome.link.close();
  assertMatch(told[0]!, /^first connection to ircs:/);
});

Deno.test("where nobody may be pinned, a certificate that nobody vouches for is refused", async () => {
  await using server = new FakeServer(async () => {}, IDENTITY);
  const outcome = await connect({ address: server.address, registration });
  assertEquals(outcome, {
    kind: "untrusted",
    text: `the certificate of ircs://127.0.0.1:${server.port} is not trusted: it is self-signed`,
  });
});

Deno.test("another certificate at a reconnection ends it for good: nothing is said to that server", async () => {
  const { trust } = person();
  const first = new FakeServer(async (peer) => {
    await peer.welcome(OUR_CAPS);
  }, IDENTITY); // welcomes, and hangs up
  const { port } = first;
  const over = Promise.withResolvers<string>();
  const moved = Promise.withResolvers<void>();
  const steady = new ReconnectingLink({
    address: first.address,
    registration: () => registration,
    trust,
    signal: new AbortController().signal,
    onEvent: () => {},
    onState: (state) => {
      if (state.kind === "over") over.resolve(`${state.failure.kind}: ${state.failure.text}`);
    },
    sleep: () => moved.promise,
  });
  assertEquals((await steady.start()).kind, "connected");
  await first[Symbol.asyncDispose]();
  const heard: (string | undefined)[] = [];
  await using second = new FakeServer(async (peer) => void heard.push(await peer.next()), OTHER, port);
  moved.resolve();
  assertMatch(
    await second.run(over.promise),
    /^untrusted: ircs:\S+ presents another certificate than before/,
  );
  await steady.close();
  assertEquals(heard.filter((line) => line !== undefined), []);
});

Deno.test("a server without TLS, where it is asked for", async () => {
  await using server = new FakeServer((peer) => peer.send(":fake NOTICE * :hello"));
  const address = { kind: "tls", host: "127.0.0.1", port: server.port } as const;
  assertEquals(await connect({ address, registration, trust: person().trust }), {
    kind: "not_irc",
    text: `ircs://127.0.0.1:${server.port}: the server does not speak TLS`,
  });
});

Deno.test("who waits for a handshake that is never finished is not kept waiting", async () => {
  await using server = new FakeServer((peer) => peer.gone());
  const address = { kind: "tls", host: "127.0.0.1", port: server.port } as const;
  const outcome = await connect({ address, registration, trust: person().trust, timeoutMs: 50 });
  assertEquals(outcome.kind, "timed_out");
});

// 0.0.0.0 leads to this machine, but does not read so: what goes there is held for a network.
Deno.test({
  name:
    "a server that asks for TLS (STS) gets it before anything is negotiated, and again without being asked",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withTempDir(async (dir) => {
      const told: string[] = [];
      const warn = (text: string) => told.push(text);
      const trust = new ServerTrust({ dir, now: Date.now, warn, trustsFirstUse: true });
      await using secure = new FakeServer(async (peer) => {
        await peer.welcome([...OUR_CAPS, "sts=duration=1000"]);
        await peer.gone();
      }, IDENTITY);
      let heard: string[] = [];
      await using plain = new FakeServer(async (peer) => {
        heard = peer.heard;
        await peer.until(/^USER /);
        await peer.send(`:fake CAP * LS :sts=port=${secure.port} ${OUR_CAPS.join(" ")}`);
        await peer.gone();
      });
      const address = { kind: "tcp", host: "0.0.0.0", port: plain.port } as const;
      const claim: Registration = { ...registration, claimKey: "k".repeat(43) };
      for (const visits of [1, 1]) {
        const outcome = await secure.run(connect({ address, registration: claim, trust }));
        assert(outcome.kind === "connected", JSON.stringify(outcome));
        assertEquals(outcome.link.address, { kind: "tls", host: "0.0.0.0", port: secure.port });
        await outcome.link.close();
        assertEquals(heard.filter((line) => line.startsWith("CAP")).length, visits);
      }
      assertEquals(heard.some((line) => /^(?:CLAIM|CAP REQ|AUTHENTICATE)/.test(line)), false);
      assertEquals(told.length, 1);
    }),
});

Deno.test("on this machine a policy for TLS is passed over", async () => {
  await using server = new FakeServer(async (peer) => {
    await peer.welcome([...OUR_CAPS, "sts=port=1"]);
    await peer.gone();
  });
  const outcome = await server.run(connect({ address: server.address, registration, trust: person().trust }));
  assert(outcome.kind === "connected", JSON.stringify(outcome));
  assertEquals(outcome.link.address.kind, "tcp");
  await outcome.link.close();
});
