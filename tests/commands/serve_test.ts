import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { comesTrue, endOf } from "../support/guard.ts";
import { SocketClient } from "../support/socket_client.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { POSIX } from "../support/test.ts";
import { needs } from "../tools.ts";
import { linesOf, program, start } from "./program.ts";
import { Pty } from "./pty.ts";

/** `serve` as a process: its lines as they come, and its end. */
class Serve {
  readonly child: Deno.ChildProcess;
  readonly #lines: AsyncGenerator<string>;
  readonly stderr: Promise<string>;

  constructor(readonly home: string, ...flags: string[]) {
    this.child = start(["serve", "--listen", "127.0.0.1:0", ...flags], home);
    this.#lines = linesOf(this.child.stdout);
    this.stderr = new Response(this.child.stderr).text();
  }

  /** The next line that `pattern` matches. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    for (let next = await this.#lines.next(); !next.done; next = await this.#lines.next()) {
      const match = pattern.exec(next.value);
      if (match !== null) return match;
    }
    throw new Error(`serve ended before a line like ${pattern}; it said: ${await this.stderr}`);
  }

  async port(): Promise<number> {
    return Number((await this.line(/listening on 127\.0\.0\.1:(\d+)/))[1]);
  }

  async client(nick: string, port: number, ...before: string[]): Promise<SocketClient> {
    const client = await SocketClient.connect({ kind: "tcp", host: "127.0.0.1", port });
    for (const line of [...before, `NICK ${nick}`, `USER ${nick} 0 * :${nick}`]) await client.send(line);
    await client.barrier();
    return client;
  }
}

Deno.test(
  "serve says where it listens and what to type next; SIGTERM: everybody told, log synced, exit 0",
  POSIX,
  () =>
    withTempDir(async (home) => {
      const serve = new Serve(home);
      await serve.line(/history in .*log\.ring: new, empty/);
      const port = await serve.port();
      await serve.line(/join alice --server 127\.0\.0\.1:\d+/);
      const client = await serve.client("alice", port);
      await serve.line(/alice connected from 127\.0\.0\.1/);
      for (const line of ["JOIN #lobby", "PRIVMSG #lobby :one", "PRIVMSG #lobby :two"]) {
        await client.send(line);
      }
      await client.barrier();
      serve.child.kill("SIGTERM");
      await serve.line(/stopped: 2 messages in the ring, safe on disk/);
      assertEquals((await endOf(serve.child)).code, 0);
      await client.ended();
      assertMatch(client.take().at(-2)!, /^ERROR :.*Server shutting down/);
    }),
);

Deno.test(
  "serve: after kill -9 and a restart the synced history is there, under the same ids",
  POSIX,
  () =>
    withTempDir(async (home) => {
      const first = new Serve(home, "--sync", "always");
      const caps = "CAP REQ :message-tags batch draft/chathistory echo-message";
      const before = await first.client("alice", await first.port(), caps, "CAP END");
      await before.send("JOIN #lobby");
      await before.send("PRIVMSG #lobby :still here?");
      await before.barrier(); // with --sync always the echo is on disk
      const echo = before.take().find((line) => line.includes("still here?"))!;
      first.child.kill("SIGKILL");
      await endOf(first.child);

      const second = new Serve(home);
      await second.line(/records? recovered/);
      const after = await second.client("alice", await second.port(), caps, "CAP END");
      after.take();
      await after.send("CHATHISTORY LATEST #lobby * 10");
      await after.barrier();
      const replayed = after.take().find((line) => line.includes("still here?"));
      assertEquals(replayed?.replace(/batch=\w+;?/, ""), echo);
      second.child.kill("SIGTERM");
      await second.line(/stopped: 1 message in the ring, safe/);
      await endOf(second.child);
      before.close();
      after.close();
    }),
);

for (const sync of ["always", "10ms", "1s"]) {
  Deno.test(
    `serve, --sync ${sync}: after kill -9 a direct message that waits is there, though the log has gone round since`,
    POSIX,
    () => withTempDir((home) => killLapped(home, sync)),
  );
}

async function readLatin1(path: string): Promise<string> {
  return new TextDecoder("latin1").decode(await Deno.readFile(path));
}

/** The log goes round three times beside a message that waits; then the server is killed, and one comes after it. */
async function killLapped(home: string, sync: string): Promise<void> {
  const flags = ["--sync", sync, "--buffer", "64KiB"];
  const first = new Serve(home, ...flags);
  const [, file] = await first.line(/history in (.*log\.ring)/);
  const port = await first.port();
  const [carla, alice, mallory] = [
    await first.client("carla", port),
    await first.client("alice", port),
    await first.client("mallory", port),
  ];
  await carla.send("REGISTER * * passphrase99y");
  assert(await carla.until((line) => line.includes("REGISTER SUCCESS")), "an account");
  await carla.send("QUIT");
  await carla.ended();
  await alice.send("PRIVMSG carla :please call me");
  await alice.barrier();
  // Until then a kill may lose it, with another --sync than always.
  const isInFile = async () => (await readLatin1(file!)).includes("please call me");
  await comesTrue("the message in the ring file", isInFile);
  for (let said = 0; said < 500; said++) await mallory.send(`PRIVMSG mallory :${"x".repeat(400)}`);
  await mallory.barrier();
  first.child.kill("SIGKILL");
  await endOf(first.child);
  if (sync === "always") assertEquals(await isInFile(), false, "the ring file has gone round");

  const second = new Serve(home, ...flags);
  const login = "AUTHENTICATE " + new TextEncoder().encode("\0carla\0passphrase99y").toBase64();
  const again = await second.client(
    "carla",
    await second.port(),
    "CAP REQ :sasl",
    "AUTHENTICATE PLAIN",
    login,
    "CAP END",
  );
  await again.send("CHATHISTORY LATEST alice * 10");
  await again.barrier();
  assert(again.take().some((line) => line.endsWith("PRIVMSG carla :please call me")), "it waits");
  second.child.kill("SIGTERM");
  await endOf(second.child);
  for (const client of [alice, mallory, again]) client.close();
}

Deno.test(
  "serve: a second server on the same folder is refused by the first one's process id",
  POSIX,
  () =>
    withTempDir(async (home) => {
      const first = new Serve(home);
      await first.port();
      const { code, err } = await program(["serve", "--listen", "127.0.0.1:0"], home);
      assertEquals(code, 73);
      assertMatch(
        err,
        new RegExp(`is in use by another server \\(process ${first.child.pid}\\); .*--data-dir`),
      );
      first.child.kill("SIGTERM");
      await first.line(/stopped/);
      await endOf(first.child);
    }),
);

Deno.test("serve: a port that is taken, in one line, with what to do", () =>
  withTempDir(async (home) => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = taken.addr as Deno.NetAddr;
    const { code, err } = await program(["serve", "--listen", `127.0.0.1:${port}`], home);
    assertEquals(code, 73);
    assertEquals(
      err,
      `chatterbox: 127.0.0.1:${port} is in use by another program; choose another with --listen\n`,
    );
  }));

Deno.test("serve: a folder that can't be made, and a ring file that is none", () =>
  withTempDir(async (home) => {
    await Deno.writeTextFile(`${home}/file`, "");
    const folder = await program(["serve", "--data-dir", `${home}/file/x`], home);
    assertEquals(folder.code, 73);
    assertMatch(folder.err, /file\/x: .*; choose another folder with --data-dir\n$/);

    await Deno.mkdir(`${home}/foreign`);
    await Deno.writeTextFile(`${home}/foreign/log.ring`, "not a ring file ".repeat(1000));
    const foreign = await program(["serve", "--data-dir", `${home}/foreign`], home);
    assertEquals(foreign.code, 74);
    assertMatch(foreign.err, /log\.ring: it is not a ChatterBox ring file; move it away/);
    assertEquals(await Deno.readTextFile(`${home}/foreign/log.ring`), "not a ring file ".repeat(1000));
  }));

Deno.test("serve: flag values that make no sense", () =>
  withTempDir(async (home) => {
    for (
      const [flags, why] of [
        [["--listen", "nowhere:99999"], /--listen nowhere:99999: port 99999 is above 65535/],
        [["--sync", "soon"], /--sync soon: not a duration/],
        [["--buffer", "1KiB"], /--buffer 1KiB/],
        [["--name", "two words"], /--name two words/],
        [["--lisen", "x"], /did you mean --listen\?/],
        [["please"], /serve takes flags only/],
      ] as const
    ) {
      const { code, err } = await program(["serve", ...flags], home);
      assertEquals(code, 64, err);
      assertMatch(err, why);
    }
  }));

Deno.test("serve --config: the flags' names as keys; what is wrong with the file is said", () =>
  withTempDir(async (home) => {
    const config = `${home}/serve.json`;
    const run = () => program(["serve", "--config", config], home);
    assertEquals((await run()).code, 78);
    await Deno.writeTextFile(config, '{"sink": "1s"}');
    assertMatch((await run()).err, /line 1: unknown setting "sink"; did you mean "sync"\?/);
    await Deno.writeTextFile(config, '{"sync": "2s", "max-clients": -1}');
    assertMatch((await run()).err, /line 1: max-clients -1: not a whole number/);
    if (Deno.build.os === "windows") return;
    await Deno.writeTextFile(
      config,
      `{"log-format": "json", "name": "irc.example", "motd-file": "${home}/motd"}`,
    );
    await Deno.writeTextFile(`${home}/motd`, "first\n");
    const serve = new Serve(home, "--config", config);
    const { address } = JSON.parse((await serve.line(/"listening"/)).input);
    const client = await serve.client("alice", Number(address.split(":")[1]));
    assertEquals(client.take().filter((line) => line.includes(" 372 ")), [":irc.example 372 alice :- first"]);

    await Deno.writeTextFile(`${home}/motd`, "second\n");
    serve.child.kill("SIGHUP");
    await serve.line(/"reread"/);
    await client.send("MOTD");
    await client.barrier();
    assertEquals(client.take().filter((line) => line.includes(" 372 ")), [
      ":irc.example 372 alice :- second",
    ]);
    serve.child.kill("SIGINT");
    assertEquals(JSON.parse((await serve.line(/"stopped"/)).input).safe, 0);
    assertEquals((await endOf(serve.child)).code, 0);
    client.close();
  }));

Deno.test("serve: password, Unix socket, and a full house", POSIX, () =>
  withTempDir(async (home) => {
    await Deno.writeTextFile(`${home}/pw`, "sesame\n", { mode: 0o600 });
    const path = `${home}/socket`;
    const serve = new Serve(home, "--password-file", `${home}/pw`, "--unix", path, "--max-clients", "1");
    const port = await serve.port();
    await serve.line(/listening on unix:.*\/socket/);
    const stranger = await serve.client("eve", port, "PASS wrong");
    await stranger.ended();
    assertMatch(stranger.take().join("\n"), / 464 eve :Password incorrect\nERROR :/);

    const client = await SocketClient.connect({ kind: "unix", path });
    for (const line of ["PASS sesame", "NICK alice", "USER alice 0 * :a"]) await client.send(line);
    await client.barrier();
    assertMatch(client.take()[0]!, / 001 alice :/);
    const late = await SocketClient.connect({ kind: "tcp", host: "127.0.0.1", port });
    await late.ended();
    assertEquals(late.take(), ["ERROR :Closing Link: the server is full", "(closed)"]);
    serve.child.kill("SIGTERM");
    await serve.line(/stopped/);
    await endOf(serve.child);
    client.close();
  }));

Deno.test({
  name: "serve at a terminal: a prompt, and how to do without; quit ends it and gives the terminal back",
  ...needs("script"),
  fn: () =>
    withTempDir(async (home) => {
      await using serve = new Pty(["serve", "--listen", "127.0.0.1:0", "--no-web"], { XDG_STATE_HOME: home });
      await serve.shows((lines) =>
        lines.join(" ").includes("append </dev/null & to the command.") &&
        lines.at(-1) === "server>"
      );
      serve.press("help\r");
      await serve.line(/^stop +shut the server down$/);
      serve.press("quit\r");
      await serve.line(/ stopped: 0 messages in the ring, safe on disk$/);
      assertEquals(await serve.end(), { code: 0, restored: true });
    }),
});
