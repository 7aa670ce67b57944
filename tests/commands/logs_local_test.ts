/** `serve --shm` and `logs --local`, as processes. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { openDataDir } from "../../lib/store/disk/data_dir.ts";
import { segmentName, segmentPath } from "../../lib/shm/shared_segment.ts";
import { SocketClient } from "../support/socket_client.ts";
import { comesTrue, endOf, inTime } from "../support/guard.ts";
import { linesOf, program, programTest, Server, start } from "./program.ts";
import type { Run } from "./program.ts";

const LINUX = { ignore: Deno.build.os !== "linux" };
const ROOT = `${import.meta.dirname}/../../`;

function localTest(name: string, fn: (home: string) => Promise<void>): void {
  programTest(`logs --local: ${name}`, LINUX, fn);
}

/** The permissions of the task for readers: no FFI, no writing. */
const READER = ["run", "-q", "--no-prompt", "-P=reader", `--config=${ROOT}deno.json`, `${ROOT}main.ts`];

function local(home: string, ...args: string[]): Promise<Run> {
  return program(["logs", "--local", "--data-dir", `${home}/data`, ...args], home);
}

async function say(server: Server, text: string, room = "#lobby", name = "bob"): Promise<void> {
  const env = { CHATTERBOX_NAME: name, CHATTERBOX_SERVER: server.url };
  const { code, err } = await program(["send", room, text], server.home, { env });
  assertEquals(code, 0, err);
}

/** The same with the segment as standard input, and without FFI. */
function given(home: string, ...flags: string[]): Promise<Run> {
  const args = [...READER, "logs", "--local", "--data-dir", `${home}/data`, ...flags];
  return sh('segment="$1"; shift; exec "$@" <"$segment"', pathOf(home), Deno.execPath(), ...args);
}

/** Path of the segment of the server in `home`. */
function pathOf(home: string): string {
  return segmentPath(segmentName(Deno.realPathSync(`${home}/data`)));
}

async function sh(script: string, ...args: string[]): Promise<Run> {
  const { code, stdout, stderr } = await new Deno.Command("sh", { args: ["-c", script, "sh", ...args] })
    .output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

/** Lines of clients in two rooms: messages, an action, one that is removed, and one for a person. */
async function fill(server: Server): Promise<void> {
  const port = Number(new URL(server.url.replace("irc:", "http:")).port);
  const [bob, al] = await Promise.all(["bob", "al"].map(async (nick) => {
    const client = await SocketClient.connect({ kind: "tcp", host: "127.0.0.1", port });
    await client.send("CAP REQ :draft/message-redaction message-tags echo-message");
    await client.send(`NICK ${nick}\r\nUSER ${nick} 0 * :${nick}\r\nCAP END\r\nJOIN #lobby,#ops`);
    await client.barrier();
    client.take();
    return client;
  }));
  await bob!.send("PRIVMSG #lobby :one\r\nPRIVMSG #lobby :\x01ACTION waves\x01\r\nNOTICE #lobby :three");
  await bob!.barrier();
  await al!.send("PRIVMSG #lobby :two three\r\nPRIVMSG #ops :elsewhere\r\nPRIVMSG bob :for bob only");
  await al!.barrier();
  al!.take();
  await al!.send("PRIVMSG #lobby :removed");
  await al!.barrier();
  const id = /msgid=([^; ]+)/.exec(al!.take().join("\n"))![1];
  await al!.send(`@+chatterbox.chat/replaces=${id} PRIVMSG #lobby :edited\r\nREDACT #lobby ${id}`);
  await al!.barrier();
  for (const client of [bob!, al!]) client.close();
}

localTest("what logs shows, without a connection: text, JSON, rooms, filters, times", async (home) => {
  await using server = await Server.start(home, "--shm");
  await fill(server);
  const cases = [
    [],
    ["--utc"],
    ["--json"],
    ["-n", "1"],
    ["-n", "0"],
    ["-m", "2"],
    ["--since", "1h", "--json"],
    ["--until", "2020-01-01"],
    ["--room", "ops", "--json"],
    ["--room", "#lobby", "--from", "AL"],
    ["-g", "t[wh]", "-n", "2"],
  ];
  for (const flags of cases) {
    const asked = await program(["logs", "--server", server.url, ...flags], home);
    assertEquals(await local(home, ...flags), asked, flags.join(" "));
    assertEquals(await given(home, ...flags), asked, `as standard input, without FFI: ${flags.join(" ")}`);
  }
  const other = `${home}/other`; // where FFI works, standard input is read, too
  await Deno.mkdir(other);
  const script = `"$@" <"${pathOf(home)}"`;
  const main = ["run", "-q", "--no-prompt", "-P=client", `--config=${ROOT}deno.json`, `${ROOT}main.ts`];
  const read = await sh(script, Deno.execPath(), ...main, "logs", "--local", "--data-dir", other, "--json");
  assertEquals(read, await local(home, "--json"));
});

localTest(
  "a room that no record names is 67, a direct conversation is the server's to show",
  async (home) => {
    await using _server = await Server.start(home, "--shm");
    const { code, err } = await local(home, "--room", "nope");
    assertEquals([code, err], [67, "chatterbox: no such room: #nope\n"]);
    const { code: usage, err: why } = await local(home, "--with", "al");
    assertEquals(usage, 64);
    assertMatch(why, /the server shows direct messages to their owner; omit --local/);
    for (
      const flags of [["--server", "irc://h"], ["--file", "f"], ["--verify", "-n1"], ["--name", "al"], [
        "--ca",
        "f",
      ]]
    ) {
      const { code, err } = await local(home, ...flags);
      assertEquals([code, err.includes(`--local and ${flags[0]} cannot`)], [64, true], flags.join(" "));
    }
    assertEquals((await program(["logs", "--data-dir", home], home)).code, 64);
  },
);

localTest("without a server, or without --shm, it is 69; without FFI 78, with the way out", async (home) => {
  const { code, err } = await local(home);
  assertEquals(code, 69);
  assertMatch(err, /data: there is no such folder; name the data folder of the server with --data-dir\n$/);
  await Deno.mkdir(`${home}/data`);
  const free = await local(home);
  assertEquals(free.code, 69);
  assertMatch(
    free.err,
    /^chatterbox: no server runs with the data folder .*: start one \(chatterbox serve --shm\), /,
  );
  await using _server = await Server.start(home);
  const without = await local(home);
  assertEquals(without.code, 69);
  assertMatch(
    without.err,
    /^chatterbox: the server \(process \d+\) that uses .* has no shared memory: start it with --shm, or omit/,
  );
  const file = await program(["logs", "--local", "--data-dir", `${home}/data/log.ring`], home);
  assertEquals(file.code, 69);
  assertMatch(file.err, /log\.ring: it is a file; name the data folder of the server with --data-dir\n$/);
  assertEquals((await sh(`ls "$1"`, pathOf(home))).code === 0, false);
  const refused = await sh(
    `"$@" </dev/null`,
    Deno.execPath(),
    ...READER,
    "logs",
    "--local",
    "--data-dir",
    `${home}/data`,
  );
  assertEquals(refused.code, 78);
  assertStringIncludes(refused.err, `Pass the segment as standard input: <${pathOf(home)}`);
});

localTest("beyond the ring it reads the archive: the same as the server shows", async (home) => {
  await using server = await Server.start(home, "--shm", "--buffer", "64KiB");
  await say(server, "first");
  const ways: readonly ((...flags: string[]) => Promise<Run>)[] = [
    (...flags) => program(["logs", "--server", server.url, ...flags], home),
    (...flags) => local(home, ...flags),
    (...flags) => given(home, ...flags),
  ];
  for (const [way, read] of ways.slice(0, 2).entries()) {
    assertEquals((await read("--cursor-file", `${home}/cursor${way}`)).code, 0);
  }
  await flood(server, 250);
  for (const flags of [["-n", "100000"], ["--since", "1h", "--from", "al"]]) {
    const [expected, ...others] = await Promise.all(ways.map((read) => read("--json", ...flags)));
    assertEquals(expected!.code, 0, expected!.err);
    for (const each of others) assertSameOutput(each, expected!, flags.join(" "));
  }
  assertEquals((await local(home, "-n", "100000")).out.split("\n").length - 1, 251);
  const [behind, local1] = await Promise.all(
    ways.slice(0, 2).map((read, way) => read("--json", "--cursor-file", `${home}/cursor${way}`)),
  );
  assertSameOutput(local1!, behind!, "--cursor-file");
  assertEquals(behind!.out.split("\n").length - 1, 250);
});

/** As assertEquals, without the long texts. */
function assertSameOutput(actual: Run, expected: Run, what: string): void {
  const shorten = ({ out, ...rest }: Run) => ({ ...rest, out: out.replaceAll(/x{9,}/g, "x").split("\n") });
  const [first, second] = [shorten(actual), shorten(expected)];
  const differs = first.out.findIndex((line, nth) => line !== second.out[nth]);
  assertEquals(first.out[differs], second.out[differs], what);
  assertEquals(
    [actual.code, actual.err, first.out.length],
    [expected.code, expected.err, second.out.length],
    what,
  );
}

/** Messages of al to the lobby, more than a small ring holds, not faster than they are archived. */
async function flood(server: Server, count: number): Promise<void> {
  const port = Number(new URL(server.url.replace("irc:", "http:")).port);
  const client = await SocketClient.connect({ kind: "tcp", host: "127.0.0.1", port });
  await client.send("NICK al\r\nUSER al 0 * :al\r\nJOIN #lobby");
  await client.barrier();
  for (let sent = 1; sent <= count; sent++) {
    await client.send(`PRIVMSG #lobby :${sent} ${"x".repeat(400)}`);
    if (sent % 50 === 0) await comesTrue("all is archived", () => isArchived(client));
  }
  client.close();
}

async function isArchived(client: SocketClient): Promise<boolean> {
  await client.barrier();
  client.take();
  await client.send("SERVERSTATS");
  await client.barrier();
  const stats = client.take().join("\n");
  const valueOf = (key: string) => new RegExp(`SERVERSTATS ${key} :(\\d+)`).exec(stats)?.[1];
  return valueOf("archived") === valueOf("last");
}

localTest("a cursor file goes on, nothing twice; a server's is another one", async (home) => {
  await using server = await Server.start(home, "--shm");
  const cursor = `${home}/cursor`;
  const read = async () =>
    (await local(home, "--cursor-file", cursor, "--json")).out.split("\n").filter(Boolean);
  const texts = (lines: string[]) => lines.map((line) => JSON.parse(line).text);
  await say(server, "one");
  assertEquals(texts(await read()), ["one"]);
  await say(server, "two");
  assertEquals(texts(await read()), ["two"]);
  assertEquals(await read(), []);
  assertEquals(
    JSON.parse(await Deno.readTextFile(cursor)).server,
    `unix:${Deno.realPathSync(`${home}/data`)}`,
  );
  const foreign = await program(["logs", "--cursor-file", cursor, "--server", server.url], home);
  assertEquals(foreign.code, 64);
  assertMatch(
    foreign.err,
    /it is for #lobby in the memory of \S+data \(--local\), not for #lobby on 127\.0\.0\.1:/,
  );
});

localTest("a header that another process has damaged is 74, mapped or as standard input", async (home) => {
  const server = await Server.start(home, "--shm");
  await say(server, "before");
  const next = 65536 + 6 * 4; // low word of the next number, lib/log/ring_header.ts
  await sh(`kill -STOP "$1"`, String(server.pid));
  await sh(`printf '\\377\\377\\377\\377' | dd of="$1" bs=1 seek=${next} conv=notrunc`, pathOf(home));
  try {
    for (const { code, out, err } of [await local(home), await given(home)]) {
      assertEquals([code, out], [74, ""]);
      assertMatch(
        err,
        /^chatterbox: the server's shared memory was damaged by another process: restart the server/,
      );
    }
  } finally {
    await server.stop("SIGKILL");
    await sh(`rm "$1" "$1-inbox"`, pathOf(home));
  }
});

localTest("it works while the server is stopped by SIGSTOP", async (home) => {
  await using server = await Server.start(home, "--shm");
  await say(server, "before");
  await sh(`kill -STOP "$1"`, String(server.pid));
  try {
    const { code, out, err } = await local(home, "--json");
    assertEquals([code, JSON.parse(out).text, err], [0, "before", ""]);
  } finally {
    await sh(`kill -CONT "$1"`, String(server.pid));
  }
});

/** A follower, and the lines of its standard output and standard error. */
function follow(home: string, ...flags: string[]) {
  const child = start(["logs", "-f", "--local", "--data-dir", `${home}/data`, "--json", ...flags], home);
  return { child, out: linesOf(child.stdout), err: linesOf(child.stderr) };
}

async function next(lines: AsyncGenerator<string>): Promise<string> {
  const { value, done } = await inTime("a line", lines.next());
  assert(!done, "it goes on");
  return value;
}

localTest(
  "-f follows, is told of the end by kill -9, and goes on with the next server where that goes on",
  async (home) => {
    const first = await Server.start(home, "--shm");
    await say(first, "one");
    const { child, out, err } = follow(home);
    assertEquals(JSON.parse(await next(out)).text, "one");
    await say(first, "two");
    assertEquals(JSON.parse(await next(out)).text, "two");
    await first.stop("SIGKILL");
    assertEquals(
      await next(err),
      `chatterbox: the server (process ${first.pid}) has ended; waiting for the next one`,
    );
    assertEquals((await sh(`ls "$1"`, pathOf(home))).code, 0, "a crash leaves the segment");
    const left = await local(home, "-n", "1", "--json");
    assertEquals([left.code, JSON.parse(left.out).text], [0, "two"]);
    assertMatch(left.err, /has ended; this is what it left/);
    await using second = await Server.start(home, "--shm");
    assertMatch(await next(err), /^chatterbox: the server runs again/);
    await say(second, "three");
    const gap = JSON.parse(await next(out));
    assertEquals([gap.type, gap.lost, gap.why], ["gap", null, "restart"]);
    assertEquals(JSON.parse(await next(out)).text, "three");
    await second.stop();
    assertMatch(await next(err), /has ended; waiting for the next one$/);
    assertEquals((await sh(`ls "$1"`, pathOf(home))).code === 0, false, "an orderly end removes it");
    child.kill("SIGTERM");
    assertEquals((await endOf(child)).code, 143);
    await out.return(undefined);
    await err.return(undefined);
  },
);

localTest(
  "what a crash has left is not shown while a server without --shm uses the folder: 69",
  async (home) => {
    const first = await Server.start(home, "--shm");
    await say(first, "one");
    const { child, out, err } = follow(home);
    assertEquals(JSON.parse(await next(out)).text, "one");
    await first.stop("SIGKILL");
    assertMatch(await next(err), /has ended; waiting for the next one$/);
    const without = await Server.start(home);
    const text =
      `chatterbox: the server (process ${without.pid}) that uses ${home}/data has no shared memory: ` +
      "start it with --shm, or omit --local";
    const env = { CHATTERBOX_NAME: "bob", CHATTERBOX_SERVER: without.url };
    const sent = await program(["send", "--local", "--data-dir", `${home}/data`, "#lobby", "x"], home, {
      env,
    });
    for (const run of [await local(home), await given(home), sent]) {
      assertEquals(run, { code: 69, out: "", err: `${text}\n` });
    }
    assertEquals(await next(err), text);
    await without.stop();
    const left = await given(home, "--json");
    assertEquals([left.code, JSON.parse(left.out).text], [0, "one"]);
    assertMatch(left.err, /has ended; this is what it left/, "without FFI, too");
    await using _second = await Server.start(home, "--shm");
    assertMatch(await next(err), /^chatterbox: the server runs again/);
    child.kill("SIGTERM");
    await endOf(child);
    await out.return(undefined);
    await err.return(undefined);
  },
);

localTest("a server that is starting is not taken for one without --shm: 69", async (home) => {
  const folder = await openDataDir(`${home}/data`, true);
  assert(folder.kind === "ok", "opened");
  const text = `chatterbox: the server (process ${Deno.pid}) that uses ${home}/data is starting: try again\n`;
  assertEquals(await local(home), { code: 69, out: "", err: text });
  folder.dir.close();
});

localTest("-f --no-retry ends with 75 when the server has ended; -m ends with 0", async (home) => {
  const server = await Server.start(home, "--shm");
  await say(server, "one");
  const counted = follow(home, "-m", "1");
  assertEquals(JSON.parse(await next(counted.out)).text, "one");
  assertEquals((await endOf(counted.child)).code, 0);
  await counted.out.return(undefined);
  await counted.err.return(undefined);
  const { child, out, err } = follow(home, "--no-retry");
  assertEquals(JSON.parse(await next(out)).text, "one");
  await server.stop();
  assertMatch(await next(err), /has ended; --no-retry: not waiting for the next one$/);
  assertEquals((await endOf(child)).code, 75);
  await out.return(undefined);
  await err.return(undefined);
});

localTest("-f of standard input ends with 75 when the next server has another segment", async (home) => {
  const server = await Server.start(home, "--shm");
  await say(server, "one");
  const args = ["logs", "-f", "--local", "--data-dir", `${home}/data`, "--json"];
  const child = new Deno.Command("sh", {
    args: ["-c", `exec "$@" <"${pathOf(home)}"`, "sh", Deno.execPath(), ...READER, ...args],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [out, err] = [linesOf(child.stdout), linesOf(child.stderr)];
  assertEquals(JSON.parse(await next(out)).text, "one");
  await say(server, "two");
  assertEquals(JSON.parse(await next(out)).text, "two");
  await server.stop();
  assertMatch(await next(err), /has ended; open the segment of the next one$/);
  assertEquals((await endOf(child)).code, 75);
  await out.return(undefined);
  await err.return(undefined);
});

localTest("a segment that another user could have made is refused, with 74", async (home) => {
  await using _server = await Server.start(home, "--shm");
  await sh(`chmod 644 "$1"`, pathOf(home));
  const { code, err } = await local(home);
  assertEquals([code, err], [74, `chatterbox: ${pathOf(home)}: other users have access to it (mode 644)\n`]);
});

programTest("logs --local: the segment of another user is refused, with that user's name", {
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0, // root alone gives files away
}, async (home) => {
  await using _server = await Server.start(home, "--shm");
  const [name, , uid] = (await Deno.readTextFile("/etc/passwd")).trim().split("\n").at(-1)!.split(":");
  await sh(`chown "$2" "$1/data" "$3"`, home, uid!, pathOf(home));
  const { code, err } = await local(home);
  assertEquals(code, 74);
  assertMatch(err, new RegExp(`runs as ${name}, and only that user may read its memory; omit --local\n$`));
  await sh(`chown 0 "$1/data" "$2"`, home, pathOf(home));
});

localTest("a server that was stopped in the middle of a change of the ring's header: 75", async (home) => {
  await using server = await Server.start(home, "--shm");
  const setNextHigh = async (bytes: string) => {
    const nextHigh = 65536 + 7 * 4; // segment_header.ts, ring_header.ts
    const script = `printf '${bytes}' | dd of="$1" bs=1 seek="$2" conv=notrunc`;
    assertEquals((await sh(script, pathOf(home), String(nextHigh))).code, 0);
  };
  await sh(`kill -STOP "$1"`, String(server.pid));
  await setNextHigh("\\377\\377\\377\\377");
  const runs = [await local(home), await given(home)];
  await setNextHigh("\\0\\0\\0\\0");
  await sh(`kill -CONT "$1"`, String(server.pid));
  const why = "chatterbox: the server stopped while it changed the ring; try again later\n";
  for (const { code, err } of runs) assertEquals([code, err], [75, why]);
});
