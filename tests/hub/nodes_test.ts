/** NODES: what each client is told of the nodes of a cluster. */
import { assertEquals } from "@std/assert";
import { QUERY_MAX_ROWS } from "../../lib/hub/model/config.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { START, TestHub } from "../support/hub.ts";
import { account, login } from "../support/hub_accounts.ts";
import { pureTest } from "../support/test.ts";

const NODE = {
  node: "a",
  role: "leader",
  lag: 0,
  sessions: 2,
  version: "0.1.0",
  relay: "10.0.0.1:6690",
  startedAt: START,
};

pureTest("nodes: all are told of them, and server operators of their addresses", () => {
  const odd = { ...NODE, node: "b", role: "standby", lag: 7, version: "1 2", relay: "x\r\nKILL" };
  const chat = new TestHub({ nodes: () => [NODE, odd] });
  chat.hub.services.serverOperators.add(account(chat, "boss"));
  const ask = (session: Session) => {
    chat.say(session, "NODES");
    return chat.heard(session);
  };
  const expected = (relay: string) => [
    `:irc.test NODES a leader 0 2 2026-01-02T03:04:05.000Z ${relay} :0.1.0`,
    ":irc.test NODES b standby 7 2 2026-01-02T03:04:05.000Z * :*",
    ":irc.test NODES *",
  ];
  const observer = ["chatterbox.chat/observer"];
  assertEquals(ask(chat.enter("alice")), expected("*"));
  assertEquals(ask(chat.enter("carol", ...observer)), expected("*"));
  assertEquals(ask(login(chat, "boss")), expected(NODE.relay));
  assertEquals(ask(login(chat, "boss", undefined, { caps: observer })), expected(NODE.relay));
});

pureTest("nodes: an answer has an end", () => {
  const chat = new TestHub({ nodes: () => Array.from({ length: QUERY_MAX_ROWS + 1 }, () => NODE) });
  const alice = chat.enter("alice");
  chat.say(alice, "NODES");
  assertEquals(chat.heard(alice).length, QUERY_MAX_ROWS + 1);
});
