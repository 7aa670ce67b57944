/** `send` to somebody who has an account and is not there, and what it knows of his having read it. */
import { assertEquals, assertMatch } from "@std/assert";
import { command } from "../../commands/send.ts";
import type { Message } from "../../lib/irc/message.ts";
import type { Address } from "../../lib/net/address.ts";
import { withTempDir } from "../support/temp_dir.ts";
import { runServer } from "../support/chat_server.ts";
import { inEnoughTime } from "../support/guard.ts";
import { LineClient } from "../support/line_client.ts";
import type { Run } from "./program.ts";
import { run } from "./run_command.ts";

const permissions = { net: true, read: true, write: true } as const;
const KEY = "k".repeat(43);
const CAPS = [
  "server-time",
  "draft/chathistory",
  "draft/read-marker",
  "chatterbox.chat/receipts",
  "message-tags",
];

interface Bench {
  send(...args: string[]): Promise<Run>;
  /** Bob, who is logged in; `heard` of what he was told. */
  bob(heard?: (message: Message) => void): Promise<LineClient>;
}

/** A server on which bob has an account, and is not there. */
function absentReceiverTest(name: string, body: (bench: Bench) => Promise<void>) {
  Deno.test({
    name,
    permissions,
    fn: () =>
      withTempDir(async (home) => {
        const server = await runServer();
        const address = server.address as Address & { kind: "tcp" };
        const env = { XDG_CONFIG_HOME: home, XDG_STATE_HOME: home };
        let nth = 0;
        const bob = async (heard: (message: Message) => void = () => {}) => {
          const nick = nth === 0 ? "bob" : `guest${nth}`;
          const client = await LineClient.enter({ address, nick, caps: CAPS, onMessage: heard });
          client.send(nth++ === 0 ? `REGISTER * * ${KEY}` : `PRIVMSG NickServ :IDENTIFY bob ${KEY}`);
          await client.barrier();
          return client;
        };
        try {
          const first = await bob();
          first.close();
          await first.ended;
          await body({
            bob,
            send: (...args) =>
              run(command, [...args, "--server", `irc://127.0.0.1:${address.port}`], { env }),
          });
        } finally {
          await server.stop();
        }
      }),
  });
}

absentReceiverTest(
  "somebody who is not there gets it later: it is queued, and that is no failure",
  async ({ send }) => {
    const told = "chatterbox: bob is offline; the message will be delivered when they return\n";
    assertEquals(await send("bob", "one"), { code: 0, out: "", err: told });
    assertEquals(await send("bob", "two", "-q"), { code: 0, out: "", err: "" });
    assertEquals(await send("bob", "three\nfour"), { code: 0, out: "", err: told });
    const { out } = await send("bob", "five", "--json");
    assertEquals(JSON.parse(out).queued, true);
    assertEquals((await send("carol", "one")).code, 67);
  },
);

absentReceiverTest("--online: 67, and nothing is left behind", async ({ send, bob }) => {
  assertEquals(await send("bob", "one", "--online"), {
    code: 67,
    out: "",
    err: "chatterbox: no user called bob is online\n",
  });
  const told: string[] = [];
  const here = await bob(({ command, params }) => command === "PRIVMSG" ? told.push(params[1]!) : undefined);
  const { code, out } = await send("bob", "two", "--online", "--json");
  assertEquals([code, JSON.parse(out).queued], [0, false]);
  here.send("CHATHISTORY LATEST tester * 10");
  await here.barrier();
  assertEquals(told, ["two", "two"]); // live, and out of the history
  here.close();
  await here.ended;
});

absentReceiverTest(
  "--wait read: once the receiver says so, and 72 where he does not",
  async ({ send, bob }) => {
    const err = await inEnoughTime("the message to be accepted", async (seconds) => {
      const { code, err } = await send("bob", "one", "--wait", "read", "--timeout", `${seconds}s`);
      if (code !== 72) assertEquals(code, 75);
      return code === 72 ? err : undefined;
    });
    assertMatch(
      err,
      /^chatterbox: message \S+ was accepted, but is not known to have been read by bob: no answer within \d+s$/m,
    );
    const reader: { client?: LineClient } = {};
    const here = await bob(({ command, params, tags }) => {
      if (command !== "PRIVMSG" || params[1] !== "three") return;
      reader.client?.send(`MARKREAD tester timestamp=${tags.get("time")}`);
    });
    reader.client = here;
    const outcome = await send("bob", "two\nthree", "--wait", "read", "--json", "--outbox");
    assertEquals([outcome.code, outcome.err], [0, ""]);
    assertEquals(outcome.out.trimEnd().split("\n").map((line) => JSON.parse(line).read), [true, true]);
    here.close();
    await here.ended;
  },
);
