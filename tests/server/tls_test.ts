import { assertEquals, assertMatch } from "@std/assert";
import { X509Certificate } from "node:crypto";
import { assert } from "../../lib/base/assert.ts";
import type { TlsIdentity } from "../../lib/net/tls/tls_conn.ts";
import { describeValidity, readCertificate, TlsAcceptor } from "../../lib/server/listen/certificate.ts";
import { loadOrMakeSelfSigned as certificateOf } from "../../lib/server/listen/self_signed_certificate.ts";
import { runServer } from "../support/chat_server.ts";
import type { RunningServer, RunOptions } from "../support/chat_server.ts";
import { Authority, selfSigned } from "../support/certificates.ts";
import { comesTrue, readToEnd } from "../support/guard.ts";
import { SocketClient } from "../support/socket_client.ts";
import { withTempDir } from "../support/temp_dir.ts";

const IDENTITY = await selfSigned();

interface Secured {
  readonly running: RunningServer;
  readonly door: TlsAcceptor;
  readonly port: number;
  /** Replaces the files of the certificate. */
  put(identity: Partial<TlsIdentity>): Promise<void>;
  /** A client that trusts `identity`; rejects where the server shows another one. */
  client(nick: string, identity?: TlsIdentity): Promise<SocketClient>;
}

/** A server with a door for TLS beside the plain one. */
async function withTls(fn: (secured: Secured) => Promise<void>, options: RunOptions = {}): Promise<void> {
  const dir = await Deno.makeTempDir();
  const files = { cert: `${dir}/cert.pem`, key: `${dir}/key.pem` };
  const put = async ({ cert, key }: Partial<TlsIdentity>) => {
    if (cert !== undefined) await Deno.writeTextFile(files.cert, cert);
    if (key !== undefined) await Deno.writeTextFile(files.key, key, { mode: 0o600 });
  };
  await put(IDENTITY);
  const opened = await TlsAcceptor.open(files);
  assert(opened.kind === "ok", JSON.stringify(opened));
  const running = await runServer(options);
  const { acceptor: door } = opened;
  const outcome = await running.server.listen({ kind: "tls", host: "127.0.0.1", port: 0 }, door.wrap);
  assert(outcome.kind === "listening" && outcome.address.kind === "tls", JSON.stringify(outcome));
  const { port } = outcome.address;
  const client = async (nick: string, { cert } = IDENTITY) => {
    const conn = await Deno.connectTls({ hostname: "127.0.0.1", port, caCerts: [cert] });
    await conn.handshake().catch((error) => {
      conn.close();
      throw error;
    });
    const client = SocketClient.over(conn);
    await client.send(`NICK ${nick}\r\nUSER ${nick} 0 * :${nick}\r\nJOIN #lobby`);
    await client.barrier();
    client.take();
    return client;
  };
  try {
    await fn({ running, door, port, put, client });
  } finally {
    await running.stop();
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("whose connection is over TLS is said in WHOIS, and of nobody else", () =>
  withTls(async ({ running, client }) => {
    const alice = await client("alice");
    const bob = await SocketClient.connect(running.address);
    await bob.send("NICK bob\r\nUSER bob 0 * :bob\r\nJOIN #lobby");
    await bob.barrier();
    bob.take();
    await bob.send("PRIVMSG #lobby :hello\r\nWHOIS alice\r\nWHOIS bob");
    await bob.barrier();
    assertEquals(bob.take().filter((line) => line.includes(" 671 ")), [
      ":irc.test 671 bob alice :is using a secure connection",
    ]);
    await alice.barrier();
    assertEquals(alice.take().at(-1), ":bob!~bob@127.0.0.1 PRIVMSG #lobby :hello");
    alice.close();
    bob.close();
  }));

Deno.test("a new certificate is for those who come from then on; who is there stays", () =>
  withTls(async ({ door, client, put }) => {
    const before = await client("alice");
    const renewed = await selfSigned();
    await put(renewed);
    assertEquals((await door.reload()).kind, "ok");
    assertEquals(door.certificate.fingerprint, `SHA256:${new X509Certificate(renewed.cert).fingerprint256}`);
    const after = await client("bob", renewed);
    let refused = false;
    await client("carol").catch(() => refused = true);
    assertEquals(refused, true, "the old certificate is shown no more");
    await after.send("PRIVMSG alice :still there?");
    await after.barrier();
    await before.barrier();
    assertMatch(before.take().at(-1)!, /PRIVMSG alice :still there\?$/);
    before.close();
    after.close();
  }));

Deno.test("a certificate that will not do is not taken: the old one stays", () =>
  withTls(async ({ door, client, put }) => {
    const cases: [Partial<TlsIdentity>, RegExp][] = [
      [
        await selfSigned().then(({ key }) => ({ key })),
        /key\.pem: this is not the key of the certificate in /,
      ],
      [{ cert: "no PEM" }, /cert\.pem: not PEM/],
      [{ cert: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" }, /cert\.pem: ./],
      [
        { cert: IDENTITY.cert, key: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n" },
        /key\.pem: ./,
      ],
    ];
    for (const [identity, why] of cases) {
      await put(identity);
      const read = await door.reload();
      assertMatch(read.kind === "bad" ? `${read.path}: ${read.why}` : "taken", why);
    }
    (await client("alice")).close();
  }));

Deno.test("who does not finish the handshake, or begins none, is let go; others are served meanwhile", () =>
  withTls(async ({ running, port, client }) => {
    const { server } = running;
    const before = server.hub.context.state.sessions.size;
    const silent = await Deno.connect({ hostname: "127.0.0.1", port });
    const half = await Deno.connect({ hostname: "127.0.0.1", port });
    await half.write(new Uint8Array([0x16, 3, 1, 2, 0, 1, 0])); // the beginning of a handshake
    const plain = await SocketClient.connect({ kind: "tcp", host: "127.0.0.1", port });
    await plain.send("NICK eve");
    await plain.ended();
    assertEquals(plain.take(), ["ERROR :Closing Link: this port speaks TLS", "(closed)"]);
    const alice = await client("alice");
    assertEquals(server.hub.context.state.sessions.size, before + 3);
    await server.turnQueue.run((hub, now) => hub.tick(now + 31_000)); // alice is asked for a sign of life
    for (const conn of [silent, half]) {
      await readToEnd(conn).catch(() => {}); // until the server closes
    }
    await alice.barrier();
    await comesTrue("alice alone is left", () => server.hub.context.state.sessions.size <= before + 1);
    alice.close();
  }));

Deno.test("the policy to come by TLS only is told: plain connections where, those with TLS for how long", () =>
  withTls(async ({ running, client, port }) => {
    running.server.hub.reconfigure({ sts: { port, seconds: 3600 } });
    const plain = await SocketClient.connect(running.address);
    await plain.send("CAP LS 302");
    await plain.barrier();
    assertMatch(plain.take()[0]!, new RegExp(` CAP \\* LS (\\* )?:sts=port=${port} `));
    const alice = await client("alice");
    await alice.send("CAP LS 302");
    await alice.barrier();
    assertMatch(alice.take()[0]!, / CAP alice LS (\* )?:sts=duration=3600 /);
    plain.close();
    alice.close();
  }));

Deno.test("a certificate is made once, for this machine and the hosts that are named, and nobody else can read its key", () =>
  withTempDir(async (dir) => {
    const now = Date.now();
    const made = await certificateOf(dir, ["chat.example", "192.0.2.1"], now);
    assert(made.kind === "ok" && made.created, JSON.stringify(made));
    const first = await readCertificate(made.files);
    assert(first.kind === "ok", JSON.stringify(first));
    const shown = new X509Certificate(first.certificate.cert);
    for (const host of ["localhost", "chat.example"]) assertEquals(shown.checkHost(host), host);
    for (const ip of ["127.0.0.1", "::1", "192.0.2.1"]) assertEquals(shown.checkIP(ip), ip);
    assertEquals(shown.ca, false);
    const years = (first.certificate.expiresAt - now) / (365 * 86_400_000);
    assertEquals([Math.round(years), describeValidity(first.certificate, now)], [10, undefined]);
    const again = await certificateOf(dir, [], now);
    assert(again.kind === "ok" && !again.created, JSON.stringify(again));
    const second = await readCertificate(again.files);
    assertEquals(second, first);
    if (Deno.build.os !== "windows") {
      assertEquals((await Deno.stat(`${dir}/tls`)).mode! & 0o777, 0o700);
      assertEquals((await Deno.stat(made.files.key)).mode! & 0o777, 0o600);
    }
    await Deno.remove(made.files.key);
    const lost = await certificateOf(dir, [], now);
    assertMatch(lost.kind === "bad" ? lost.why : "made anew", /^its key .* is missing; restore it, or/);
  }));

Deno.test("that a certificate is not valid yet, ends soon, or has ended, is told with both times", async () => {
  const authority = await Authority.create();
  await withTempDir(async (dir) => {
    const files = { cert: `${dir}/c`, key: `${dir}/k` };
    for (
      const [days, begins, words] of [
        [30, -1, /^fine$/],
        [10, -1, /^the certificate expires at \S+Z$/],
        [
          -1,
          -10,
          /^the certificate has expired at \S+Z, and the clock of this machine says \S+Z: clients refuse/,
        ],
        [
          30,
          1,
          /^the certificate is not valid before \S+Z, and the clock of this machine says \S+Z: clients refuse/,
        ],
      ] as const
    ) {
      const { cert, key } = await authority.issue("chat.example", days, begins);
      await Deno.writeTextFile(files.cert, cert);
      await Deno.writeTextFile(files.key, key, { mode: 0o600 });
      const read = await readCertificate(files);
      assert(read.kind === "ok", JSON.stringify(read));
      assertMatch(describeValidity(read.certificate, Date.now()) ?? "fine", words);
    }
  });
});
