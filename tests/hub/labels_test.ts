/** One label, one response (labeled-response, "Tags"): of every verb, whatever becomes of the line, also where that takes a while. */
import { assertEquals } from "@std/assert";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { encodeUtf8 } from "../../lib/base/bytes.ts";
import { MAX_CLIENT_TAGS_BYTES, MAX_LINE_BYTES } from "../../lib/irc/limits.ts";
import { LineSplitter } from "../../lib/irc/line_splitter.ts";
import type { LineFault } from "../../lib/irc/line_splitter.ts";
import { VERBS } from "../../lib/hub/verbs/mod.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const CAPS = [
  "batch",
  "labeled-response",
  "echo-message",
  "message-tags",
  "draft/multiline",
  "draft/message-redaction",
  "draft/chathistory",
  "draft/read-marker",
  "chatterbox.chat/receipts",
];

/** Parameters that mean something to most verbs, nothing to some, and too few to many. */
const PARAMS = [
  "",
  "*",
  "+",
  "0",
  "#tea",
  "#nothing",
  "bob",
  "nobody",
  "alice",
  "+x draft/multiline #tea",
  "-x",
  "#tea :hello",
  "bob :hello",
  "bob #tea",
  "#tea bob",
  "#tea bob :hello",
  "#tea +ov bob",
  "#tea #milk",
  "#tea,#milk,#nothing",
  "LS 302",
  "LIST",
  "LATEST #tea * 10",
  "TARGETS timestamp=2026-01-01T00:00:00.000Z timestamp=2027-01-01T00:00:00.000Z 10",
  "durable x",
  "read x",
  "* * correcthorse",
  "PLAIN",
  "SCRAM-SHA-256",
  "name:bob 10m :noise",
  "alice correcthorse",
  "alice 0 * :Alice",
];

/** How often `label` is answered by what `session` has heard. */
function responses(chat: TestHub, session: Session, label: string): { count: number; lines: string[] } {
  const lines = chat.heard(session);
  const answers = lines.filter((line) => new RegExp(`^@(?:[^ ]*;)?label=${label}(?:;| )`).test(line));
  return { count: answers.length, lines };
}

/** A fresh chat with somebody who says the line, in one of the states that a connection can be in. */
function speaker(state: string): { chat: TestHub; session: Session } {
  const chat = new TestHub();
  const bob = chat.enter("bob", "message-tags");
  chat.say(bob, "JOIN #tea,#milk", "AWAY :gone", "PRIVMSG #tea :hello");
  if (state === "newcomer") {
    const session = chat.open();
    chat.say(session, `CAP REQ :${CAPS.join(" ")} chatterbox.chat/claim sasl`, "NICK alice");
    chat.heard(session);
    return { chat, session };
  }
  if (state === "observer") {
    return { chat, session: chat.enter("alice", ...CAPS, "chatterbox.chat/observer") };
  }
  const session = chat.enter("alice", ...CAPS, "sasl");
  chat.say(session, "JOIN #tea");
  if (state === "operator") chat.hub.context.commit({ kind: "oper", user: session.user!, oper: true });
  chat.heard(session);
  return { chat, session };
}

for (const state of ["newcomer", "member", "operator", "observer"]) {
  pureTest(`labels: every line of every verb has one response, for a ${state}`, async () => {
    let { chat, session } = speaker(state);
    for (const verb of [...VERBS.keys(), "NOSUCHVERB"]) {
      for (const params of PARAMS) {
        const line = `${verb} ${params}`.trimEnd();
        chat.say(session, `@label=L1 ${line}`);
        await chat.errands();
        const opened = session.connection.batch;
        if (opened !== undefined) chat.say(session, `BATCH -${opened.ref}`);
        const { count, lines } = responses(chat, session, "L1");
        assertEquals(count, 1, `${line}\n${lines.join("\n")}`);
        const changed = session.closeReason !== undefined ||
          (session.phase.kind !== "registering") !== (state !== "newcomer") ||
          session.connection.saslExchange !== undefined ||
          !chat.hub.context.state.sessions.has(session.id) ||
          /^(NICK|CAP|JOIN|PART|KICK|MODE|REGISTER|UNREGISTER|BAN|KILL|RENAME)$/.test(verb);
        if (changed) ({ chat, session } = speaker(state));
      }
    }
  });
}

pureTest("labels: what is answered later is answered once, and with its own label", async () => {
  const chat = new TestHub({ storage: { sync: 1000, trouble: undefined } });
  const alice = chat.enter("alice", ...CAPS);
  const bob = chat.enter("bob", "message-tags");
  chat.say(alice, "@label=A PRIVMSG bob :hello");
  const msgid = /msgid=([^; ]+)/.exec(chat.heard(alice)[0]!)![1]!;
  chat.say(
    alice,
    `@label=B AWAIT durable ${msgid}`,
    `@label=C AWAIT delivered ${msgid}`,
    "@label=D PING x",
  );
  assertEquals(chat.heard(alice), ["@label=D :irc.test PONG irc.test :x"]);
  chat.say(
    bob,
    ...chat.heard(bob).flatMap((line) => /^PING (.*)/.exec(line)?.[1] ?? []).map((t) => `PONG ${t}`),
  );
  assertEquals(chat.heard(alice), [`@label=C :irc.test AWAIT delivered ${msgid}`]);
  chat.ring.markDurable(chat.ring.nextSeq, chat.ring.position);
  chat.hub.services.receipts.handleSync(chat.hub.services.receipts.nextTicket, undefined);
  chat.deliver();
  assertEquals(chat.heard(alice), [`@label=B :irc.test AWAIT durable ${msgid}`]);
  // Lines behind one that takes a while are answered behind it.
  chat.say(alice, "@label=E REGISTER * * correcthorse", "@label=F PING y", "@label=G PRIVMSG");
  assertEquals(chat.heard(alice), []);
  await chat.errands();
  const labels = chat.heard(alice).flatMap((line) => /^@label=(\w+)/.exec(line)?.[1] ?? []);
  assertEquals(labels, ["E", "F", "G"]);
});

pureTest("labels: a line that is refused unread is answered with the label that can be read in it", () => {
  const chat = new TestHub();
  const alice = chat.enter("alice", "batch", "labeled-response");
  const splitter = new LineSplitter({ tagsBytes: MAX_CLIENT_TAGS_BYTES, restBytes: MAX_LINE_BYTES });
  const heardOf = (...parts: (string | number[])[]) => {
    const lines: (string | LineFault)[] = [];
    for (const part of parts) {
      splitter.push(typeof part === "string" ? encodeUtf8(part) : Uint8Array.from(part), lines);
    }
    chat.say(alice, ...lines);
    return chat.heard(alice).map((line) => line.replace(/ :Message rejected.*/, ""));
  };
  const [bad, nul] = [[0xff], [0x00]];
  const utf8Fault = ":irc.test FAIL PRIVMSG INVALID_UTF8";
  const nulFault = ":irc.test FAIL PRIVMSG INVALID_MESSAGE";
  assertEquals(heardOf("@label=1 PRIVMSG bob :", bad, "\r\n"), [`@label=1 ${utf8Fault}`]);
  assertEquals(heardOf("@+a=", bad, ";label=2 PRIVMSG bob :x\r\n"), [`@label=2 ${utf8Fault}`]);
  assertEquals(heardOf("@label=3 PRIVMSG bob :", nul, "\r\n"), [`@label=3 ${nulFault}`]);
  assertEquals(heardOf("@+a=", nul, ";label=4 PRIVMSG bob :x\r\n"), [`@label=4 ${nulFault}`]);
  assertEquals(
    heardOf("@label=", bad, " PRIVMSG bob :x\r\n"),
    [utf8Fault],
    "it is not a label that can be said again",
  );
  assertEquals(heardOf("@label=5", nul, " PRIVMSG bob :x\r\n"), [nulFault]);
  assertEquals(heardOf(`@label=${"l".repeat(65)} PRIVMSG bob :`, bad, "\r\n"), [utf8Fault]);
  assertEquals(heardOf("PRIVMSG bob :", bad, "\r\n"), [utf8Fault]);
  const bob = chat.enter("bob");
  chat.say(bob, { fault: "nul", head: "PRIVMSG", tags: "label=6" });
  assertEquals(
    chat.heard(bob)[0]?.startsWith(nulFault),
    true,
    "labels are for those that have asked for them",
  );
});
