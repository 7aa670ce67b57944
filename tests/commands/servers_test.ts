/** `--server` with several addresses of one chat. */
import { assertEquals, assertMatch } from "@std/assert";
import { command as benchLoad } from "../../commands/bench/load.ts";
import { command as join } from "../../commands/join.ts";
import { command as key } from "../../commands/key.ts";
import { command as list } from "../../commands/list.ts";
import { command as send } from "../../commands/send.ts";
import { readClientLogin } from "../../commands/support/client_login.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { makeShareCode } from "../../lib/irc/key_share.ts";
import { FakeIo } from "../cli/fake_io.ts";
import { FakeServer, OUR_CAPS } from "../client/fake_server.ts";
import { tempDirTest } from "../support/test.ts";
import { commandTest, run } from "./run_command.ts";

/** The URL of a port at which nothing listens. */
function deadUrl(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `irc://127.0.0.1:${listener.addr.port}`;
}

commandTest("several servers: send goes past one that is down", async (peer) => {
  await peer.welcome(OUR_CAPS);
  const [, label] = await peer.until(/^@label=(\S+) PRIVMSG bob :?hi$/);
  await peer.send(`@label=${label};time=2026-01-31T10:00:00.001Z;msgid=m1 :tester!t@h PRIVMSG bob :hi`);
  await peer.gone();
}, async (server) => {
  const servers = `${deadUrl()},${deadUrl()},${server}`;
  assertEquals(await run(send, ["bob", "hi", "--server", servers]), { code: 0, out: "", err: "" });
  assertEquals(await run(send, ["bob", "hi"], { env: { CHATTERBOX_SERVER: servers } }), {
    code: 0,
    out: "",
    err: "",
  });
});

Deno.test("several servers: where none answers each is told", async () => {
  const [one, two] = [deadUrl(), deadUrl()];
  const { code, err } = await run(list, ["--server", `${one},${two}`]);
  assertEquals(code, 69);
  const [first, second] = [one, two].map((url) => url.slice("irc://".length));
  assertEquals(
    err,
    `chatterbox: cannot reach ${first}: connection refused; cannot reach ${second}: connection refused` +
      "; is a server running? (chatterbox serve starts one)\n",
  );
});

Deno.test("several servers: a list that is none is wrong usage, or bad configuration by its variable", async () => {
  for (const servers of ["chat1,", "chat1,chat1", "chat1,http://chat2", "a,b,c,d,e,f,g,h,i"]) {
    const { code, err } = await run(send, ["bob", "hi", "--server", servers]);
    assertEquals(code, 64, servers);
    assertEquals(err.startsWith(`chatterbox: server ${servers}: `), true, err);
  }
  assertEquals((await run(list, [], { env: { CHATTERBOX_SERVER: "chat1,," } })).code, 78);
  const { code, err } = await run(benchLoad, ["--server", "chat1,chat2"]);
  assertEquals(code, 64);
  assertMatch(err, /bench load takes one server/);
});

tempDirTest(
  "several servers: the key is that of the first, from whichever place the list comes",
  async (home) => {
    await Deno.mkdir(`${home}/chatterbox`);
    await Deno.writeTextFile(
      `${home}/chatterbox/config.json`,
      JSON.stringify({ profiles: { work: { server: "ircs://chat1,ircs://chat2" } } }),
    );
    const io = new FakeIo({ env: { XDG_CONFIG_HOME: home, USER: "alice" } });
    const paths = [];
    for (
      const flags of [{ profile: "work" }, { server: "ircs://chat1" }, { server: "chat1,unix:/run/chat" }]
    ) {
      const login = await readClientLogin(io, { ...flags, name: "alice" }, "make");
      if (login.kind === "failed") throw new Error(io.err);
      paths.push(login.access.key?.path);
      // A list with a server beyond this machine needs trust, whichever comes first.
      assertEquals(login.access.trust !== undefined, true);
    }
    assertEquals(new Set(paths), new Set([`${home}/chatterbox/keys/chat1_6667/alice`]));
    const login = await readClientLogin(io, { server: "unix:/run/chat,ircs://chat1", name: "alice" }, "use");
    assertEquals(login.kind === "ok" && login.access.trust !== undefined, true); // one beyond this machine is enough
  },
);

Deno.test("several servers: join goes on at the next one when the connection is lost", async () => {
  let keys: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  const typed = new ReadableStream<Uint8Array<ArrayBuffer>>({ start: (each) => void (keys = each) });
  await using first = new FakeServer(async (peer) => {
    await peer.welcome();
    await peer.until(/^JOIN #lobby/);
  });
  await using second = new FakeServer(async (peer) => {
    assertEquals(await peer.welcome(), "alice");
    await peer.until(/^JOIN #lobby/);
    await peer.send(":alice!a@h JOIN #lobby");
    keys?.enqueue(encodeUtf8("/quit\r"));
    await peer.until(/^QUIT/);
  });
  const args = ["alice", "--server", `${deadUrl()},${first.url},${second.url}`];
  const { code } = await second.run(first.run(run(join, args, { typed, terminal: true })));
  assertEquals(code, 0);
});

commandTest("several servers: a key is fetched from the one that answers", async (peer) => {
  await peer.until(/^KEYSHARE GET /);
  await peer.send(":fake FAIL KEYSHARE NO_SUCH_PARCEL GET :There is none");
}, async (server) => {
  const [code, dead] = [makeShareCode(), deadUrl()];
  const args = ["import", "alice", "--code", code, "--server"];
  const asked = await run(key, [...args, `${dead},${server}`]);
  assertEquals(asked.code, 77);
  assertMatch(asked.err, /there is no such code for alice/);
  const failed = await run(key, [...args, `${dead},${deadUrl()}`]);
  assertEquals(failed.code, 69);
  assertMatch(failed.err, /: connection refused; cannot reach \S+: connection refused; /);
});
