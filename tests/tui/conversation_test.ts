import { assertEquals } from "@std/assert";
import { formatMessage, parseMessage } from "../../lib/irc/message.ts";
import { Chat } from "../../lib/tui/chat.ts";
import { Conversation } from "../../lib/tui/conversation.ts";
import type { Answer } from "../../lib/tui/exchange.ts";
import type { Ended, Face } from "../../lib/tui/face.ts";
import type { Span } from "../../lib/tui/render.ts";

/** A face that is told what is typed. */
class FakeFace implements Face {
  readonly shown: string[] = [];
  prompted = "";
  readonly #typed: (string | Ended)[];

  constructor(...typed: (string | Ended)[]) {
    this.#typed = typed;
  }

  show(lines: readonly (readonly Span[])[]): void {
    for (const line of lines) this.shown.push(line.map(({ text }) => text).join(""));
  }

  prompt(text: string): void {
    this.prompted = text;
  }

  async run(take: (line: string) => void | Promise<void>): Promise<Ended> {
    for (const line of this.#typed) {
      if (line === "interrupt" || line === "end") return line;
      await take(line);
    }
    return await new Promise(() => {});
  }

  close(): void {}
}

/** A server that takes everything; what it heard is in `heard`. */
function conversation(
  face: Face,
  heard: string[],
  { drains = true, now = (): number => 0 } = {},
): Conversation {
  const talk = new Conversation({
    chat: new Chat("alice", "#lobby", String),
    face,
    clock: { now },
    local: { clock: String, day: (time) => `day ${Math.floor(time / 100)}` },
    drains,
    request: (message): Promise<Answer> => {
      heard.push(formatMessage(message));
      const lines = message.command === "JOIN" ? [parseMessage(":alice!a@h JOIN #lobby")!] : [];
      return Promise.resolve({ kind: "answered", lines });
    },
  });
  talk.act((chat) => chat.up({ nick: "alice", caps: new Set() }, false, now()));
  return talk;
}

Deno.test({
  name: "conversation: at the end of input it waits until all is acknowledged",
  permissions: "none",
  async fn() {
    const face = new FakeFace("one", "two", "end");
    const heard: string[] = [];
    assertEquals(await conversation(face, heard).run(), { kind: "eof" });
    assertEquals(heard, ["JOIN #lobby", "PRIVMSG #lobby one", "PRIVMSG #lobby two"]);
    assertEquals(face.shown, ["0 --- 1 person in #lobby: alice", "0 <alice> one", "0 <alice> two"]);
    assertEquals(face.prompted, "#lobby> ");
  },
});

Deno.test({
  name: "conversation: after /quit nothing more is taken, and what came before is sent",
  permissions: "none",
  async fn() {
    const heard: string[] = [];
    const face = new FakeFace("one", "/quit so long", "never", "end");
    assertEquals(await conversation(face, heard).run(), { kind: "quit", reason: "so long" });
    assertEquals(heard, ["JOIN #lobby", "PRIVMSG #lobby one"]);
  },
});

Deno.test({
  name: "conversation: a person who leaves does not wait",
  permissions: "none",
  async fn() {
    for (const how of ["interrupt", "end"] as const) {
      assertEquals(await conversation(new FakeFace(how), [], { drains: false }).run(), { kind: how });
    }
  },
});

Deno.test({
  name: "conversation: a new day is announced",
  permissions: "none",
  fn() {
    let now = 99;
    const face = new FakeFace();
    const talk = conversation(face, [], { now: () => now });
    talk.receive(parseMessage(":bob!b@h PRIVMSG alice :late")!);
    now = 101;
    talk.receive(parseMessage(":bob!b@h PRIVMSG alice :early")!);
    assertEquals(face.shown, ["99 [bob -> alice] late", "      --- day 1", "101 [bob -> alice] early"]);
  },
});

Deno.test({
  name: "conversation: a bug ends it, and is not swallowed",
  permissions: "none",
  async fn() {
    const talk = conversation(new FakeFace(), []);
    const run = talk.run();
    talk.act(() => {
      throw new Error("a bug");
    });
    assertEquals(await run.catch((error) => error.message), "a bug");
  },
});
