/** `send` on a server of ours: what it waits for, and what becomes of a message while the server is away. */
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { command } from "../../commands/send.ts";
import type { Address } from "../../lib/net/address.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { runServer } from "../support/chat_server.ts";
import { FaultProxy } from "../support/fault_proxy.ts";
import { LineClient } from "../support/line_client.ts";
import { SocketClient } from "../support/socket_client.ts";
import { program, Server } from "./program.ts";
import type { Run } from "./program.ts";
import { run } from "./run_command.ts";

const permissions = { net: true, read: true, write: true } as const;

interface Bench {
  readonly address: Address & { kind: "tcp" };
  /** The way to the server that the sender takes. */
  readonly proxy: FaultProxy;
  readonly home: string;
  send(...args: string[]): Promise<Run>;
}

/** A server in this process, without a disk, and a sender with a home. */
function receiptTest(name: string, body: (bench: Bench) => Promise<void>) {
  Deno.test({
    name,
    permissions,
    fn: () =>
      withTempDir(async (home) => {
        const server = await runServer();
        using proxy = new FaultProxy(server.address);
        try {
          await body({
            address: server.address as Address & { kind: "tcp" },
            proxy,
            home,
            send: (...args) => sendFrom(home, proxy, args),
          });
        } finally {
          proxy.close();
          await server.stop();
        }
      }),
  });
}

function sendFrom(home: string, proxy: FaultProxy, args: readonly string[]): Promise<Run> {
  const env = { XDG_CONFIG_HOME: home, XDG_STATE_HOME: home };
  return run(command, [...args, "--server", proxy.url], { env });
}

function records({ out }: Run): Record<string, unknown>[] {
  return out.trimEnd().split("\n").map((line) => JSON.parse(line));
}

receiptTest("--wait durable where the server keeps nothing on disk: accepted, and 71", async ({ send }) => {
  const outcome = await send("#lobby", "hi", "--wait", "durable", "--json");
  const [{ id, durable } = {}] = records(outcome);
  assertEquals([outcome.code, durable], [71, false]);
  assertEquals(
    outcome.err,
    `chatterbox: message ${id} was accepted, but is not known to be on the server's disk: This server keeps messages in memory only\n`,
  );
});

receiptTest("--wait delivered: the receiver's client has answered", async ({ send, address }) => {
  const bob = await LineClient.enter({ address, nick: "bob" });
  const outcome = await send("bob", "hi", "--wait", "delivered", "--json");
  assertEquals([outcome.code, outcome.err], [0, ""]);
  const [{ durable, delivered, target } = {}] = records(outcome);
  assertEquals([durable, delivered, target], [null, true, "bob"]);
  bob.close();
  await bob.ended;
});

receiptTest(
  "--wait delivered to a client that goes without having answered: 72",
  async ({ send, address }) => {
    const bob = await SocketClient.connect(address);
    await bob.send("NICK bob\r\nUSER bob 0 * :bob");
    await bob.until((line) => line.includes(" 001 "));
    const sending = send("bob", "hi", "--wait", "delivered", "--json");
    await bob.until((line) => line.includes(" PRIVMSG "));
    bob.close();
    const outcome = await sending;
    const [{ id, delivered } = {}] = records(outcome);
    assertEquals([outcome.code, delivered], [72, false]);
    assertEquals(
      outcome.err,
      `chatterbox: message ${id} was accepted, but is not known to have been delivered to bob: ` +
        "bob is offline\n",
    );
  },
);

receiptTest(
  "many lines arrive whole, as one message, and once under their id; more than one message holds is cut",
  async ({ send, address }) => {
    const said: string[] = [];
    const reader = await LineClient.enter({
      address,
      nick: "reader",
      onMessage: ({ command, params }) => command === "PRIVMSG" && said.push(params[1]!),
    });
    reader.send("JOIN #lobby");
    await reader.barrier();
    const lines = Array.from({ length: 30 }, (_, nth) => nth === 7 ? "" : `line ${nth}`);
    const first = records(await send("#lobby", lines.join("\n"), "--id", "log", "--json"));
    await reader.barrier();
    // Without draft/multiline it gets a message a line, without the blank ones.
    assertEquals([first.length, said.splice(0)], [1, lines.filter((line) => line !== "")]);
    assertEquals(records(await send("#lobby", lines.join("\n"), "--id", "log", "--json")), first);
    assertEquals(records(await send("#lobby", lines.join("\n"), "--outbox", "--json")).length, 30);
    const long = await send("#lobby", Array.from({ length: 250 }, (_, nth) => `${nth}`).join("\n"), "--json");
    assertEquals(records(long).length, 3);
    reader.close();
    await reader.ended;
  },
);

receiptTest("--id: the same message is said once, another one under the id is refused", async ({ send }) => {
  const ids = async (...args: string[]) =>
    records(await send("#lobby", "--json", ...args)).map(({ id }) => id);
  const first = await ids("hello", "--id", "build-7");
  assertEquals(await ids("hello", "--id", "build-7"), first);
  assertNotEquals(await ids("hello", "--id", "build-8"), first);
  assertNotEquals(await ids("hello"), await ids("hello"));
  assertEquals(await send("#lobby", "goodbye", "--id", "build-7"), {
    code: 65,
    out: "",
    err: `chatterbox: id build-7 was used before for another message (${first[0]})\n`,
  });
});

receiptTest(
  "an acknowledgement that is lost: 75 and how to try again; --retry does so, and it is said once",
  async (bench) => {
    const { proxy, send, address } = bench;
    const heard: string[] = [];
    const bob = await LineClient.enter({
      address,
      nick: "bob",
      onMessage: ({ command, params }) => command === "PRIVMSG" ? heard.push(params[1]!) : undefined,
    });
    proxy.plan({ kind: "cut", direction: "down", at: { before: "PRIVMSG bob" } });
    const lost = await send("bob", "one");
    assertEquals(lost.code, 75);
    assertMatch(
      lost.err,
      /^chatterbox: the connection was lost before the acknowledgement: .*; it is safe to try again with --id [0-9a-f]{32}\n$/,
    );
    const [, id = ""] = /--id (\S+)/.exec(lost.err)!;
    assertEquals((await send("bob", "one", "--id", id)).code, 0);
    proxy.plan({ kind: "cut", direction: "down", at: { before: "PRIVMSG bob" } });
    const retried = await send("bob", "two", "--retry", "20s");
    assertEquals(retried.code, 0);
    assertMatch(
      retried.err,
      /^chatterbox: the connection was lost before the acknowledgement: .*; trying again for 20s\n$/,
    );
    await bob.barrier();
    assertEquals(heard, ["one", "two"]);
    bob.close();
    await bob.ended;
  },
);

receiptTest(
  "--outbox keeps what cannot be sent; the next send takes it along, in order and once",
  async (bench) => {
    const { proxy, send, home } = bench;
    proxy.refuse();
    const kept = await send("#lobby", "first", "--outbox", "--id", "k");
    assertEquals([kept.code, kept.out], [75, ""]);
    assertMatch(
      kept.err,
      /^chatterbox: [^\n]*; kept in the outbox; the next send or join as tester to this server sends it\n$/,
    );
    assertEquals((await send("#lobby", "another", "--outbox", "--id", "k")).code, 65);
    assertEquals((await send("nobody", "to\x1bnobody", "--outbox")).code, 75);
    proxy.listen();
    proxy.plan({ kind: "cut", direction: "down", at: { before: "PRIVMSG #lobby" } });
    assertEquals((await send("#lobby", "not kept")).code, 75);
    const { code, err, out } = await send("#lobby", "second", "--json");
    assertEquals(code, 0);
    assertEquals(
      err,
      "chatterbox: from the outbox, not sent to nobody: no user called nobody is online; the message was: to\u241bnobody\n" +
        "chatterbox: sent from the outbox: 1 message\n",
    );
    assertEquals(out.trimEnd().split("\n").length, 1);
    assertEquals(await send("#lobby", "first", "--id", "k"), { code: 0, out: "", err: "" });
    assertEquals(
      [...Deno.readDirSync(`${home}/chatterbox/outbox/localhost_${proxy.address.port}/tester`)],
      [],
    );
  },
);

receiptTest(
  "--outbox keeps what may have arrived, and the server knows it again",
  async ({ proxy, send }) => {
    proxy.plan({ kind: "cut", direction: "down", at: { before: "PRIVMSG #lobby" } });
    const kept = await send("#lobby", "once", "--outbox", "--id", "k");
    assertEquals(kept.code, 75);
    assertMatch(kept.err, /the connection was lost before the acknowledgement: .*; kept in the outbox; /);
    const [first] = records(await send("#lobby", "other", "--json"));
    const [again] = records(await send("#lobby", "once", "--id", "k", "--json"));
    assertEquals(Number(again!.seq) < Number(first!.seq), true);
  },
);

receiptTest(
  "--outbox keeps all messages of a text or none, and what waited before waits on",
  async ({ proxy, send, home }) => {
    proxy.refuse();
    const waiting = () =>
      [...Deno.readDirSync(`${home}/chatterbox/outbox/localhost_${proxy.address.port}/tester`)].map((
        { name },
      ) => name)
        .sort();
    await send("#lobby", "first", "--outbox", "--id", "k");
    await send("#lobby", "something else", "--outbox", "--id", "j");
    const before = waiting();
    const outcome = await send("#lobby", "first\nsecond\nthird", "--outbox", "--id", "k");
    assertEquals(outcome.code, 65);
    assertMatch(outcome.err, /not kept in the outbox: another text waits under the id k\n$/);
    assertEquals(waiting(), before);
  },
);

receiptTest("--outbox without a place for it: 78, or 74, and nothing is sent", async ({ proxy, home }) => {
  const env = { XDG_CONFIG_HOME: home };
  const args = ["#lobby", "hi", "--server", proxy.url];
  assertEquals((await run(command, [...args, "--outbox"], { env })).code, 78);
  assertEquals((await run(command, args, { env })).code, 0);
  await Deno.writeTextFile(`${home}/file`, "");
  const state = { ...env, XDG_STATE_HOME: `${home}/file` };
  const outcome = await run(command, [...args, "--outbox"], { env: state });
  assertEquals(outcome.code, 74);
  assertMatch(outcome.err, /^chatterbox: the outbox cannot be used: .*\n$/);
  assertEquals((await run(command, args, { env: state })).code, 0);
  assertEquals(proxy.made, 2);
});

Deno.test({
  name: "a server that is killed and comes back: --retry sends what was said meanwhile, once, and on disk",
  async fn() {
    const home = await Deno.makeTempDir();
    using proxy = new FaultProxy();
    const lead = (server: Server) => {
      proxy.upstream = { kind: "tcp", host: "127.0.0.1", port: Number(new URL(server.url).port) };
    };
    const first = await Server.start(home);
    lead(first);
    assertEquals((await sendFrom(home, proxy, ["#lobby", "before", "--wait", "durable"])).code, 0);
    await first.stop("SIGKILL");
    proxy.refuse();
    const sending = sendFrom(home, proxy, [
      "#lobby",
      "meanwhile",
      "--wait",
      "durable",
      "--retry",
      "20s",
      "--json",
    ]);
    await using second = await Server.start(home);
    lead(second);
    proxy.plan({ kind: "cut", direction: "down", at: { before: "PRIVMSG #lobby" } });
    proxy.listen();
    const sent = await sending;
    assertEquals(sent.code, 0);
    assertMatch(sent.err, /^chatterbox: [^\n]*; trying again for 20s\n$/);
    assertEquals(records(sent).map(({ durable }) => durable), [true]);
    const { out } = await program(["logs", "--json", "--server", second.url], home);
    assertEquals(records({ ...sent, out }).map(({ text }) => text), ["before", "meanwhile"]);
  },
});
