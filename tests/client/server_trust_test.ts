import { assertEquals, assertMatch } from "@std/assert";
import { parseFingerprint } from "../../lib/client/trust/certificate_pins.ts";
import { parseSts } from "../../lib/client/trust/sts_value.ts";
import { ServerTrust } from "../../lib/client/trust/server_trust.ts";
import type { ServerTrustOptions, TlsAddress } from "../../lib/client/trust/server_trust.ts";
import { pureTest, tempDirTest } from "../support/test.ts";

const CHAT: TlsAddress = { kind: "tls", host: "chat.example", port: 6697 };
const ONE = Array(32).fill("1A").join(":");
const TWO = Array(32).fill("2B").join(":");
const SELF_SIGNED = "it is self-signed";

interface Bench {
  readonly dir: string;
  readonly told: string[];
  now: number;
  /** As a process that has just started, with --trust-first-use. */
  trust(options?: Partial<ServerTrustOptions>): ServerTrust;
}

function trustTest(name: string, fn: (bench: Bench) => void | Promise<void>): void {
  tempDirTest(name, async (home) => {
    const told: string[] = [];
    const bench: Bench = {
      dir: `${home}/chatterbox`,
      told,
      now: 1_000_000,
      trust: (options) =>
        new ServerTrust({
          dir: bench.dir,
          now: () => bench.now,
          warn: (text) => told.push(text),
          trustsFirstUse: true,
          ...options,
        }),
    };
    await fn(bench);
  });
}

function words(verdict: ReturnType<ServerTrust["checkCertificate"]>): string {
  return verdict.kind === "trusted" ? "trusted" : verdict.text;
}

trustTest(
  "a certificate that nobody vouches for is told at the first visit, and known from then on",
  ({ trust, told, dir }) => {
    const shown = { fingerprint: ONE, problem: SELF_SIGNED };
    assertEquals(words(trust().checkCertificate(CHAT, shown)), "trusted");
    assertEquals(told.length, 1);
    assertMatch(
      told[0]!,
      /^first connection to ircs:\/\/chat\.example:6697: .*self-signed.*: SHA256:1A:1A:.*from now on only it is accepted$/,
    );
    assertEquals(words(trust().checkCertificate(CHAT, shown)), "trusted");
    assertEquals(words(trust().checkCertificate({ ...CHAT, host: "CHAT.example" }, shown)), "trusted");
    assertEquals(told.length, 1);
    const path = `${dir}/pins/chat.example_6697`;
    assertEquals(Deno.readTextFileSync(path), `SHA256:${ONE}\n`);
    if (Deno.build.os === "windows") return;
    assertEquals([Deno.statSync(path).mode! & 0o777, Deno.statSync(`${dir}/pins`).mode! & 0o777], [
      0o600,
      0o700,
    ]);
  },
);

trustTest(
  "a certificate that no authority vouches for is refused at the first visit, and its fingerprint is told in full",
  ({ trust, told, dir }) => {
    const certificate = { fingerprint: ONE, problem: SELF_SIGNED };
    const asks = trust({ trustsFirstUse: false });
    const verdict = asks.checkCertificate(CHAT, certificate);
    assertEquals(verdict, {
      kind: "untrusted",
      text:
        `ircs://chat.example:6697 is not known here, and no authority vouches for its certificate (it is self-signed): SHA256:${ONE}`,
      acceptable: { fingerprint: `SHA256:${ONE}`, pinPath: undefined },
      first: { address: CHAT, certificate },
    });
    assertEquals(words(asks.checkCertificate(CHAT, certificate)).startsWith("ircs:"), true, "and again");
    assertEquals(words(asks.accept({ address: CHAT, certificate })), "trusted");
    assertEquals(words(trust({ trustsFirstUse: false }).checkCertificate(CHAT, certificate)), "trusted");
    assertEquals([told, Deno.readTextFileSync(`${dir}/pins/chat.example_6697`)], [[], `SHA256:${ONE}\n`]);
    const other = { fingerprint: TWO, problem: SELF_SIGNED };
    assertMatch(words(asks.accept({ address: CHAT, certificate: other })), /presents another certificate/);
  },
);

trustTest("what only looks writes nothing, and tells each certificate", ({ trust, dir }) => {
  const seen: string[] = [];
  const look = trust({ isReadOnly: true, onCertificate: ({ fingerprint }) => seen.push(fingerprint) });
  assertEquals(words(look.checkCertificate(CHAT, { fingerprint: ONE, problem: SELF_SIGNED })), "trusted");
  assertEquals(words(look.checkCertificate(CHAT, { fingerprint: TWO, problem: undefined })), "trusted");
  look.recordStsValue(CHAT, "duration=100");
  assertEquals(seen, [ONE, TWO]);
  assertEquals(Array.from(Deno.readDirSync(dir.slice(0, dir.lastIndexOf("/")))), []);
});

trustTest(
  "of two processes at their first visit the one that writes it down first decides",
  ({ trust, dir }) => {
    const [one, two] = [{ fingerprint: ONE, problem: SELF_SIGNED }, {
      fingerprint: TWO,
      problem: SELF_SIGNED,
    }];
    const meanwhile = (certificate: typeof one) =>
      trust({
        warn: () =>
          assertEquals(words(trust({ warn: () => {} }).checkCertificate(CHAT, certificate)), "trusted"),
      });
    assertMatch(
      words(meanwhile(two).checkCertificate(CHAT, one)),
      /presents another certificate than before: SHA256:1A/,
    );
    assertEquals(Deno.readTextFileSync(`${dir}/pins/chat.example_6697`), `SHA256:${TWO}\n`);
    assertEquals(Array.from(Deno.readDirSync(`${dir}/pins`)).length, 1);
    Deno.removeSync(`${dir}/pins`, { recursive: true });
    assertEquals(words(meanwhile(one).checkCertificate(CHAT, one)), "trusted");
  },
);

trustTest(
  "another one than before is refused, in words that say what it means and what to do",
  ({ trust, dir }) => {
    trust().checkCertificate(CHAT, { fingerprint: ONE, problem: SELF_SIGNED });
    assertEquals(trust().checkCertificate(CHAT, { fingerprint: TWO, problem: SELF_SIGNED }), {
      kind: "untrusted",
      text:
        `ircs://chat.example:6697 presents another certificate than before: SHA256:${TWO}, not SHA256:${ONE}. ` +
        "The connection may be intercepted, or the server has a new certificate",
      acceptable: { fingerprint: `SHA256:${TWO}`, pinPath: `${dir}/pins/chat.example_6697` },
    });
    assertEquals(
      words(trust().checkCertificate(CHAT, { fingerprint: ONE, problem: SELF_SIGNED })),
      "trusted",
    );
    const elsewhere = { ...CHAT, port: 7000 };
    assertEquals(
      words(trust().checkCertificate(elsewhere, { fingerprint: TWO, problem: SELF_SIGNED })),
      "trusted",
    );
  },
);

trustTest(
  "a changed one is taken when its fingerprint is given, and known from then on",
  ({ trust, told }) => {
    trust().checkCertificate(CHAT, { fingerprint: ONE, problem: SELF_SIGNED });
    const shown = { fingerprint: TWO, problem: SELF_SIGNED };
    const fingerprint = `SHA256:${TWO}`;
    assertEquals(words(trust({ fingerprint }).checkCertificate(CHAT, shown)), "trusted");
    assertEquals(words(trust().checkCertificate(CHAT, shown)), "trusted");
    assertEquals(told.length, 1, "only the first visit");
    const other = words(
      trust({ fingerprint }).checkCertificate(CHAT, { fingerprint: ONE, problem: undefined }),
    );
    assertMatch(other, /not the required one/);
  },
);

trustTest(
  "what an authority vouches for needs no pin, and nothing less is taken afterwards",
  ({ trust, told }) => {
    assertEquals(words(trust().checkCertificate(CHAT, { fingerprint: ONE, problem: undefined })), "trusted");
    assertEquals(words(trust().checkCertificate(CHAT, { fingerprint: TWO, problem: undefined })), "trusted");
    const refused = words(trust().checkCertificate(CHAT, { fingerprint: TWO, problem: SELF_SIGNED }));
    assertMatch(refused, /^until now the certificate of ircs:\/\/chat\.example:6697 was verified, and/);
    assertEquals(told, []);
  },
);

trustTest(
  "what is not valid by the clock here is told as that, and nothing is said of an attack",
  ({ trust, told, dir }) => {
    const problem =
      "it is not valid before 2026-02-01T00:00:00Z, and the clock of this machine says 2020-01-01T00:00:00Z";
    const early = { fingerprint: ONE, problem, isOutOfTime: true };
    trust().checkCertificate(CHAT, { fingerprint: ONE, problem: undefined });
    assertEquals(trust().checkCertificate(CHAT, early), {
      kind: "untrusted",
      text:
        `the certificate of ircs://chat.example:6697 cannot be verified: ${problem}. If the clock is wrong, set it. ` +
        "If it is right, the server needs another certificate",
      acceptable: { fingerprint: `SHA256:${ONE}`, pinPath: undefined },
    });
    assertEquals(
      words(trust().checkCertificate(CHAT, { fingerprint: ONE, problem: undefined })),
      "trusted",
      "when it is set",
    );
    assertEquals(told, []);

    Deno.removeSync(`${dir}/pins`, { recursive: true });
    assertMatch(
      words(trust({ trustsFirstUse: false }).checkCertificate(CHAT, early)),
      /\(it is not valid before .*\): SHA256:[0-9A-F:]{95}\. If the clock is wrong, set it$/,
    );
    assertEquals(words(trust().checkCertificate(CHAT, early)), "trusted", "a first visit");
    assertMatch(
      told.join("\n"),
      /\(it is not valid before .*Z\)\. If the clock is wrong, set it\. Its fingerprint: SHA256:/,
    );
    assertEquals(
      words(trust().checkCertificate(CHAT, early)),
      "trusted",
      "pinned: whose it is does not depend on the time",
    );
    const strict = words(trust({ ca: "PEM" }).checkCertificate(CHAT, early));
    assertMatch(strict, /is not trusted: it is not valid before .*\)\. If the clock is wrong, set it\.$/);
    const other = words(trust().checkCertificate(CHAT, { ...early, fingerprint: TWO }));
    assertMatch(
      other,
      /presents another certificate than before/,
      "of a pinned server another key is another key",
    );
    assertEquals(words(trust().checkCertificate(CHAT, { fingerprint: TWO, problem: undefined })), "trusted");
  },
);

trustTest("a pinned server may go over to a certificate of an authority", ({ trust }) => {
  trust().checkCertificate(CHAT, { fingerprint: ONE, problem: SELF_SIGNED });
  assertEquals(words(trust().checkCertificate(CHAT, { fingerprint: TWO, problem: undefined })), "trusted");
});

trustTest("with --ca nobody is taken at the first visit", ({ trust, told }) => {
  const refused = words(
    trust({ ca: "PEM" }).checkCertificate(CHAT, { fingerprint: ONE, problem: "it has expired" }),
  );
  assertEquals(
    refused,
    `the certificate of ircs://chat.example:6697 is not trusted: it has expired (SHA256:${ONE})`,
  );
  assertEquals(told, []);
});

trustTest("a pin that is damaged is no first visit", ({ trust, dir }) => {
  Deno.mkdirSync(`${dir}/pins`, { recursive: true });
  Deno.writeTextFileSync(`${dir}/pins/chat.example_6697`, "SHA256:1A:\n");
  const refused = words(trust().checkCertificate(CHAT, { fingerprint: ONE, problem: SELF_SIGNED }));
  assertMatch(refused, /chat\.example_6697: neither a fingerprint nor .*; remove it to start over$/);
  assertEquals(words(trust().checkCertificate(CHAT, { fingerprint: ONE, problem: undefined })), "trusted");
  assertEquals(Deno.readTextFileSync(`${dir}/pins/chat.example_6697`), "authority\n", "one takes its place");
});

trustTest("without a folder a server is known as long as the process lives", ({ trust, told }) => {
  const here = trust({ dir: undefined });
  assertEquals(words(here.checkCertificate(CHAT, { fingerprint: ONE, problem: SELF_SIGNED })), "trusted");
  assertMatch(told.at(-1)!, /cannot be remembered: there is no configuration folder/);
  assertMatch(
    words(here.checkCertificate(CHAT, { fingerprint: TWO, problem: SELF_SIGNED })),
    /another certificate/,
  );
});

pureTest("a fingerprint as other programs write it", () => {
  const bare = "1a".repeat(32);
  for (const text of [`SHA256:${ONE}`, ONE, bare, `sha256:${bare}`, ` SHA-256=${ONE}\n`]) {
    assertEquals(parseFingerprint(text), `SHA256:${ONE}`, text);
  }
  for (const text of ["", "SHA256:", ONE.slice(3), `${bare}0`, "x".repeat(64), `SHA1:${ONE}`]) {
    assertEquals(parseFingerprint(text), undefined, text);
  }
});

const PLAIN = { kind: "tcp", host: "chat.example", port: 6667 } as const;

trustTest("a server that has asked for TLS is reached so until the policy expires", (bench) => {
  bench.trust().recordStsValue({ ...CHAT, port: 7000 }, "duration=100,other");
  const routed = () => bench.trust().applyStsPolicy(PLAIN).address;
  assertEquals(routed(), { kind: "tls", host: "chat.example", port: 7000 });
  assertEquals(
    bench.trust().applyStsPolicy({ ...PLAIN, port: 1 }).address.kind,
    "tls",
    "the policy is the host's",
  );
  assertEquals(bench.trust().applyStsPolicy({ ...PLAIN, host: "Chat.Example" }).address.kind, "tls");
  assertEquals(bench.trust().applyStsPolicy({ ...PLAIN, host: "example" }).address.kind, "tcp");
  bench.now += 99_000;
  assertEquals(routed().kind, "tls");
  bench.now += 1_000;
  assertEquals(routed(), PLAIN);
});

trustTest("the policy lasts from the end of the connection on; a duration of 0 ends it at once", (bench) => {
  bench.trust().recordStsValue(CHAT, "duration=100");
  bench.now += 90_000;
  bench.trust().recordStsValue(CHAT, "duration=100");
  bench.now += 90_000;
  assertEquals(bench.trust().applyStsPolicy(PLAIN).address.kind, "tls");
  bench.trust().recordStsValue(CHAT, "duration=0");
  assertEquals(bench.trust().applyStsPolicy(PLAIN).address, PLAIN);
});

trustTest(
  "a policy becomes shorter where the server says so; one that ends within a minute of it is not written again",
  (bench) => {
    const path = `${bench.dir}/sts/chat.example`;
    bench.trust().recordStsValue(CHAT, "duration=15552000");
    const written = Deno.readTextFileSync(path);
    bench.now += 59_999;
    bench.trust().recordStsValue(CHAT, "duration=15552000");
    assertEquals(Deno.readTextFileSync(path), written);
    bench.trust().recordStsValue(CHAT, "duration=100");
    assertEquals(Deno.readTextFileSync(path), `6697 ${bench.now + 100_000}\n`);
    bench.trust().recordStsValue({ ...CHAT, port: 7000 }, "duration=100");
    assertEquals(
      Deno.readTextFileSync(path),
      `7000 ${bench.now + 100_000}\n`,
      "another port is another policy",
    );
    bench.now += 100_000;
    assertEquals(bench.trust().applyStsPolicy(PLAIN).address, PLAIN);
  },
);

trustTest("this machine is not asked to hide from itself", (bench) => {
  for (const host of ["localhost", "127.0.0.1", "::1"]) {
    bench.trust().recordStsValue({ ...CHAT, host }, "duration=100");
    assertEquals(bench.trust().applyStsPolicy({ ...PLAIN, host }).address.kind, "tcp");
  }
});

pureTest("the value of sts: keys that are not known, and values that make no sense, are ignored", () => {
  assertEquals(parseSts("port=6697"), { port: 6697, seconds: undefined });
  assertEquals(parseSts("duration=15552000,preload,port=1"), { port: 1, seconds: 15552000 });
  assertEquals(parseSts("port=0,duration=-1"), { port: undefined, seconds: undefined });
  assertEquals(parseSts("port=65536,duration=1.5"), { port: undefined, seconds: undefined });
  assertEquals(parseSts("duration=9999999999").seconds, 9_999_999_999);
  assertEquals(parseSts("duration=10000000000").seconds, undefined, "longer than a policy can be kept");
  assertEquals(parseSts(""), { port: undefined, seconds: undefined });
});
