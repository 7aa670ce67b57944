import { assertEquals } from "@std/assert";
import { command } from "../../commands/logs.ts";
import { OUR_CAPS } from "../client/fake_server.ts";
import type { Peer } from "../client/fake_server.ts";
import { commandTest, run } from "./run_command.ts";

/** Answers the next request that begins with `command` with `lines`, as one response. */
async function reply(peer: Peer, command: string, lines: readonly string[]): Promise<void> {
  const [, label] = await peer.until(new RegExp(`^@label=(\\S+) ${command}`));
  await peer.send(
    `@label=${label} :fake BATCH +l labeled-response`,
    ...lines.map((line) => `@batch=l :fake ${line}`),
    ":fake BATCH -l",
  );
}

const NO_MESSAGES = ["BATCH +h chathistory bbo", "BATCH -h"];
const NO_SUCH_NICK = "401 alice bbo :No such nick";
const KEY = { env: { CHATTERBOX_KEY: "k".repeat(43) } };

commandTest(
  "a user that the server does not know, without messages: 67, with a similar name",
  async (peer) => {
    await peer.welcome(OUR_CAPS, ["chatterbox.chat/LOBBY=#lobby"]);
    await reply(peer, "CHATHISTORY LATEST bbo", NO_MESSAGES);
    await reply(peer, "WHOIS bbo", [NO_SUCH_NICK, "318 alice bbo :End"]);
    await reply(peer, "CHATHISTORY LATEST bbo \\* 1$", NO_MESSAGES);
    await reply(peer, "LIST", ["322 alice #bbo 3 :", "323 alice :End"]);
    await reply(peer, "WHO", ["352 alice * u h s Bob H :0 x", "315 alice * :End"]);
    await peer.gone();
  },
  async (server) => {
    assertEquals(await run(command, ["bbo", "--name", "alice", "--server", server], KEY), {
      code: 67,
      out: "",
      err: "chatterbox: no such user: bbo; did you mean 'Bob'?\n",
    });
  },
);

commandTest("… and with a room of that name where no user's is similar", async (peer) => {
  await peer.welcome(OUR_CAPS, ["chatterbox.chat/LOBBY=#lobby"]);
  await reply(peer, "CHATHISTORY LATEST bbo", NO_MESSAGES);
  await reply(peer, "WHOIS bbo", [NO_SUCH_NICK]);
  await reply(peer, "CHATHISTORY LATEST bbo \\* 1$", NO_MESSAGES);
  await reply(peer, "LIST", ["322 alice #bbo 3 :"]);
  await reply(peer, "WHO", ["315 alice * :End"]);
  await peer.gone();
}, async (server) => {
  const { code, err } = await run(command, ["bbo", "--name", "alice", "--server", server], KEY);
  assertEquals([code, err], [67, "chatterbox: no such user: bbo; did you mean '#bbo'?\n"]);
});

for (
  const [what, whois, history] of [
    ["registered", [NO_SUCH_NICK, "320 alice bbo :is registered"], undefined],
    ["online", ["311 alice bbo u h * :x"], undefined],
    ["gone, with messages that are filtered out", [NO_SUCH_NICK], ["PRIVMSG alice :hi"]],
  ] as const
) {
  commandTest(`no messages with a user that is ${what}: 0`, async (peer) => {
    await peer.welcome(OUR_CAPS, ["chatterbox.chat/LOBBY=#lobby"]);
    await reply(peer, "CHATHISTORY", NO_MESSAGES);
    await reply(peer, "WHOIS bbo", whois);
    if (history !== undefined) await reply(peer, "CHATHISTORY LATEST bbo \\* 1$", history);
    await peer.gone();
  }, async (server) => {
    const args = ["bbo", "--since", "1d", "--name", "alice", "--server", server];
    assertEquals(await run(command, args, KEY), { code: 0, out: "", err: "" });
  });
}

commandTest("a room that cannot be followed: 67, with a similar one", async (peer) => {
  await peer.welcome(OUR_CAPS, ["chatterbox.chat/LOBBY=#lobby"]);
  const [, label] = await peer.until(/^@label=(\S+) (?:FOLLOW|JOIN) #loby$/);
  await peer.send(`@label=${label} :fake FAIL FOLLOW NO_SUCH_CHANNEL #loby :No such channel`);
  await reply(peer, "LIST", ["323 alice :End"]);
  await peer.gone();
}, async (server) => {
  const { code, err } = await run(command, ["-f", "#loby", "--server", server]);
  assertEquals([code, err], [67, "chatterbox: no such room: #loby; did you mean '#lobby'?\n"]);
});
