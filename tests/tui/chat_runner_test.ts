import { assertEquals } from "@std/assert";
import { formatMessage, parseMessage } from "../../lib/irc/message.ts";
import { Chat } from "../../lib/client/conversation/chat.ts";
import { ChatRunner } from "../../lib/tui/chat_runner.ts";
import type { ChatRunnerOptions } from "../../lib/tui/chat_runner.ts";
import type { RequestResult } from "../../lib/client/conversation/effects.ts";
import type { ChatUi, InputEnd } from "../../lib/tui/ui.ts";
import type { StyledSpan } from "../../lib/tui/view/styled_line.ts";
import type { UnsentMessage } from "../../lib/client/conversation/unsent_message.ts";

/** A face that is told what is typed. */
class FakeFace implements ChatUi {
  readonly shown: string[] = [];
  prompted = "";
  readonly #typed: (string | InputEnd)[];

  constructor(...typed: (string | InputEnd)[]) {
    this.#typed = typed;
  }

  show(lines: readonly (readonly StyledSpan[])[]): void {
    for (const line of lines) this.shown.push(line.map(({ text }) => text).join(""));
  }

  prompt(text: string): void {
    this.prompted = text;
  }

  async run(take: (line: string) => void | Promise<void>): Promise<InputEnd> {
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
  face: ChatUi,
  heard: string[],
  { drains = true, now = () => 0, store, later }: {
    drains?: boolean;
    now?: () => number;
    store?: ChatRunnerOptions["store"];
    later?: ChatRunnerOptions["later"];
  } = {},
): ChatRunner {
  const talk = new ChatRunner({
    chat: new Chat({ nick: "alice", home: "#lobby", clock: String, newId: () => "id" }),
    ui: face,
    clock: { now },
    local: { clock: String, day: (time) => `day ${Math.floor(time / 100)}`, date: String },
    drains,
    store,
    ...later && { later },
    request: (message): Promise<RequestResult> => {
      heard.push(formatMessage(message));
      const lines = message.command === "JOIN" ? [parseMessage(":alice!a@h JOIN #lobby")!] : [];
      return Promise.resolve({ kind: "answered", lines });
    },
  });
  talk.update((chat) =>
    chat.handleConnected({ nick: "alice", caps: new Set(), isClaimed: false }, false, now())
  );
  return talk;
}

Deno.test({
  name: "conversation: at the end of input it waits until all is acknowledged",
  permissions: "none",
  sanitizeOps: true, // the timer of the wait ends with it
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
    talk.receive(parseMessage(":bob!b@h PRIVMSG alice :again")!);
    assertEquals(face.shown, [
      "99 [bob -> alice] late",
      "      --- day 1",
      "101 [bob -> alice] early",
      "101 [bob -> alice] again",
    ]);
  },
});

Deno.test({
  name: "conversation: the prompt counts down to the next attempt, and no further once it is over",
  permissions: "none",
  fn() {
    const clock = { time: 0 };
    const timers: { ms: number; then: () => void; cancelled: boolean }[] = [];
    const face = new FakeFace();
    const talk = conversation(face, [], {
      now: () => clock.time,
      later: (ms, then) => {
        const timer = { ms, then, cancelled: false };
        timers.push(timer);
        return () => timer.cancelled = true;
      },
    });
    assertEquals([face.prompted, timers.length], ["#lobby> ", 0]);
    talk.update((chat, now) => chat.handleDisconnected("gone", 2500, now));
    const seen = [face.prompted];
    for (let ticks = 0; ticks < 2; ticks++) {
      const { ms, then } = timers.at(-1)!;
      clock.time += ms;
      then();
      seen.push(face.prompted);
    }
    assertEquals(timers.map(({ ms }) => ms), [500, 1000]);
    talk.update((chat) => chat.handleConnecting());
    seen.push(face.prompted);
    talk.update((chat, now) => chat.handleConnectFailure("nobody listens", 9000, now));
    seen.push(face.prompted);
    assertEquals(seen, [
      "#lobby [reconnecting (3 s)]> ",
      "#lobby [reconnecting (2 s)]> ",
      "#lobby [reconnecting (1 s)]> ",
      "#lobby [connecting…]> ",
      "#lobby [reconnecting (9 s)]> ",
    ]);
    talk.close();
    assertEquals(timers.at(-1)!.cancelled, true);
  },
});

Deno.test({
  name: "conversation: what is typed is on disk before it is sent, and let go when it is answered",
  permissions: "none",
  async fn() {
    const heard: string[] = [];
    const store = {
      add: ({ id, text }: UnsentMessage) => void heard.push(`add ${id} ${text}`),
      remove: (id: string) => void heard.push(`remove ${id}`),
    };
    await conversation(new FakeFace("one", "end"), heard, { store }).run();
    assertEquals(heard, ["JOIN #lobby", "add id one", "PRIVMSG #lobby one", "remove id"]);
  },
});

Deno.test({
  name: "conversation: a person goes on typing while the server is away",
  permissions: "none",
  async fn() {
    const lines = Array.from({ length: 150 }, (_, n) => `line ${n}`);
    const talk = conversation(new FakeFace(...lines, "end"), [], { drains: false });
    talk.update((chat, now) => chat.handleDisconnected("gone", 1000, now));
    assertEquals(await talk.run(), { kind: "end" });
    talk.close();
  },
});

Deno.test({
  name: "conversation: that nothing can be kept is said once, and the chat goes on",
  permissions: "none",
  async fn() {
    const heard: string[] = [];
    const fails = () => {
      throw new Error("disk full");
    };
    const face = new FakeFace("one", "two", "end");
    const store = { add: fails, remove: fails };
    assertEquals(await conversation(face, heard, { store }).run(), { kind: "eof" });
    assertEquals(heard, ["JOIN #lobby", "PRIVMSG #lobby one", "PRIVMSG #lobby two"]);
    assertEquals(face.shown.filter((line) => line.includes("!!!")), [
      "0 !!! what you type would not outlive a crash of this program: it cannot be kept on disk: disk full",
    ]);
  },
});

Deno.test({
  name: "conversation: a bug ends it, and is not swallowed",
  permissions: "none",
  async fn() {
    const talk = conversation(new FakeFace(), []);
    const run = talk.run();
    talk.update(() => {
      throw new Error("a bug");
    });
    assertEquals(await run.catch((error) => error.message), "a bug");
  },
});

Deno.test({
  name: "conversation: what is shown is marked as read when it may be, and the rest when the person leaves",
  permissions: "none",
  fn() {
    const clock = { time: 0 };
    let timer: { ms: number; then: () => void } | undefined;
    const heard: string[] = [];
    const talk = new ChatRunner({
      chat: new Chat({
        nick: "alice",
        home: "#lobby",
        clock: String,
        newId: () => "id",
        isInteractive: true,
      }),
      ui: new FakeFace(),
      clock: { now: () => clock.time },
      local: { clock: String, day: String, date: String },
      drains: false,
      later: (ms, then) => {
        timer = { ms, then };
        return () => timer = undefined;
      },
      request: (message): Promise<RequestResult> => {
        heard.push(formatMessage(message));
        return new Promise(() => {});
      },
    });
    const caps = new Set(["draft/read-marker", "chatterbox.chat/receipts"]);
    talk.update((chat, now) => chat.handleConnected({ nick: "alice", caps, isClaimed: true }, false, now));
    heard.length = 0;
    const hear = (second: number) => {
      const line = `@time=2026-01-01T00:00:0${second}.000Z :bob!b@h PRIVMSG alice :hi`;
      talk.receive(parseMessage(line)!);
    };
    const fire = () => {
      clock.time += timer!.ms;
      timer!.then();
    };
    hear(1);
    fire();
    hear(2);
    hear(3);
    assertEquals(timer?.ms, 2000);
    fire();
    hear(4);
    talk.close();
    assertEquals([heard, timer], [
      [1, 3, 4].map((second) => `MARKREAD bob timestamp=2026-01-01T00:00:0${second}.000Z`),
      undefined,
    ]);
  },
});
