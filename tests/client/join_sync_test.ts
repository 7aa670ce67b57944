import { assertEquals } from "@std/assert";
import { forAll } from "../irc/property.ts";
import type { Random } from "../irc/property.ts";
import type { MessageParts } from "../../lib/irc/message.ts";
import { parseMessage } from "../../lib/irc/message.ts";
import { RECEIPTS, SEQ_TAG } from "../../lib/irc/vendor_extensions.ts";
import { Chat } from "../../lib/client/conversation/chat.ts";
import { pureTest } from "../support/test.ts";
import { TestHub } from "../support/hub.ts";
import { ChatHarness } from "../support/chat/chat_harness.ts";

/** Throws with the place where `actual` first differs from `expected`: both can be long. */
function assertSameLines(actual: readonly string[], expected: readonly string[]): void {
  const at = expected.findIndex((line, index) => line !== actual[index]);
  if (at < 0 && actual.length === expected.length) return;
  const from = Math.max(0, at < 0 ? expected.length - 2 : at - 2);
  const excerpt = (lines: readonly string[]) => lines.slice(from, from + 6).join(" ");
  throw new Error(`actual: ${excerpt(actual)}; expected: ${excerpt(expected)}`);
}

const isByAlice = (line: string) => /^.alice\b(?!.*twin)/.test(line);

/** Messages in the channel, and between alice and bob, as they are shown. */
function messagesOn({ shown }: ChatHarness): { channel: string[]; direct: string[] } {
  return {
    channel: shown.filter((line) => /^<\w/.test(line)),
    direct: shown.filter((line) => line.startsWith("[")),
  };
}

/**
 * Bob is connected all the time and receives everything. Alice's lines come and go in pieces, the connection
 * breaks between any two of them, and with `crashes` the program does; alice may have a second session.
 */
class UnsteadyClient {
  readonly test = new TestHub({ motd: [] });
  readonly bob = new ChatHarness(this.test, "bob").connect();
  readonly alice = new ChatHarness(this.test, "alice").connect();
  readonly twin: ChatHarness | undefined;
  /** What alice has typed, as bob should receive it. Without the messages of the second session. */
  readonly typed = { channel: [] as string[], direct: [] as string[] };
  #count = 0;
  #crashed = false;

  constructor(readonly random: Random, readonly crashes: boolean) {
    if (random.chance(2)) this.twin = new ChatHarness(this.test, "alice").connect();
  }

  get again(): boolean {
    return !this.#crashed;
  }

  step(): void {
    const { random, alice, bob, test } = this;
    test.now += random.chance(20) ? 15_000 : 1 + random.below(100);
    switch (random.below(10)) {
      case 0:
        return this.#say(bob, random.chance(6) ? 1 + random.below(150) : 1);
      case 1:
        return void bob.type(`/msg alice ${++this.#count}`);
      case 2:
        return this.#type(random.chance(3) ? "direct" : "channel");
      case 3:
      case 4:
        return void alice.send(1 + random.below(10));
      case 5:
      case 6:
      case 7:
        return void alice.hear(1 + random.below(random.chance(2) ? 3 : 200));
      case 8:
        return void this.twin?.type(`twin ${++this.#count}`);
      case 9:
        return this.#breakOrConnect();
    }
  }

  /** Alice is connected, and all lines have arrived. */
  settle(): void {
    if (!this.alice.connected) this.alice.dial(this.again);
    for (let moved = 1; moved > 0;) {
      this.twin?.pump();
      this.bob.pump();
      moved = this.alice.send(Infinity) + this.alice.hear(Infinity);
    }
    this.bob.pump();
  }

  #say(client: ChatHarness, count: number): void {
    for (let n = 0; n < count; n++) client.type(String(++this.#count));
  }

  #type(where: "channel" | "direct"): void {
    const text = String(++this.#count);
    this.typed[where].push(where === "channel" ? `<alice> ${text}` : `[alice -> bob] ${text}`);
    this.alice.typeUnsent(where === "channel" ? text : `/msg bob ${text}`);
  }

  #breakOrConnect(): void {
    const { random, alice } = this;
    if (!alice.connected) {
      alice.dial(this.again);
      this.#crashed = false;
      return;
    }
    switch (random.below(this.crashes ? 3 : 2)) {
      case 0:
        return alice.pump();
      case 1:
        return void alice.cut();
      case 2:
        alice.crash();
        this.#crashed = true;
    }
  }
}

pureTest(
  "sync: whenever the connection breaks, all is shown once and in order, and what is typed is sent once",
  () => {
    forAll(150, (random) => {
      const run = new UnsteadyClient(random, false);
      for (let left = 50 + random.below(150); left > 0; left--) run.step();
      run.settle();
      const [shown, sent] = [messagesOn(run.alice), messagesOn(run.bob)];
      assertSameLines(shown.channel, sent.channel);
      assertSameLines(shown.direct, sent.direct);
      for (const where of ["channel", "direct"] as const) {
        assertSameLines(sent[where].filter(isByAlice), run.typed[where]);
      }
      assertEquals(run.alice.disk.size, 0);
    });
  },
);

pureTest(
  "sync: even if the program is killed, what is typed is sent once and in order, and nothing is shown twice",
  () => {
    forAll(100, (random) => {
      const run = new UnsteadyClient(random, true);
      for (let left = 50 + random.below(150); left > 0; left--) run.step();
      run.settle();
      const [shown, sent] = [messagesOn(run.alice), messagesOn(run.bob)];
      for (const where of ["channel", "direct"] as const) {
        assertSameLines(sent[where].filter(isByAlice), run.typed[where]);
        assertEquals(new Set(shown[where]).size, shown[where].length);
      }
      assertEquals(run.alice.disk.size, 0);
    });
  },
);

/** A chat in #a whose requests `respond` answers; undefined: no response yet. */
class ScriptedChat {
  readonly chat = new Chat({
    nick: "alice",
    home: "#a",
    clock: String,
    newId: () => "id",
    isInteractive: true,
  });
  readonly shown: string[] = [];
  /** The parameters of each CHATHISTORY request. */
  readonly requests: string[] = [];
  #waiting: { id: number; message: MessageParts }[] = [];

  constructor(readonly respond: (command: string, which: string, anchor: string) => string[] | undefined) {}

  connect(again: boolean): void {
    const caps = new Set([
      "labeled-response",
      "draft/channel-rename",
      "draft/chathistory",
      "draft/read-marker",
      "server-time",
      RECEIPTS,
    ]);
    this.chat.handleConnected({ nick: "alice", caps, isClaimed: true }, again, 0);
    this.run();
  }

  receive(line: string): void {
    this.chat.handleLine(parseMessage(line)!, 0);
    this.run();
  }

  run(): void {
    for (let isIdle = false; !isIdle;) {
      isIdle = true;
      for (const effect of this.chat.takeEffects()) {
        if (effect.kind === "show" && "text" in effect.entry) this.shown.push(effect.entry.text);
        if (effect.kind === "ask") this.#waiting.push(effect);
      }
      for (const { id, message: { command, params = [] } } of this.#waiting.splice(0)) {
        const [which = "", , anchor = ""] = params;
        if (command === "CHATHISTORY") this.requests.push(params.join(" "));
        const lines = this.respond(command, which, anchor)?.map((line) => parseMessage(line)!);
        if (lines === undefined) continue; // it never comes
        this.chat.handleResult(id, { kind: "answered", lines }, 0);
        isIdle = false;
      }
    }
  }
}

const OLD = "@time=2026-01-01T00:00:01.000Z;msgid=m1 :bob!b@h PRIVMSG #a :old";
const JOIN = ":alice!a@h JOIN #a";

pureTest(
  "sync: what was read of a channel before we were removed from it is shown when we join it again",
  () => {
    let answersCount = false;
    const many = Array.from({ length: 50 }, (_, n) => OLD.replace("m1", `n${n}`));
    const test = new ScriptedChat((command, which) => {
      if (command === "JOIN") return [JOIN, "MARKREAD #a timestamp=2026-01-01T00:00:00.000Z"];
      // The number of unread messages is asked for once the latest ones have been read.
      return which === "LATEST" && !answersCount ? (answersCount = true, many) : undefined;
    });
    test.connect(false);
    test.receive("@time=2026-01-01T00:00:02.000Z;msgid=m2 :bob!b@h PRIVMSG #a :new");
    assertEquals(test.shown, [], "the count is awaited");
    test.receive(":op!o@h KICK #a alice :out");
    answersCount = false;
    test.chat.joinChannel("#a", "", 0);
    test.run();
    test.chat.handleDisconnected("cut", 1000, 0); // what has been read is shown
    test.run();
    assertEquals(test.shown.filter((text) => text === "old").length, many.length);
  },
);

pureTest(
  "sync: of a channel that is renamed while what was missed is read, all is shown, once and in order",
  () => {
    const toB = (second: number, id: string) =>
      `@time=2026-01-01T00:00:0${second}.000Z;msgid=${id} :bob!b@h PRIVMSG #b :${id}`;
    const test: ScriptedChat = new ScriptedChat((command, which, anchor) => {
      if (command === "JOIN") return which === "#a" ? [JOIN] : [];
      if (command === "CHATHISTORY" && which === "LATEST") return [OLD];
      if (which !== "AFTER" || test.requests.at(-1)!.startsWith("AFTER #a")) return undefined;
      return anchor === "msgid=m1" ? [toB(2, "missed"), toB(3, "live")] : [];
    });
    test.connect(false);
    test.chat.handleDisconnected("cut", 1000, 0);
    test.connect(true);
    test.receive(":op!o@h RENAME #a #b :");
    test.receive(toB(3, "live"));
    assertEquals(test.shown.filter((text) => ["old", "missed", "live"].includes(text)), [
      "old",
      "missed",
      "live",
    ]);
  },
);

pureTest("sync: a direct conversation that cannot be read at first is told, and stays unread", () => {
  const test = new ScriptedChat((command, which) => {
    if (command === "JOIN") return [JOIN];
    if (command === "MARKREAD") return ["MARKREAD bob *"];
    if (which === "TARGETS") return ["CHATHISTORY TARGETS bob 2026-01-01T00:00:01.000Z"];
    return which === "AFTER" ? ["FAIL CHATHISTORY MESSAGE_ERROR AFTER bob :not now"] : [];
  });
  test.connect(false);
  assertEquals(
    test.shown.find((text) => text.includes("bob")),
    "missed messages from bob could not be read: not now",
  );
  test.receive("@time=2026-01-01T00:00:02.000Z;msgid=m2 :bob!b@h PRIVMSG alice :new");
  assertEquals(test.chat.nextReadMarkerMs(0), undefined);
});

pureTest(
  "sync: on a server with another log the chat goes on by time, and then by the messages of that log",
  () => {
    const at = (second: number, id: string, seq: number) =>
      `@time=2026-01-01T00:00:0${second}.000Z;msgid=${id};${SEQ_TAG}=${seq} :bob!b@h PRIVMSG #a :${id}`;
    const test = new ScriptedChat((command, which, anchor) => {
      if (command === "JOIN") return [JOIN, "MARKREAD #a *"];
      if (which === "LATEST") return [at(1, "old", 100)];
      if (anchor === "msgid=old") return ["FAIL CHATHISTORY MESSAGE_ERROR AFTER #a :unknown msgid"];
      return anchor.startsWith("timestamp=") ? [at(2, "new", 1)] : [];
    });
    test.connect(false);
    test.chat.markRead(0);
    for (let loss = 0; loss < 2; loss++) {
      test.chat.handleDisconnected("cut", 1000, 0);
      test.connect(true);
    }
    const anchors = test.requests.filter((request) => request.startsWith("AFTER #a")).map((request) =>
      request.split(" ")[2]
    );
    assertEquals(anchors, ["msgid=old", "timestamp=2026-01-01T00:00:01.000Z", "msgid=new", "msgid=new"]);
    assertEquals(test.shown.filter((text) => text === "new").length, 1);
    assertEquals(
      test.chat.nextReadMarkerMs(0) !== undefined,
      true,
      "the new message is to be marked as read",
    );
  },
);
