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

commandTest(
  "without a key: first that the user is not known, then why nothing can be read: 67",
  async (peer) => {
    await peer.welcome(OUR_CAPS, ["chatterbox.chat/LOBBY=#lobby"]);
    await reply(peer, "WHOIS bbo", [NO_SUCH_NICK, "318 alice bbo :End"]);
    await reply(peer, "LIST", ["322 alice #dev 3 :", "323 alice :End"]);
    await reply(peer, "WHO", ["315 alice * :End"]);
    await reply(peer, "WHOIS Bob", ["311 alice Bob u h * :x"]);
    await peer.gone();
  },
  async (server) => {
    const { code, err } = await run(command, ["bbo", "Bob", "--name", "alice", "--server", server]);
    assertEquals([code, err.split("\n").map((line) => line.slice(0, 50))], [67, [
      "chatterbox: no such user: bbo; a room is '#bbo'",
      `chatterbox: no key of alice for ${server.replace("irc://", "")} on this machine`.slice(0, 50),
      "",
    ]]);
  },
);

commandTest("… of one that is known, or of a server that does not tell, only why: 77", async (peer) => {
  await peer.welcome(OUR_CAPS, ["chatterbox.chat/LOBBY=#lobby"]);
  await reply(peer, "WHOIS bob", ["311 alice bob u h * :x"]);
  await peer.gone();
}, async (server) => {
  const { code, err } = await run(command, ["bob", "--name", "alice", "--server", server]);
  assertEquals([code, err.split("; ")[0]?.split(" for ")[0]], [77, "chatterbox: no key of alice"]);
});

commandTest(
  "of several, users that the server does not know are told, the rest is shown: 67",
  async (peer) => {
    await peer.welcome(OUR_CAPS, ["chatterbox.chat/LOBBY=#lobby"]);
    await reply(peer, "CHATHISTORY LATEST bbo", NO_MESSAGES);
    await reply(
      peer,
      "CHATHISTORY LATEST Bob",
      [
        "BATCH +h chathistory Bob",
        "@batch=h;msgid=m1;time=2026-01-31T10:00:00.000Z :Bob!u@h PRIVMSG alice :psst",
        "BATCH -h",
      ].map((line) => line),
    );
    await reply(peer, "WHOIS bbo", [NO_SUCH_NICK, "318 alice bbo :End"]);
    await reply(peer, "CHATHISTORY LATEST bbo \\* 1$", NO_MESSAGES);
    await reply(peer, "LIST", ["323 alice :End"]);
    await reply(peer, "WHO", ["352 alice * u h s Bob H :0 x", "315 alice * :End"]);
    await peer.gone();
  },
  async (server) => {
    const args = ["bbo", "Bob", "-o", "cat", "--name", "alice", "--server", server];
    const { code, err } = await run(command, args, KEY);
    assertEquals([code, err], [67, "chatterbox: no such user: bbo; did you mean 'Bob'?\n"]);
  },
);
