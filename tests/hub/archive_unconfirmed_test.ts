/** Direct messages that were sent to a broken connection are replayed, though the archive alone has them by then. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { MAX_DIRECT_CONVERSATIONS } from "../../lib/hub/history/idle_conversations.ts";
import { DEFAULT_LIMITS } from "../../lib/hub/model/config.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { START, TestHub } from "../support/hub.ts";
import { login } from "../support/hub_accounts.ts";
import { MemoryEventLog } from "../support/memory_event_log.ts";
import { pureTest } from "../support/test.ts";
import { HubPair } from "./hub_pair.ts";

const PLAIN = ["batch", "server-time", "message-tags"];

/** Everything so far is overwritten in the small log, and the hub notices. */
function overwrite(pair: HubPair): void {
  const { nextSeq } = pair.small.log;
  while (pair.small.log.oldestSeq < nextSeq) pair.say("bob", `PRIVMSG #busy :${"x".repeat(300)}`);
  pair.advance(1);
}

/** Alice has sent frank a direct message, which the small log has overwritten; frank has not been heard from since. */
function withUnconfirmed(): HubPair {
  const pair = new HubPair();
  for (const nick of ["alice", "bob", "frank"]) pair.login(nick, ...PLAIN);
  pair.say("bob", "JOIN #busy");
  pair.say("alice", "PRIVMSG frank :unconfirmed");
  overwrite(pair);
  return pair;
}

/** Time passes in which `nicks` answer the server's PING. */
function timeOut(pair: HubPair, ...nicks: string[]): void {
  for (let time = 0; time < 2; time++) {
    pair.advance(DEFAULT_LIMITS.pingTimeoutMs);
    for (const nick of nicks) pair.say(nick, "PONG irc.test");
  }
}

/** Frank comes back, and answers the PING after the welcome. Returns the texts that frank is sent. */
function comeBack(pair: HubPair): (string | undefined)[] {
  pair.login("frank", ...PLAIN);
  return texts(pair.say("frank", "PONG waiting-1"));
}

const texts = (lines: readonly string[]) =>
  lines.map((line) => parseMessage(line)!).filter(({ command }) => command === "PRIVMSG").map(({ params }) =>
    params[1]
  );

/** What the hub with the archive holds of frank's conversation with alice. */
const held = ({ small }: HubPair) => small.hub.services.history.directConversation("owner-frank", "alice");

pureTest("archive: a direct message to a connection that turns out to be broken is replayed", () => {
  const pair = withUnconfirmed();
  assert(held(pair) !== undefined, "it is not known yet whether the message has arrived");
  timeOut(pair, "alice", "bob");
  assert(!pair.has("frank"), "the connection has timed out");
  assertEquals(held(pair), undefined, "the hub holds no more of it than before");
  assertEquals(comeBack(pair), ["unconfirmed"]);
});

pureTest(
  "archive: a direct message that is confirmed is not replayed, and its conversation is let go",
  () => {
    const pair = withUnconfirmed();
    pair.say("frank", "PONG irc.test");
    pair.advance(1);
    assertEquals(held(pair), undefined);
    timeOut(pair, "alice", "bob");
    assert(!pair.has("frank"), "the connection has timed out");
    assertEquals(comeBack(pair), []);
  },
);

pureTest(
  "archive: a direct message waits on when its receiver says something first and marks older ones read",
  () => {
    const pair = new HubPair();
    for (const nick of ["alice", "bob", "frank"]) pair.login(nick, ...PLAIN);
    pair.say("bob", "JOIN #busy");
    pair.say("frank", "QUIT");
    pair.now += 1000;
    pair.say("alice", "PRIVMSG frank :waits");
    overwrite(pair);
    assertEquals(held(pair), undefined);
    pair.login("frank", ...PLAIN, "draft/read-marker");
    const before = new Date(START + 1).toISOString();
    pair.say("frank", "PRIVMSG alice :hello", `MARKREAD alice timestamp=${before}`);
    assertEquals(held(pair)?.receivedSeq, 0, "of what frank has received the hub holds nothing");
    assertEquals(texts(pair.say("frank", "PONG waiting-1")), ["waits"]);
  },
);

pureTest(
  "archive: of an unconfirmed direct message in a conversation beyond the bound, a notice tells",
  () => {
    const chat = new TestHub({ hasArchive: true }, new MemoryEventLog());
    const [alice, frank] = [login(chat, "alice"), login(chat, "frank", undefined, { caps: PLAIN })];
    chat.say(alice, "PRIVMSG frank :unconfirmed");
    const { history } = chat.hub.services;
    const target = { kind: "direct", name: "bob", owner: "owner-bob" } as const;
    for (let made = 0; history.directConversation("owner-frank", "alice") !== undefined; made++) {
      assert(made < MAX_DIRECT_CONVERSATIONS, "it is dropped as one of too many");
      const source = `m${made}!~m@127.0.0.1`;
      const rest = { target, text: "x", tags: "", from: `owner-m${made}`, id: undefined };
      history.append({ kind: "message", verb: "PRIVMSG", source, ...rest }, chat.now);
    }
    chat.advance(DEFAULT_LIMITS.pingTimeoutMs);
    chat.advance(DEFAULT_LIMITS.pingTimeoutMs);
    assert(frank.closeReason !== undefined, "the connection has timed out");
    const again = login(chat, "frank", undefined, { caps: PLAIN });
    chat.say(again, "PONG waiting-1");
    assertMatch(chat.heard(again).join("\n"), /There are also messages from other users/);
  },
);
