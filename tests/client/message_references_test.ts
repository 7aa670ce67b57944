/** Messages that refer to others: replies, messages in the place of earlier ones, and our own by our ids. */
import { assertEquals } from "@std/assert";
import type { MessageEntry } from "../../lib/client/conversation/model/chat_entry.ts";
import { react } from "../../lib/client/conversation/view_actions.ts";
import { ChatHarness, takeAllShown } from "../support/chat/chat_harness.ts";
import { TestHub } from "../support/hub.ts";
import { pureTest } from "../support/test.ts";

function setUp(...without: string[]): { alice: ChatHarness; bob: ChatHarness } {
  const test = new TestHub({ motd: [] });
  const alice = new ChatHarness(test, "alice", ...without).reader().connect();
  const bob = new ChatHarness(test, "bob").reader().connect();
  takeAllShown(alice, bob);
  return { alice, bob };
}

/** The messages that `harness` was shown. */
function messagesOf(harness: ChatHarness): MessageEntry[] {
  harness.pump();
  return harness.effects.flatMap((effect) =>
    effect.kind === "show" && effect.entry.kind === "message" ? [effect.entry] : []
  );
}

pureTest("references: a reply names its message, live and in history", () => {
  const test = new TestHub({ motd: [] });
  const alice = new ChatHarness(test, "alice").connect().type("tea?");
  const bob = new ChatHarness(test, "bob").connect();
  const [tea] = messagesOf(bob);
  bob.do((chat, now) => chat.say({ target: "#lobby", text: "yes", manner: "said", replyTo: tea!.id! }, now));
  const carol = new ChatHarness(test, "carol").connect();
  for (const reader of [alice, bob, carol]) {
    assertEquals(messagesOf(reader).map(({ text, replyTo }) => [text, replyTo]), [
      ["tea?", undefined],
      ["yes", tea!.id],
    ]);
  }
});

pureTest("references: an edited message stands in the place of the earlier one, which is removed", () => {
  const { alice, bob } = setUp();
  alice.type("helo");
  const [first] = messagesOf(alice);
  alice.do((chat, now) =>
    chat.say({ target: "#lobby", text: "hello", manner: "said", replaces: first!.id! }, now)
  );
  const [, second] = messagesOf(bob);
  assertEquals([second?.text, second?.replaces], ["hello", first?.id]);
  const removed = bob.effects.flatMap((effect) =>
    effect.kind === "show" && effect.entry.kind === "redacted" ? [effect.entry.id] : []
  );
  assertEquals(removed, [first?.id]);
});

pureTest(
  "references: a reader of lines is shown an edited message as one, and a reply with what it answers",
  () => {
    const { alice, bob } = setUp();
    alice.type("helo");
    const [first] = messagesOf(alice);
    const say = (who: ChatHarness, more: Pick<MessageEntry, "replyTo" | "replaces">, target = "#lobby") =>
      who.do((chat, now) => chat.say({ target, text: "hello", manner: "said", ...more }, now));
    say(alice, { replaces: first!.id! });
    const [, second] = messagesOf(bob);
    say(bob, { replyTo: second!.id! });
    say(bob, { replyTo: first!.id!, replaces: second!.id! });
    const lines = [
      "<alice> helo",
      "<alice> hello (edited)",
      "<bob> hello (reply to alice: «hello»)",
      "<bob> hello (reply to an earlier message)",
    ];
    const refused = "!!! You are not authorised to delete this message";
    const toAlice = lines.map((line) => line.includes("reply to alice") ? `>>> ${line}` : line);
    assertEquals(takeAllShown(alice, bob), [toAlice, [...lines, refused]]);
  },
);

pureTest("references: a message is in the place of none of another room or person", () => {
  const { alice, bob } = setUp();
  alice.type("/join dev");
  bob.type("/join dev");
  alice.type("/join lobby", "helo");
  const [first] = messagesOf(alice);
  takeAllShown(alice, bob);
  for (const [sender, target] of [[alice, "#dev"], [bob, "#lobby"]] as const) {
    const edit = { target, text: "hello", manner: "said", replaces: first!.id! } as const;
    sender.do((chat, now) => void chat.sendTracker.say(edit, now));
    sender.do((chat, now) => chat.sendTracker.send(now));
  }
  alice.type("/delete helo");
  const [lines] = takeAllShown(bob);
  assertEquals(lines?.filter((line) => !line.startsWith("!!!")), [
    "<alice> hello",
    "#lobby <bob> hello",
    "--- alice removed a message sent at 12:34 in #lobby",
  ]);
});

pureTest("references: what is acknowledged has our own id, for us alone", () => {
  for (const without of [[], ["echo-message"], ["labeled-response", "echo-message"], ["labeled-response"]]) {
    const { alice, bob } = setUp(...without);
    alice.type("hi");
    const kept = alice.effects.find((effect) => effect.kind === "keep");
    assertEquals(messagesOf(alice).map(({ senderId }) => senderId), [kept!.message.id], without.join());
    assertEquals(messagesOf(bob).map(({ senderId }) => senderId), [undefined]);
    const dropped = alice.effects.find((effect) => effect.kind === "drop");
    const echoed = without.includes("echo-message") ? undefined : messagesOf(bob)[0]!.id;
    assertEquals(dropped?.why, { kind: "accepted", messageId: echoed });
  }
});

pureTest("references: of a message that is refused, the effect and the alarm tell which one it is", () => {
  const { alice } = setUp();
  alice.type("/msg nobody hi");
  const kept = alice.effects.find((effect) => effect.kind === "keep")!;
  const dropped = alice.effects.find((effect) => effect.kind === "drop")!;
  assertEquals(dropped, {
    kind: "drop",
    id: kept.message.id,
    why: { kind: "failed", text: "no user called nobody is online" },
  });
  const alarms = alice.effects.flatMap((effect) =>
    effect.kind === "show" && effect.entry.kind === "alarm" ? [effect.entry.senderId] : []
  );
  assertEquals(alarms, [kept.message.id]);
});

pureTest("references: a text of several lines is one message, or one for each line", () => {
  const lines = Array.from({ length: 100 }, (_, nth) => `line ${nth}`).join("\n");
  const { alice, bob } = setUp();
  alice.do((chat, now) => chat.say({ target: "#lobby", text: lines, manner: "said" }, now));
  assertEquals(messagesOf(bob).map(({ text }) => text), [lines]);
  assertEquals(messagesOf(alice).map(({ text, senderId }) => [text, senderId !== undefined]), [[
    lines,
    true,
  ]]);
  const plain = setUp("draft/multiline");
  plain.alice.do((chat, now) => chat.say({ target: "#lobby", text: "a\nb", manner: "said" }, now));
  assertEquals(messagesOf(plain.bob).map(({ text }) => text), ["a", "b"]);
  assertEquals(messagesOf(plain.alice).map(({ text, senderId }) => [text, senderId !== undefined]), [
    ["a", true],
    ["b", true],
  ]);
  assertEquals(plain.alice.disk.size, 0);
});

pureTest("references: a reaction in a direct conversation names the person that it was sent to", () => {
  const { alice, bob } = setUp();
  bob.type("/msg alice psst");
  const [psst] = messagesOf(alice);
  alice.do((chat, now) => react(chat, { target: "bob", id: psst!.id!, text: "👍", removed: false }, now));
  bob.pump();
  const reactions = [alice, bob].map(({ effects }) =>
    effects.flatMap((effect) =>
      effect.kind === "show" && effect.entry.kind === "reaction" ? [effect.entry] : []
    )
  );
  for (const [reaction] of reactions) {
    assertEquals([reaction?.target, reaction?.from, reaction?.to], ["bob", "alice", psst?.id]);
  }
});

pureTest("references: a departure and a new nick tell in which channels they are seen", () => {
  const { alice, bob } = setUp();
  alice.type("/join dev");
  bob.type("/join dev", "/nick rob", "/quit");
  bob.cut();
  alice.pump();
  const seen = alice.effects.flatMap((effect) =>
    effect.kind === "show" && (effect.entry.kind === "renamed" || effect.entry.kind === "quit")
      ? [effect.entry.channels]
      : []
  );
  assertEquals(seen[0], ["#lobby", "#dev"]);
});
