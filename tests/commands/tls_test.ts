import { assertEquals, assertMatch } from "@std/assert";
import { Authority, selfSigned } from "../support/certificates.ts";
import { endOf } from "../support/guard.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { POSIX } from "../support/test.ts";
import { linesOf, program, start } from "./program.ts";

const NONE_ONLINE = "chatterbox: no users are online\n";

/** `serve` with a door for TLS on a free port, and the lines that it has said so far. */
class SecureServe {
  readonly #child: Deno.ChildProcess;
  readonly #lines: AsyncGenerator<string>;
  readonly said: string[] = [];
  url = "";

  constructor(home: string, ...flags: string[]) {
    this.#child = start(["serve", "--tls", "127.0.0.1:0", ...flags], home);
    this.#child.stderr.pipeTo(new WritableStream()); // read, so that it cannot fill up
    this.#lines = linesOf(this.#child.stdout);
  }

  async line(pattern: RegExp): Promise<RegExpExecArray> {
    for (let next = await this.#lines.next(); !next.done; next = await this.#lines.next()) {
      this.said.push(next.value);
      const match = pattern.exec(next.value);
      if (match !== null) return match;
    }
    throw new Error(`serve ended before a line like ${pattern}: ${this.said.join("\n")}`);
  }

  async listening(): Promise<string> {
    return this.url = (await this.line(/listening on (ircs:\/\/127\.0\.0\.1:\d+)$/))[1]!;
  }

  signal(name: Deno.Signal): void {
    this.#child.kill(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    for await (const _ of this.#lines);
    await endOf(this.#child);
  }
}

Deno.test(
  "TLS with a certificate that serve has made: refused in a script unless allowed, then pinned; refused when it is another",
  POSIX,
  () =>
    withTempDir(async (home) => {
      const data = ["--data-dir", `${home}/data`];
      let url: string;
      let known: string;
      {
        await using serve = new SecureServe(home, "--tls-self-signed", ...data);
        known = (await serve.line(/certificate (SHA256:[0-9A-F:]{95})$/))[1]!;
        url = await serve.listening();
        await serve.line(/join alice --server ircs:\/\/127\.0\.0\.1:\d+$/);
        const hello = ["send", "#lobby", "hello", "--from", "alice", "--server", url];
        const unknown = await program(hello, home);
        assertEquals([unknown.code, unknown.out], [77, ""]);
        assertMatch(
          unknown.err,
          new RegExp(
            `^chatterbox: ircs://\\S+ is not known here, and no authority vouches for its certificate \\(it is ` +
              `self-signed\\): ${known}\\. .* --fingerprint ${known}; --trust-first-use accepts it unseen\n$`,
          ),
        );
        assertEquals(await Array.fromAsync(filesIn(`${home}/chatterbox/pins`)).catch(() => []), []);
        const byVariable = { env: { CHATTERBOX_TRUST_FIRST_USE: "1", XDG_CONFIG_HOME: `${home}/other` } };
        assertEquals((await program(["list", "--server", url], home, byVariable)).code, 0);
        const first = await program([...hello, "--trust-first-use"], home);
        assertEquals(first.code, 0, first.err);
        assertMatch(first.err, /^chatterbox: first connection to ircs:/);
        assertEquals(first.err.includes(known), true, first.err);
        const again = await program(["logs", "--server", url], home);
        assertEquals([again.code, again.err], [0, ""]);
        assertMatch(again.out, /alice: hello/);
      }
      await Deno.remove(`${home}/data/tls`, { recursive: true });
      const port = url.slice(url.lastIndexOf(":") + 1);
      await using _other = new SecureServe(home, "--tls", `127.0.0.1:${port}`, "--tls-self-signed", ...data);
      await _other.line(new RegExp(`listening on ircs://127\\.0\\.0\\.1:${port}$`));
      const refused = await program(["list", "--server", url], home);
      assertEquals([refused.code, refused.out], [77, ""]);
      assertMatch(refused.err, /presents another certificate than before: .*may be intercepted/);
      const [, fingerprint = ""] = /--fingerprint (SHA256:[0-9A-F:]{95})/.exec(refused.err)!;
      const accepted = await program(["list", "--server", url, "--fingerprint", fingerprint], home);
      assertEquals([accepted.code, accepted.err], [0, NONE_ONLINE]);
      assertEquals((await program(["list", "--server", url], home)).code, 0);
    }),
);

Deno.test(
  "TLS with a certificate that is not valid yet: the server says so at its start and at SIGHUP, and so does a client",
  POSIX,
  () =>
    withTempDir(async (home) => {
      const { cert, key } = await (await Authority.create()).issue("127.0.0.1", 30, 1);
      const files = [`${home}/cert.pem`, `${home}/key.pem`] as const;
      await Deno.writeTextFile(files[0], cert);
      await Deno.writeTextFile(files[1], key, { mode: 0o600 });
      await using serve = new SecureServe(home, "--tls-cert", files[0], "--tls-key", files[1]);
      const warning =
        /warning: the certificate is not valid before \S+Z, and the clock of this machine says \S+Z/;
      await serve.line(warning);
      const url = await serve.listening();
      await serve.line(/join alice --server /); // by then it listens to signals
      serve.signal("SIGHUP");
      await serve.line(warning);
      const early = await program(["list", "--server", url], home);
      assertEquals(early.code, 77);
      assertMatch(
        early.err,
        /\(it is not valid before .*SHA256:\S+\. If the clock is wrong, set it\. If the/,
      );
      const first = await program(["list", "--server", url, "--trust-first-use"], home);
      assertEquals(first.code, 0, first.err);
      assertMatch(
        first.err,
        /first connection to .*\(it is not valid before .*If the clock is wrong, set it\./,
      );
      // As it was when the clock was right.
      const [pin = ""] = await Array.fromAsync(filesIn(`${home}/chatterbox/pins`));
      await Deno.writeTextFile(pin, "authority\n");
      const refused = await program(["list", "--server", url], home);
      assertEquals([refused.code, refused.out], [77, ""]);
      assertMatch(
        refused.err,
        /cannot be verified: it is not valid before .*Z\. If the clock is wrong, set it\./,
      );
      assertEquals(refused.err.includes("intercepted"), false, refused.err);
      const strict = await program(["list", "--server", url, "--ca", files[0]], home);
      assertEquals(strict.code, 77, strict.err);
    }),
);

async function* filesIn(folder: string): AsyncGenerator<string> {
  for await (const { name } of Deno.readDir(folder)) yield `${folder}/${name}`;
}

Deno.test(
  "TLS with a certificate of one's own: --ca, reread on SIGHUP, and what is wrong with it",
  POSIX,
  () =>
    withTempDir(async (home) => {
      const { cert, key } = await selfSigned();
      const files = [`${home}/cert.pem`, `${home}/key.pem`] as const;
      await Deno.writeTextFile(files[0], cert);
      await Deno.writeTextFile(files[1], "no key", { mode: 0o600 });
      const flags = ["--tls-cert", files[0], "--tls-key", files[1]];
      const bad = await program(["serve", "--tls", "127.0.0.1:0", ...flags], home);
      assertEquals([bad.code, bad.err], [74, `chatterbox: ${files[1]}: not PEM (-----BEGIN …)\n`]);
      await Deno.writeTextFile(files[1], key);
      await using serve = new SecureServe(home, ...flags);
      const url = await serve.listening();
      const trusted = await program(["list", "--server", url, "--ca", files[0]], home);
      assertEquals([trusted.code, trusted.err], [0, NONE_ONLINE]);
      const stranger = await program(["list", "--server", url], home);
      assertEquals(stranger.code, 77, "until now an authority vouched for it");

      await Deno.writeTextFile(files[0], "damaged");
      serve.signal("SIGHUP");
      await serve.line(/warning: .*cert\.pem: not PEM .*; the previous certificate stays in use$/);
      const renewed = await selfSigned();
      await Deno.writeTextFile(files[0], renewed.cert);
      await Deno.writeTextFile(files[1], renewed.key);
      serve.signal("SIGHUP");
      await serve.line(/certificate SHA256:/);
      assertEquals((await program(["list", "--server", url, "--ca", files[0]], home)).code, 0);
    }),
);

Deno.test(
  "serve: a door to a network without TLS is warned of, with what to do",
  POSIX,
  () =>
    withTempDir(async (home) => {
      await using serve = new SecureServe(home, "--tls-self-signed", "--listen", "0.0.0.0:0");
      const [text] = await serve.line(/warning: any host that reaches 0\.0\.0\.0:\d+ can join.*/);
      assertMatch(
        text,
        /can be read on the network: --tls HOST:PORT --tls-self-signed encrypts it, --password-file/,
      );
      await serve.listening();
      assertEquals(serve.said.filter((line) => line.includes("warning")).length, 1);
    }),
);

Deno.test("flags for TLS that make no sense", () =>
  withTempDir(async (home) => {
    for (
      const [args, code, why] of [
        [["serve", "--tls", ":0"], 64, /--tls-cert FILE and --tls-key FILE, or --tls-self-signed/],
        [["list", "--fingerprint", "SHA256:12"], 64, /--fingerprint SHA256:12: not SHA256: and 64 hex/],
        [["list", "--ca", `${home}/nowhere`], 78, /nowhere: /],
      ] as const
    ) {
      const { code: got, err } = await program(args, home);
      assertEquals(got, code, err);
      assertMatch(err, why);
    }
  }));
