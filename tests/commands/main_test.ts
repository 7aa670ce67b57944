import { assertEquals, assertMatch } from "@std/assert";
import { EXIT_CODES } from "../../lib/cli/exit_codes.ts";
import { VERSION } from "../../lib/base/version.ts";
import { parseServerUrl } from "../../lib/net/address.ts";
import type { Permission } from "../../lib/cli/command.ts";
import { describeMissingPermission } from "../../lib/cli/missing_permission.ts";
import { endOf } from "../support/guard.ts";
import { SocketClient } from "../support/socket_client.ts";
import { POSIX, pureTest } from "../support/test.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { linesOf, program, programTest, Server, start } from "./program.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** A person on `server`, over a plain socket. */
async function person(server: Server, nick: string): Promise<SocketClient> {
  const address = parseServerUrl(server.url);
  if (address.kind === "bad") throw new Error(address.why);
  const client = await SocketClient.connect(address);
  await client.send(`NICK ${nick}`);
  await client.send(`USER ${nick} 0 * :${nick}`);
  await client.barrier();
  return client;
}

programTest("help: every variable that a command reads", {}, async (home) => {
  const { out } = await program(["--help"], home);
  for (const name of ["SERVER", "NAME", "PASSWORD", "KEY", "CA"]) {
    assertMatch(out, new RegExp(`^ {2}CHATTERBOX_${name} `, "m"));
  }
});

programTest("help: examples first, every command, every exit code", {}, async (home) => {
  const { code, out, err } = await program(["--help"], home);
  assertEquals([code, err], [0, ""]);
  const headings = out.split("\n").filter((line) => /^\S.*:$/.test(line));
  assertEquals(headings.map((line) => line.split(" ")[0]!.replace(":", "")), [
    "Examples",
    "Usage",
    "Commands",
    "Environment",
    "Exit",
  ]);
  for (
    const name of ["serve", "join", "send", "logs", "list", "register", "unregister", "token", "key", "admin"]
  ) {
    assertMatch(out, new RegExp(`^  ${name} +\\S`, "m"));
  }
  for (const [number, meaning] of EXIT_CODES) {
    assertEquals(out.includes(`  ${number}`) && out.includes(meaning), true);
  }
  assertEquals((await program([], home)).out, out);
  assertEquals((await program(["help"], home)).out, out);
});

programTest("help of one command, by either spelling", {}, async (home) => {
  const help = await program(["help", "send"], home);
  assertEquals(help, await program(["send", "--help"], home));
  assertEquals(help, await program(["send", "bob", "-h"], home));
  assertEquals(help, await program(["--help", "send"], home));
  assertEquals(
    await program(["help", "bench", "ipc"], home),
    await program(["bench", "ipc", "--help"], home),
  );
  assertMatch(help.out, /^Send one message.*\n\nExamples:\n/);
});

programTest(
  "NAME@SERVER is wrong usage that says how to write it, wherever a name or a server stands: 64",
  {},
  async (home) => {
    const cases = [
      ["join", "me@host"],
      ["send", "me@host", "hi"],
      ["logs", "--with", "me@host"],
      ["list", "--server", "me@host"],
      ["register", "me@host"],
      ["unregister", "me@host", "--yes"],
      ["token", "list", "--name", "me@host"],
      ["key", "show", "me@host"],
    ];
    for (const args of cases) {
      const { code, err } = await program(args, home);
      assertEquals(
        [code, err.includes("name and server are separate arguments: me --server host")],
        [64, true],
        err,
      );
    }
  },
);

programTest("a package that cannot be fetched is no bug: 75", {}, async (home) => {
  const env = { DENO_DIR: `${home}/cache`, NPM_CONFIG_REGISTRY: "http://127.0.0.1:1" };
  const { code, out, err } = await program(["list"], home, { env });
  assertEquals([code, out, err.split("\n").length], [75, "", 2]);
  assertMatch(
    err,
    /^chatterbox: a required package is missing and cannot be downloaded: .*; try again when /,
  );
});

programTest("a permission that is missing is no bug: 78, and what gives it", POSIX, async (home) => {
  const run = async (flags: string[], args: string[]) => {
    const all = ["run", "-q", "--no-prompt", ...flags, MAIN, ...args];
    const env = { XDG_CONFIG_HOME: home, XDG_STATE_HOME: home, USER: "tester" };
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: all, env }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return [code, out, err];
  };
  const said = (needed: string, task: string) => [
    78,
    "",
    `chatterbox: started without a permission that it needs here (${needed}); deno task ${task} gives all that are needed\n`,
  ];
  const some = ["--allow-read", "--allow-write", "--allow-net", "--allow-env", "--allow-sys"];
  assertEquals(await run(some, ["join", "alice", "--notify", "true"]), said('run access to "sh"', "join"));
  assertEquals(await run(some, ["logs", "--exec", "true"]), said('run access to "sh"', "logs"));
  assertEquals(
    await run([...some, "--allow-run=sh"], ["logs", "--exec", "true"]),
    said('run access to "true"', "logs"),
  );
  assertEquals(await run(["--allow-read"], ["list"]), said('env access to "XDG_CONFIG_HOME"', "list"));
  const offline = ["--allow-read", "--allow-write", "--allow-env", "--allow-sys"];
  const [code, , err] = await run(offline, ["list", "--server", "irc://127.0.0.1:1", "--name", "alice"]);
  assertEquals(
    [code, /net access to "127.0.0.1:1".*; deno task list /.test(String(err))],
    [78, true],
    String(err),
  );
});

pureTest("missing permission: what a command has given up itself is a bug of ours", () => {
  const error = new Deno.errors.NotCapable(
    'Requires run access to "sh", run again with the --allow-run flag',
  );
  const describe = (permissions: readonly Permission[]) =>
    describeMissingPermission(error, { name: "list", permissions }) === undefined;
  assertEquals([describe(["read", "net"]), describe(["read", "run"])], [true, false]);
  assertEquals(describeMissingPermission(new Error("x"), undefined), undefined);
});

programTest("--version", {}, async (home) => {
  assertEquals(await program(["-V"], home), await program(["--version"], home));
  assertEquals(await program(["--version"], home), { code: 0, out: `chatterbox ${VERSION}\n`, err: "" });
});

programTest("a mistyped command gets a hint and 64", {}, async (home) => {
  assertEquals(await program(["sned", "bob", "hi"], home), {
    code: 64,
    out: "",
    err: "chatterbox: no command called sned; did you mean chatterbox send?\n",
  });
  const { code, err } = await program(["\x1b[2Jxyzzy"], home);
  assertEquals([code, err], [
    64,
    "chatterbox: no command called \u241b[2Jxyzzy; chatterbox --help lists the commands\n",
  ]);
  assertEquals((await program(["constructor"], home)).code, 64);
  assertEquals((await program(["help", "lgos"], home)).err.split("; ")[1], "did you mean chatterbox logs?\n");
  assertEquals(
    (await program(["list", "--timeout", "5s"], home)).err.split("\n")[0],
    "chatterbox list: unknown flag --timeout; it is a flag of send, run, ask, page and ack",
  );
});

Deno.test("send, logs and list against a server", async () => {
  await using server = await Server.start();
  const { home } = server;
  const cli = (...args: string[]) => program([...args, "--server", server.url], home);

  const sent = await cli("send", "#lobby", "--json", "hello", "lobby");
  assertEquals([sent.code, sent.err], [0, ""]);
  const { target, durable, queued, ...receipt } = JSON.parse(sent.out);
  assertEquals([target, durable, queued], ["#lobby", null, false]);

  const { out } = await cli("logs", "--json");
  const [shown] = out.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(shown, {
    ...receipt,
    room: "#lobby",
    from: "tester",
    type: "message",
    text: "hello lobby",
  });

  assertEquals((await cli("send", "bob", "are you there?")).code, 67);
  assertEquals(
    (await cli("send", "Lobby", "hi")).err,
    "chatterbox: no user called Lobby is online; for the room, write '#lobby'\n",
  );
  assertEquals((await cli("send", "lob", "hi")).err, "chatterbox: no user called lob is online\n");
  const bob = await person(server, "bob");
  await bob.send("JOIN #lobby");
  await bob.barrier();
  assertEquals((await cli("send", "bob", "psst", "--from", "alice")).code, 0);
  await bob.barrier();
  assertMatch(bob.take().join("\n"), /^:alice!\S+ PRIVMSG bob :?psst$/m);

  const direct = await cli("logs", "--with", "bob", "--name", "alice", "--json");
  assertEquals(JSON.parse(direct.out).text, "psst");
  assertEquals((await cli("logs", "--with", "bob", "--name", "mallory")).out, "");

  const people = (await cli("list", "--json")).out.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(people.map(({ name, rooms }) => [name, rooms]), [["bob", ["#lobby"]]]);
  assertEquals((await cli("list", "--rooms", "--json")).out, '{"name":"#lobby","members":1,"topic":""}\n');

  const taken = await cli("send", "#lobby", "I am bob", "--from", "bob");
  assertEquals(taken.code, 77);
  assertMatch(taken.err, /the name bob is taken/);
});

Deno.test("a text of many lines arrives whole, and a reader that stops early is no error", async () => {
  await using server = await Server.start();
  const lines = Array.from({ length: 2000 }, (_, nth) => `line ${nth} ${"x".repeat(100)}`);
  const sent = await program(["send", "#lobby", "--server", server.url], server.home, {
    stdin: lines.join("\n"),
  });
  assertEquals([sent.code, sent.err], [0, ""]);

  const all = await program(["logs", "--since", "1h", "--json", "--server", server.url], server.home);
  assertEquals(all.out.trimEnd().split("\n").flatMap((line) => JSON.parse(line).text.split("\n")), lines);

  const child = start(["logs", "--since", "1h", "--server", server.url], server.home);
  const shown = linesOf(child.stdout);
  assertMatch((await shown.next()).value!, /tester: line 0/);
  await shown.return(undefined); // closes the pipe
  const errors = await new Response(child.stderr).text();
  assertEquals([(await endOf(child)).code, errors], [0, ""]);
});

Deno.test({
  name: "following ends with 130 when interrupted, 143 when terminated",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using server = await Server.start();
    for (const [signal, expected] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
      await program(["send", "#lobby", signal, "--server", server.url], server.home);
      const child = start(["logs", "--tail", "-n", "1", "--server", server.url], server.home);
      const shown = linesOf(child.stdout);
      assertMatch((await shown.next()).value!, new RegExp(`tester: ${signal}`));
      child.kill(signal);
      const errors = await new Response(child.stderr).text();
      assertEquals([(await endOf(child)).code, errors], [expected, ""]);
      await shown.return(undefined);
    }
  },
});

Deno.test("what was said is there after the server was killed and started again, and in its file without any server", () =>
  withTempDir(async (home) => {
    const first = await Server.start(home, "--sync", "always");
    assertEquals((await program(["send", "#lobby", "before", "--server", first.url], home)).code, 0);
    await first.stop("SIGKILL");
    const second = await Server.start(home, "--sync", "always");
    // It has another port now, where the key of before is tried.
    assertEquals((await program(["send", "#lobby", "after", "--server", second.url], home)).code, 0);
    const texts = async (...args: string[]) =>
      (await program(["logs", "--json", ...args], home)).out.trimEnd().split("\n").map((line) =>
        JSON.parse(line).text
      );
    assertEquals(await texts("--server", second.url), ["before", "after"]);
    await second.stop();
    assertEquals(await texts("--file", second.logFile), ["before", "after"]);
    assertEquals(await texts("--file", second.logFile, "-n", "1"), ["after"]);
    assertEquals(await texts("--file", second.logFile, "--since", "1h", "-g", "^b"), ["before"]);
  }));
