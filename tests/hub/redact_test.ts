/** What was taken back is gone from history, after a start too. */
import { assertEquals } from "@std/assert";
import { Ring, RING_MIN_BYTES } from "../../lib/log/ring.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { login, makeOperator } from "../support/hub_accounts.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

const CAPS = ["message-tags", "echo-message", "draft/message-redaction", "draft/chathistory"];

/** The id of what `session` says by `line`. */
function say(chat: TestHub, session: Session, line: string): string {
  chat.heard(session);
  chat.say(session, line);
  return /msgid=([^; ]+)/.exec(chat.heard(session)[0]!)![1]!;
}

function history(chat: TestHub, session: Session, target: string, count = 100): string[] {
  chat.heard(session);
  chat.say(session, `CHATHISTORY LATEST ${target} * ${count}`);
  return chat.heard(session).map((line) => line.slice(line.lastIndexOf(":") + 1));
}

pureTest("redact: in a room and in a talk, before and after a start", () => {
  const ring = Ring.create(RING_MIN_BYTES);
  const chat = new TestHub({ accounts: "off" }, ring);
  const key = "A".repeat(43);
  const enter = (hub: TestHub, nick: string) => {
    const session = hub.open();
    hub.say(session, `CAP REQ :${CAPS.join(" ")} chatterbox.chat/claim`, `CLAIM ${key}`, `NICK ${nick}`);
    hub.say(session, `USER ${nick} 0 * :${nick}`, "CAP END");
    return session;
  };
  const [alice, bob] = [enter(chat, "alice"), chat.enter("bob")];
  chat.say(alice, "JOIN #tea");
  const ids = ["one", "two", "three"].map((text) => say(chat, alice, `PRIVMSG #tea :${text}`));
  const direct = ["psst", "hush"].map((text) => say(chat, alice, `PRIVMSG bob :${text}`));
  chat.say(alice, `REDACT #tea ${ids[1]} :oops`, `REDACT bob ${direct[1]}`);
  assertEquals(history(chat, alice, "#tea"), ["one", "three"]);
  assertEquals(history(chat, alice, "#tea", 2), ["one", "three"]);
  assertEquals([history(chat, alice, "bob"), history(chat, bob, "alice")], [["psst"], ["psst"]]);
  const after = new TestHub({ accounts: "off" }, ring);
  const again = enter(after, "alice");
  assertEquals([history(after, again, "#tea"), history(after, again, "bob")], [["one", "three"], ["psst"]]);
  after.say(again, `REDACT #tea ${ids[2]}`);
  assertEquals(history(after, again, "#tea"), ["one"]);
});

pureTest(
  "redact: an old one that the log holds no more is nobody's business, and its redaction does no harm at a start",
  () => {
    const ring = Ring.create(RING_MIN_BYTES);
    const chat = new TestHub({}, ring);
    const alice = chat.enter("alice", ...CAPS);
    chat.say(alice, "JOIN #tea");
    const first = say(chat, alice, "PRIVMSG #tea :one");
    const filler = () => chat.hub.announce("#lobby", "x".repeat(200), chat.now);
    while (ring.nextSeq - ring.oldestSeq < 100) filler();
    chat.say(alice, `REDACT #tea ${first}`);
    const redactedAt = ring.nextSeq - 1;
    while (ring.oldestSeq < redactedAt - 10) filler();
    const after = new TestHub({}, ring);
    const bob = after.enter("bob", ...CAPS);
    after.say(bob, `REDACT #tea ${first}`);
    assertEquals(after.heard(bob), [
      `:irc.test FAIL REDACT UNKNOWN_MSGID #tea ${first} :This message does not exist or is too old`,
    ]);
  },
);

pureTest("redact: who may not speak takes back without a reason", () => {
  const chat = new TestHub();
  const [alice, bob, root] = ["alice", "bob", "root"].map((nick) =>
    login(chat, nick, undefined, { caps: CAPS })
  );
  makeOperator(chat, "root");
  chat.say(alice!, "JOIN #tea");
  chat.say(bob!, "JOIN #tea");
  const [open, moderated, muted] = [1, 2, 3].map((count) => say(chat, bob!, `PRIVMSG #tea :${count}`));
  const heard = (msgid: string | undefined) => {
    chat.heard(alice!);
    chat.say(bob!, `REDACT #tea ${msgid} :look here`);
    return chat.heard(alice!).map((line) => line.slice(line.indexOf(" REDACT ")));
  };
  assertEquals(heard(open), [` REDACT #tea ${open} :look here`]);
  chat.say(alice!, "MODE #tea +m");
  assertEquals(heard(moderated), [` REDACT #tea ${moderated}`]);
  chat.say(alice!, "MODE #tea -m");
  chat.say(root!, "MUTE bob");
  assertEquals(heard(muted), [` REDACT #tea ${muted}`]);
});
