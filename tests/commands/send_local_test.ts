/** `send --local`, as a process, to a server with `--shm`. */
import { assertEquals, assertMatch } from "@std/assert";
import { inboxSegmentName, segmentPath } from "../../lib/shm/shared_segment.ts";
import { endOf, inTime, outputOf } from "../support/guard.ts";
import { linesOf, program, programTest, Server, start } from "./program.ts";
import type { Run } from "./program.ts";

const ROOT = `${import.meta.dirname}/../../`;
/** Processes that are killed; tests/shm/kill_writers.ts kills a thousand at the inbox itself. */
const KILLS = 6;
const LINUX = { ignore: Deno.build.os !== "linux" };

function localTest(name: string, fn: (home: string) => Promise<void>): void {
  programTest(`send --local: ${name}`, LINUX, fn);
}

function send(server: Server, name: string, ...args: string[]): Promise<Run> {
  const env = { CHATTERBOX_NAME: name, CHATTERBOX_SERVER: server.url };
  return program(["send", "--local", "--data-dir", `${server.home}/data`, ...args], server.home, { env });
}

async function logged(server: Server): Promise<string[]> {
  const flags = ["logs", "--local", "--data-dir", `${server.home}/data`, "--json"];
  const { out } = await program(flags, server.home);
  return out.trim().split("\n").map((line) => JSON.parse(line)).filter(({ text }) => text !== undefined)
    .map(({ from, text }) => `${from}: ${text}`);
}

localTest("a message to a room is in the log once, and is reported as without --local", async (home) => {
  await using server = await Server.start(home, "--shm");
  const { code, out, err } = await send(server, "bob", "#lobby", "--json", "--id", "build-1", "one");
  assertEquals([code, err], [0, ""]);
  const said = JSON.parse(out);
  assertEquals([said.target, said.queued, typeof said.seq, said.id.startsWith(said.seq.toString(36))], [
    "#lobby",
    false,
    "number",
    true,
  ]);
  const again = await send(server, "bob", "#lobby", "--json", "--id", "build-1", "one");
  assertEquals([again.code, JSON.parse(again.out).id], [0, said.id], "the id stands for the same message");
  assertEquals((await send(server, "bob", "#lobby", "--wait", "durable", "two\nthree")).code, 0);
  assertEquals(await logged(server), ["bob: one", "bob: two\nthree"]);
});

localTest("many at once, each is in the log once", async (home) => {
  await using server = await Server.start(home, "--shm");
  const texts = Array.from({ length: 6 }, (_, nth) => `text ${nth}`);
  const runs = await Promise.all(texts.map((text, nth) => send(server, `bot${nth}`, "#lobby", text)));
  assertEquals(runs.map(({ code, err }) => [code, err]), texts.map(() => [0, ""]));
  assertEquals((await logged(server)).sort(), texts.map((text, nth) => `bot${nth}: ${text}`));
});

localTest("direct messages, refusals and accounts are as without it", async (home) => {
  await using server = await Server.start(home, "--shm");
  const unknown = await send(server, "bob", "nemo", "hi");
  assertEquals(unknown.code, 67);
  assertEquals((await send(server, "bob", "#none", "hi")).code, 67);
  assertEquals((await send(server, "alice", "#lobby", "here")).code, 0);
  const queued = await send(server, "bob", "alice", "--json", "hi");
  assertEquals([queued.code, JSON.parse(queued.out).queued], [0, true]);
  const env = { CHATTERBOX_NAME: "alice", CHATTERBOX_SERVER: server.url, XDG_CONFIG_HOME: `${home}/other` };
  const flags = ["send", "--local", "--data-dir", `${home}/data`, "#lobby", "as alice"];
  const other = await program(flags, home, { env: { ...env, XDG_STATE_HOME: `${home}/other` } });
  assertEquals(other.code === 0, false, "the name of an account needs its key");
  assertEquals((await logged(server)).filter((line) => line.endsWith("as alice")), []);
});

localTest("a mute and a ban hold for it", async (home) => {
  await using server = await Server.start(home, "--shm");
  assertEquals((await send(server, "bob", "#lobby", "before")).code, 0);
  const admin = (...words: string[]) => program(["admin", "--data-dir", `${home}/data`, ...words], home);
  assertEquals((await admin("mute", "bob")).code, 0);
  const muted = await send(server, "bob", "#lobby", "muted");
  assertEquals(muted.code, 77, muted.err);
  assertEquals((await admin("unmute", "bob")).code, 0);
  assertEquals((await admin("ban", "bob")).code, 0);
  const banned = await send(server, "bob", "#lobby", "banned");
  assertEquals(banned.code, 77, banned.err);
  assertEquals(await logged(server), ["bob: before"]);
});

localTest("without a server, or without --shm, 69; of another server 78; wrong usage 64", async (home) => {
  const none = await program(["send", "--local", "--data-dir", `${home}/none`, "#lobby", "x"], home);
  assertEquals(none.code, 69);
  assertMatch(none.err, /^chatterbox: .*none: there is no such folder; name the data folder of the server/);
  const usage = await program(["send", "--data-dir", home, "#lobby", "x"], home);
  assertEquals(usage.code, 64);
  await using server = await Server.start(home, "--shm");
  await using plain = await Server.start();
  const env = { CHATTERBOX_NAME: "bob", CHATTERBOX_SERVER: plain.url };
  const without = await program(
    ["send", "--local", "--data-dir", `${plain.home}/data`, "#lobby", "x"],
    home,
    {
      env,
    },
  );
  assertEquals(without.code, 69);
  assertMatch(
    without.err,
    /^chatterbox: the server \(process \d+\) that uses .* has no shared memory: start it with --shm, or omit --local\n$/,
  );
  const other = await program(["send", "--local", "--data-dir", `${home}/data`, "#lobby", "x"], home, {
    env,
  });
  const text = /^chatterbox: .*data is not the data folder of the server at that address; omit --local\n$/;
  assertEquals(other.code, 78);
  assertMatch(other.err, text);
  await using sharing = await Server.start(undefined, "--shm");
  const second = await program(["send", "--local", "--data-dir", `${home}/data`, "#lobby", "x"], home, {
    env: { ...env, CHATTERBOX_SERVER: sharing.url },
  });
  assertEquals(second.code, 78, "it has an inbox, too");
  assertMatch(second.err, text);
  assertEquals((await send(server, "bob", "#lobby", "y")).code, 0);
});

localTest(
  "with --outbox a message is kept however the server has ended, and sent later, once",
  async (home) => {
    const ends: readonly Deno.Signal[] = ["SIGTERM", "SIGKILL"];
    for (const signal of ends) {
      const server = await Server.start(home, "--shm");
      assertEquals((await send(server, "bob", "#lobby", `before ${signal}`)).code, 0);
      await server.stop(signal);
      const kept = await send(server, "bob", "#lobby", "--outbox", `kept after ${signal}`);
      assertEquals(kept.code, 75, kept.err);
      assertMatch(kept.err, /connection refused; kept in the outbox; the next send or join as bob/);
      const [, port] = /:(\d+)$/.exec(server.url)!;
      await using _next = await Server.start(home, "--shm", "--listen", `127.0.0.1:${port}`);
      const later = await send(server, "bob", "#lobby", "later");
      assertEquals([later.code, later.err], [0, "chatterbox: sent from the outbox: 1 message\n"]);
      const { length } = (await logged(server)).filter((line) => line === `bob: kept after ${signal}`);
      assertEquals(length, 1, signal);
    }
  },
);

localTest(
  "with --retry a message waits for the next server, also of one that was stopped in order",
  async (home) => {
    const first = await Server.start(home, "--shm");
    const { url } = first;
    const [, port] = /:(\d+)$/.exec(url)!;
    await first.stop();
    const env = { CHATTERBOX_NAME: "bob", CHATTERBOX_SERVER: url };
    const args = ["send", "--local", "--data-dir", `${home}/data`, "--retry", "10m", "#lobby", "patient"];
    const child = start(args, home, { env });
    const err = linesOf(child.stderr);
    const { value } = await inTime("the first failure", err.next());
    assertMatch(value!, /connection refused; trying again for 10m$/);
    await using second = await Server.start(home, "--shm", "--listen", `127.0.0.1:${port}`);
    assertEquals((await endOf(child)).code, 0);
    await err.return(undefined);
    assertEquals(await logged(second), ["bob: patient"]);
  },
);

localTest(
  "killed at any moment and sent again under the same id, each message is in the log once",
  async (home) => {
    await using server = await Server.start(home, "--shm");
    const env = { CHATTERBOX_NAME: "bob", CHATTERBOX_SERVER: server.url };
    const args = (id: string) => ["send", "--local", "--data-dir", `${home}/data`, "#lobby", "--id", id, id];
    assertEquals((await program(args("first"), home, { env })).code, 0); // the name is registered
    const ids = Array.from({ length: KILLS }, (_, nth) => `kill-${nth}`);
    for (const id of ids) {
      const child = start(args(id), home, { env });
      const output = outputOf("send", child);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 600));
      try {
        child.kill("SIGKILL");
      } catch {
        // it has ended
      }
      if ((await output).code === 0) assertEquals((await logged(server)).includes(`bob: ${id}`), true, id);
    }
    const codes = await Promise.all(ids.map(async (id) => (await program(args(id), home, { env })).code));
    assertEquals(codes, ids.map(() => 0));
    assertEquals((await logged(server)).sort(), ["first", ...ids].map((id) => `bob: ${id}`).sort());
  },
);

localTest("without the permission for FFI 78; an inbox that others could have made 74", async (home) => {
  await using server = await Server.start(home, "--shm");
  const env = { CHATTERBOX_NAME: "bob", CHATTERBOX_SERVER: server.url };
  const words = ["send", "--local", "--data-dir", `${home}/data`, "#lobby", "x"];
  const allow = ["--allow-read", "--allow-write", "--allow-net", "--allow-env", "--allow-sys"];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-prompt", ...allow, `--config=${ROOT}deno.json`, `${ROOT}main.ts`, ...words],
    env: { ...env, XDG_CONFIG_HOME: home, XDG_STATE_HOME: home },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { code, err } = await outputOf("send", child);
  assertEquals(code, 78);
  assertMatch(err, /^chatterbox: --local needs Linux, glibc 2\.34 or newer, .*; omit --local\n$/);
  const path = segmentPath(inboxSegmentName(Deno.realPathSync(`${home}/data`)));
  await new Deno.Command("sh", { args: ["-c", `chmod 640 "$1"`, "sh", path] }).output();
  const refused = await program(words, home, { env });
  assertEquals(refused.code, 74);
  assertMatch(refused.err, /-inbox: other users have access to it \(mode 640\)/);
});
