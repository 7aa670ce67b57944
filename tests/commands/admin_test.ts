/** `chatterbox admin` against servers that are processes of their own. */
import { assertEquals, assertMatch } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { parseServerUrl } from "../../lib/net/address.ts";
import { GUARD_MS } from "../support/guard.ts";
import { SocketClient } from "../support/socket_client.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { POSIX } from "../support/test.ts";
import { needs } from "../tools.ts";
import { linesOf, program, Server, start } from "./program.ts";
import type { Run, RunOptions } from "./program.ts";

/** User and group of nobody in particular. */
const NOBODY = "65534";

function admin(server: Server, args: readonly string[], options: RunOptions = {}): Promise<Run> {
  return program(["admin", "--data-dir", `${server.home}/data`, ...args], server.home, options);
}

async function client(server: Server): Promise<SocketClient> {
  const address = parseServerUrl(server.url);
  if (address.kind === "bad") throw new Error(address.why);
  return await SocketClient.connect(address);
}

/** What an IRC client with that PASS is told: 001 or 464. */
async function pass(server: Server, account: string, password: string): Promise<string> {
  const one = await client(server);
  await one.send(`PASS :${account}:${password}`);
  await one.send(`NICK g${crypto.randomUUID().slice(0, 8)}`);
  await one.send("USER g 0 * :G");
  await one.barrier().catch(() => {}); // it may be closed
  const found = one.take().find((line) => / (001|464) /.test(line)) ?? "";
  one.close();
  return / (001|464) /.exec(found)?.[1] ?? "";
}

Deno.test(
  "admin: exit codes tell what became of a command, and its words go where they belong",
  POSIX,
  async () => {
    await using server = await Server.start();
    const cases: readonly (readonly [args: string[], code: number, out: RegExp, err: RegExp])[] = [
      [["stats"], 0, /^history +is being saved$/m, /^$/],
      [["mode", "#lobby", "+m-k"], 77, /^$/, /done: \+m; not done: k: is not available on #lobby/],
      [["mode", "#lobby", "-m"], 0, /^#lobby has no modes set$/m, /^$/],
      [["stop", "now", "please"], 64, /^$/, /stop takes no arguments/],
      [["help"], 0, /^list .*\n(?:.*\n)*stop /, /^$/],
      [["accounts"], 0, /^no accounts are registered\n$/, /^$/],
      [["say", "back", "in five"], 0, /^sent to #lobby$/m, /^$/],
      [["ban", "bob", "2h", "too loud"], 0, /^bob is banned for 2h\n$/, /^$/],
      [["bans"], 0, /^ban {2}name:bob .*: too loud\n$/, /^$/],
      [["unban", "bob"], 0, /^bob is no longer banned\n$/, /^$/],
      [["unban", "bob"], 67, /^$/, /^chatterbox: bob is not banned\n$/],
      [["passwd", "nobody"], 67, /^$/, /^chatterbox: there is no account nobody\n$/],
      [["ban", "::1"], 77, /^$/, /^chatterbox: Cannot ban an address of the server.s own machine/],
      [["ban", "bob", "3x"], 64, /^$/, /^chatterbox: 3x is not a duration/],
      [["mode", "#lobby", "+mQ"], 77, /^$/, /Q.*\+m|\+m.*Q/s],
      [["dnace"], 64, /^$/, /^chatterbox: unknown command "dnace"/],
      [[], 64, /^$/, /^chatterbox admin: no command given; /],
      [["say", "one\ntwo"], 65, /^$/, /^chatterbox: a command is one line/],
      [["say", "x".repeat(5000)], 65, /^$/, /^chatterbox: a command has at most 4096 bytes/],
      [["passwd", "alice", "hunter22hunter"], 64, /^$/, /other users could read a passphrase/],
      [["stats", "--passphrase-file", "/dev/null"], 64, /^$/, /is only for passwd NAME/],
    ];
    for (const [args, code, out, err] of cases) {
      const run = await admin(server, args);
      assertEquals(run.code, code, `${args} ${run.err}`);
      assertMatch(run.out, out);
      assertMatch(run.err, err);
    }
    assertEquals(
      (await admin(server, ["--json", "bans"])).out,
      '{"status":"done","lines":["no bans or mutes are set"]}\n',
    );
    const json = await admin(server, ["--json", "kick", "nobody"]);
    assertEquals([json.code, json.err], [67, ""]);
    assertEquals(JSON.parse(json.out), { status: "not_found", lines: [], error: "there is no user nobody" });
  },
);

Deno.test(
  "admin: a lost key is reset: a new passphrase is shown once, or taken from a file or standard input",
  POSIX,
  async () => {
    await using server = await Server.start();
    const made = await admin(server, ["register", "alice"]);
    const [, first = ""] = /not shown again: (\S+)/.exec(made.out) ?? [];
    assertEquals(await pass(server, "alice", first), "001");
    const reset = await admin(server, ["passwd", "alice"]);
    const [, second = ""] = /not shown again: ([a-z2-9-]{23})/.exec(reset.out) ?? [];
    assertEquals([await pass(server, "alice", first), await pass(server, "alice", second)], ["464", "001"]);
    const given = await admin(server, ["passwd", "alice", "--passphrase-file=-"], {
      stdin: "from standard input\n",
    });
    assertEquals([given.code, given.out], [0, "alice has the new passphrase\n"]);
    assertEquals(await pass(server, "alice", "from standard input"), "001");
    const file = `${server.home}/secret`;
    await Deno.writeTextFile(file, "from a file\n", { mode: 0o600 });
    assertEquals((await admin(server, ["passwd", "alice", "--passphrase-file", file])).code, 0);
    assertEquals(await pass(server, "alice", "from a file"), "001");
    await Deno.chmod(file, 0o644);
    assertEquals((await admin(server, ["passwd", "alice", "--passphrase-file", file])).code, 78);
    const short = await admin(server, ["passwd", "alice", "--passphrase-file=-"], { stdin: "short\n" });
    assertEquals(short.code, 64); // how short it may be the server says
    assertMatch(short.err, /A passphrase has at least 8 bytes/);
    await server.stop("SIGKILL"); // what was said to be done is on disk
    const again = await Server.start(server.home);
    assertEquals(await pass(again, "alice", "from a file"), "001");
    await again.stop();
  },
);

Deno.test(
  "admin: after kill -9 the next server takes the socket over, and commands reach it",
  POSIX,
  async () => {
    await using server = await Server.start();
    await server.stop("SIGKILL");
    assert((await Deno.lstat(`${server.home}/data/admin.sock`)).isSocket, "it was left behind");
    const gone = await admin(server, ["stats"]);
    assertEquals(gone.code, 69);
    assertMatch(gone.err, /no server uses the data folder .*: is the server running\? .*--data-dir DIR/);
    const next = await Server.start(server.home);
    assertEquals((await admin(next, ["bans"])).out, "no bans or mutes are set\n");
    assertEquals((await admin(next, ["stop"])).code, 0);
  },
);

Deno.test("admin: stop is answered once the server has stopped, with its socket gone", POSIX, async () => {
  await using server = await Server.start();
  const alice = await client(server);
  const { code, out } = await admin(server, ["stop"]);
  assertEquals([code, out], [0, "the server is stopping\nthe server has stopped; its history is on disk\n"]);
  await server.stop();
  const names = [...Deno.readDirSync(`${server.home}/data`)].map(({ name }) => name);
  assertEquals(names.filter((name) => name.includes("admin")), []);
  alice.close();
});

Deno.test("admin: several at the same moment are each answered", POSIX, async () => {
  await using server = await Server.start();
  const runs = await Promise.all(
    ["alice", "bob", "carol", "dave"].map((name) => admin(server, ["register", name])),
  );
  assertEquals(runs.map(({ code }) => code), [0, 0, 0, 0]);
  const { out } = await admin(server, ["accounts", "*a*"]);
  assertEquals(out.split("\n").map((line) => line.split(" ")[0]), ["alice", "carol", "dave", ""]);
});

Deno.test("admin: reload says what was reloaded, and why not", POSIX, async () => {
  const home = await Deno.makeTempDir();
  const motd = `${home}/motd`;
  await Deno.writeTextFile(motd, "first");
  await using server = await Server.start(home, "--motd-file", motd);
  assertEquals((await admin(server, ["reload"])).out, "reloaded: password, message of the day\n");
  await Deno.remove(motd);
  const { code, err } = await admin(server, ["reload"]);
  assertEquals(code, 77);
  assertMatch(err, /motd: .*; the previous one stays in use/);
});

Deno.test("admin: garbage on the socket costs the server nothing", POSIX, async () => {
  await using server = await Server.start();
  const path = `${server.home}/data/admin.sock`;
  for (let nth = 0; nth < 10; nth++) {
    const conn = await Deno.connect({ transport: "unix", path });
    // A line end among the first bytes makes a request of them, and the server closes before it has read the rest.
    await conn.write(crypto.getRandomValues(new Uint8Array(4096))).catch(() => {});
    conn.close();
  }
  assertEquals((await admin(server, ["bans"])).code, 0);
});

Deno.test({
  name: "admin: another user of the machine is refused, by the socket and by the folder",
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0 || needs("setpriv", "nc").ignore,
  async fn() {
    await using server = await Server.start();
    const folder = `${server.home}/data`;
    // nc and not our own program: that user may not read the runtime's cache.
    const asNobody = `setpriv --reuid ${NOBODY} --regid ${NOBODY} --clear-groups`;
    const probe = `echo bans | ${asNobody} nc -q 1 -U "$0"`;
    const run = async () => {
      const { code, stderr } = await new Deno.Command("sh", { args: ["-c", probe, `${folder}/admin.sock`] })
        .output();
      return [code, new TextDecoder().decode(stderr).includes("Permission denied")];
    };
    assertEquals(await run(), [1, true], "the folder is its owner's");
    await Deno.chmod(server.home, 0o755);
    await Deno.chmod(folder, 0o755);
    assertEquals(await run(), [1, true], "the socket is its owner's");
    await Deno.chmod(`${folder}/admin.sock`, 0o666);
    assertEquals(await run(), [0, false], "the probe gets in where it may");
  },
});

Deno.test(
  "admin: a data folder whose path is too long for a socket: the server goes on, and both say so",
  POSIX,
  async () => {
    const home = await Deno.makeTempDir();
    const folder = `${home}/${"x".repeat(100)}`;
    const child = start(["serve", "--listen", "127.0.0.1:0", "--data-dir", folder], home);
    const guard = setTimeout(() => child.kill("SIGKILL"), GUARD_MS);
    try {
      let warned = "";
      for await (const line of linesOf(child.stdout)) {
        if (line.includes("chatterbox admin cannot reach")) warned = line;
        if (line.includes("In another terminal, try")) child.kill("SIGTERM");
      }
      assertMatch(warned, /warning: .* is longer than the \d+ bytes .*; use a shorter --data-dir/);
      assertEquals((await child.status).code, 0);
      const { code, err } = await program(["admin", "--data-dir", folder, "stats"], home);
      assertEquals(code, 69);
      assertMatch(err, /is longer than the \d+ bytes/);
    } finally {
      clearTimeout(guard);
      await child.stderr.cancel();
      await Deno.remove(home, { recursive: true });
    }
  },
);

Deno.test(
  "admin: what answers and is no server of ours, or ends before the answer, is told as that",
  POSIX,
  () =>
    withTempDir(async (home) => {
      const listener = Deno.listen({ transport: "unix", path: `${home}/admin.sock` });
      const run = (answer: string) => {
        void listener.accept().then(async (conn) => {
          await conn.read(new Uint8Array(100));
          await conn.write(new TextEncoder().encode(answer));
          conn.close();
        });
        return program(["admin", "--data-dir", home, "stats"], home);
      };
      assertEquals((await run("220 mail.example ESMTP\n")).code, 69);
      assertEquals((await run("NO strange words\n")).code, 69);
      const cut = await run("* half\n");
      assertEquals(cut.code, 75);
      assertMatch(
        cut.err,
        /the connection was lost before the answer; it is unknown whether the command was done/,
      );
      const malformed = await run("NO malformed a command is one line\n"); // a command that the server takes for malformed
      assertEquals([malformed.code, malformed.err], [65, "chatterbox: a command is one line\n"]);
      const busy = await run("NO busy there are 8 connections\n");
      assertEquals([busy.code, busy.err], [75, "chatterbox: there are 8 connections\n"]);
      const unsaved = await run("* shown once: \x1b[2Jabc\nNO not_saved no space left\n");
      assertEquals([unsaved.code, unsaved.out, unsaved.err], [
        74,
        "shown once: ␛[2Jabc\n",
        "chatterbox: no space left\n",
      ]);
      listener.close();
    }),
);

Deno.test(
  "admin: without a home directory it asks for the folder, and its help needs no server",
  POSIX,
  () =>
    withTempDir(async (home) => {
      const env = { HOME: "", XDG_STATE_HOME: "", USERPROFILE: "", LOCALAPPDATA: "" };
      const { code, err } = await program(["admin", "stats"], home, { env });
      assertEquals(code, 64);
      assertMatch(err, /--data-dir DIR/);
      const help = await program(["admin", "--help"], home);
      assertMatch(help.out, /^ {2}passwd NAME +give an account a new passphrase/m);
    }),
);
