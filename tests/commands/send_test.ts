import { assertEquals, assertMatch } from "@std/assert";
import { command } from "../../commands/send.ts";
import { OUR_CAPS } from "../client/fake_server.ts";
import type { Script } from "../client/fake_server.ts";
import { commandTest, run } from "./run_command.ts";

const permissions = { net: true, read: true, write: true } as const;

/** Takes whatever is sent, as our own server does; what was said is in `said`. */
function taker(said: string[]): Script {
  return async (peer) => {
    await peer.welcome(OUR_CAPS);
    for (let nth = 1;; nth++) {
      const line = await peer.next();
      if (line === undefined || line.startsWith("QUIT")) return;
      const [, label, target, text] = /^@label=(\S+) PRIVMSG (\S+) :?(.*)$/.exec(line)!;
      said.push(`${target} ${text}`);
      const tags =
        `label=${label};time=2026-01-31T10:00:00.00${nth}Z;msgid=m${nth};chatterbox.chat/seq=${nth}`;
      await peer.send(`@${tags} :tester!t@h PRIVMSG ${target} :${text}`);
    }
  };
}

const said: string[] = [];

commandTest("a message is sent, acknowledged, and nothing is printed", taker(said), async (server) => {
  assertEquals(await run(command, ["bob", "hello", "there", "--server", server]), {
    code: 0,
    out: "",
    err: "",
  });
  assertEquals(said.splice(0), ["bob hello there"]);
});

commandTest(
  "--json tells id, sequence number, time and target of each message",
  taker(said),
  async (server) => {
    const { code, out } = await run(command, ["#lobby", "--json", "--server", server], {
      stdin: "one\ntwo\n",
    });
    assertEquals(code, 0);
    assertEquals(out.trimEnd().split("\n").map((line) => JSON.parse(line)), [
      { id: "m1", seq: 1, time: "2026-01-31T10:00:00.001Z", queued: false, durable: null, target: "#lobby" },
      { id: "m2", seq: 2, time: "2026-01-31T10:00:00.002Z", queued: false, durable: null, target: "#lobby" },
    ]);
    assertEquals(said.splice(0), ["#lobby one", "#lobby two"]);
  },
);

commandTest("long and many-line text arrives whole and in order", taker(said), async (server) => {
  const words = Array.from({ length: 3000 }, (_, nth) => `wörd${nth}`).join(" ");
  const text = `${words}\n\nlast line 🌍`;
  assertEquals((await run(command, ["bob", "-", "--server", server], { stdin: text })).code, 0);
  const arrived = said.splice(0).map((line) => line.slice("bob ".length));
  assertEquals(arrived.slice(0, -2).join(""), words);
  assertEquals(arrived.slice(-2), [" ", "last line 🌍"]);
});

commandTest("the name: --from, then the environment, then the login name", async (peer) => {
  assertEquals(await peer.welcome(OUR_CAPS), "carol");
  await peer.until(/PRIVMSG/);
  await peer.send("@label=1 :fake ACK");
  await peer.gone();
}, async (server) => {
  const env = { CHATTERBOX_NAME: "dora", CHATTERBOX_SERVER: server };
  assertEquals((await run(command, ["bob", "hi", "--from", "carol"], { env })).code, 0);
});

commandTest("a server without capabilities: acknowledged by what it does not object to", async (peer) => {
  await peer.welcome();
  await peer.until(/^PRIVMSG bob :?hi$/);
  const [, token] = await peer.until(/^PING (\S+)$/);
  await peer.send(`:fake PONG fake :${token}`);
  await peer.gone();
}, async (server) => {
  const { code, out } = await run(command, ["bob", "hi", "--json", "--server", server]);
  assertEquals([code, JSON.parse(out)], [0, {
    id: null,
    seq: null,
    time: null,
    queued: false,
    durable: null,
    target: "bob",
  }]);
});

for (
  const [wait, code, what] of [["durable", 71, "is on its disk"], [
    "delivered",
    72,
    "has been delivered",
  ]] as const
) {
  commandTest(`a server that cannot tell what is ${wait}: ${code}, and nothing is sent`, async (peer) => {
    await peer.welcome(OUR_CAPS);
    await peer.gone();
    assertEquals(peer.heard.filter((line) => line.includes("PRIVMSG")), []);
  }, async (server) => {
    assertEquals(await run(command, ["bob", "hi", "--wait", wait, "--json", "--server", server]), {
      code,
      out: "",
      err: `chatterbox: ${
        server.slice("irc://".length)
      } does not report when a message ${what}; nothing was sent\n`,
    });
  });
}

const REFUSALS: [line: string, code: number, text: RegExp][] = [
  [
    ":fake 401 tester bob :No such nick",
    67,
    /^chatterbox: no user called bob is online\n$/,
  ],
  [":fake 417 tester :Input line was too long", 65, /too long/],
  [":fake 404 tester bob :Cannot send", 77, /Cannot send/],
];

for (const [line, code, text] of REFUSALS) {
  commandTest(`${line.split(" ")[1]} ends with ${code}`, async (peer) => {
    await peer.welcome(OUR_CAPS);
    await peer.until(/PRIVMSG/);
    await peer.send(`@label=1 ${line}`);
    await peer.gone();
  }, async (server) => {
    const outcome = await run(command, ["bob", "hi", "--server", server]);
    assertEquals([outcome.code, outcome.out], [code, ""]);
    assertMatch(outcome.err, text);
    assertEquals(await run(command, ["bob", "hi", "-q", "--server", server]), { code, out: "", err: "" });
  });
}

commandTest("no acknowledgement in time: 75", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await peer.gone();
}, async (server) => {
  const { code, err } = await run(command, ["bob", "hi", "--timeout", "50ms", "--server", server]);
  assertEquals(code, 75);
  assertMatch(err, /no acknowledgement within|did not answer within/);
});

commandTest("a connection lost before the acknowledgement: 75", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await peer.until(/PRIVMSG/);
}, async (server) => {
  const { code, err } = await run(command, ["bob", "hi", "--server", server]);
  assertEquals(code, 75);
  assertMatch(
    err,
    /the connection was lost before the acknowledgement: .*; it may have arrived, and this server/,
  );
});

commandTest("a name that is taken: 77, and what to do", async (peer) => {
  await peer.until(/^USER/);
  await peer.send(":fake CAP * LS :", ":fake 433 * alice :Nickname is already in use");
  await peer.until(/^CAP END/);
  await peer.send(":fake 433 * alice :Nickname is already in use", "ERROR :bye");
  await peer.gone();
}, async (server) => {
  const { code, err } = await run(command, ["bob", "hi", "--from", "alice", "--server", server]);
  assertEquals(code, 77);
  assertMatch(err, /the name alice is taken on 127\.0\.0\.1:\d+; choose another one/);
});

commandTest("what is not an IRC server: 76", async (peer) => {
  await peer.until(/^USER/);
  await peer.send("HTTP/1.1 400 Bad Request", "");
}, async (server) => {
  assertEquals((await run(command, ["bob", "hi", "--server", server])).code, 76);
});

commandTest("somebody who is away gets the message, and the sender their words", async (peer) => {
  await peer.welcome(OUR_CAPS);
  await peer.until(/PRIVMSG/);
  await peer.send(
    "@label=1 :fake BATCH +x labeled-response",
    "@batch=x;msgid=m1 :tester!t@h PRIVMSG bob :hi",
    "@batch=x :fake 301 tester bob :at \x1b[1mlunch",
    ":fake BATCH -x",
  );
  await peer.gone();
}, async (server) => {
  assertEquals(await run(command, ["bob", "hi", "--server", server]), {
    code: 0,
    out: "",
    err: "chatterbox: bob is away: at \u241b[1mlunch\n",
  });
});

Deno.test({
  name: "no server: 69; no such host: 68; both with one line",
  permissions,
  async fn() {
    const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const server = `127.0.0.1:${free.addr.port}`;
    free.close();
    const outcome = await run(command, ["bob", "hi", "--server", server]);
    assertEquals(outcome, {
      code: 69,
      out: "",
      err:
        `chatterbox: cannot reach ${server}: connection refused; is a server running? (chatterbox serve starts one)\n`,
    });
  },
});

Deno.test({
  name: "wrong usage is 64, empty or impossible text 65, before anything is sent",
  permissions,
  async fn() {
    const code = async (args: string[], stdin?: string) =>
      (await run(command, [...args, "--server", "127.0.0.1:1"], stdin === undefined ? {} : { stdin })).code;
    assertEquals(await code([]), 64);
    assertEquals(await code(["bob"]), 64);
    assertEquals(await code(["bob,carol", "hi"]), 64);
    assertEquals(await code(["two words", "hi"]), 64);
    assertEquals(await code([":bob", "hi"]), 64);
    assertEquals(await code(["bob", "hi", "--timeout", "soon"]), 64);
    assertEquals(await code(["bob", "hi", "--from", "no good name"]), 64);
    assertEquals(await code(["bob", "hi", "--wait", "forever"]), 64);
    assertEquals(await code(["#bob", "hi", "--wait", "delivered"]), 64);
    assertEquals(await code(["#bob", "hi", "--wait", "read"]), 64);
    assertEquals(await code(["#bob", "hi", "--online"]), 64);
    assertEquals(await code(["bob", "hi", "--online", "--outbox"]), 64);
    assertEquals(await code(["nickserv", "hi", "--outbox"]), 64, "a service is told passphrases");
    assertEquals(await code(["nickserv", "hi"]), 69);
    for (const id of ["", "two words", "é", "x".repeat(65)]) {
      assertEquals(await code(["bob", "hi", "--id", id]), 64);
    }
    assertEquals(await code(["bob", "--id", "x".repeat(54)], "one\ntwo\n"), 64);
    assertEquals(await code(["bob", "--id", "x".repeat(53)], "one\ntwo\n"), 69);
    assertEquals(await code(["bob"], "\n"), 65);
    assertEquals(await code(["bob"], "a\0b"), 65);
    assertEquals(await code(["bob"], "x".repeat(1024 * 1024 + 1)), 65);
  },
});
