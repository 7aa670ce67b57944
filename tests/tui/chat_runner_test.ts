import { assertEquals } from "@std/assert";
import { formatMessage, parseMessage } from "../../lib/irc/message.ts";
import { Chat } from "../../lib/client/conversation/chat.ts";
import { ChatRunner } from "../../lib/tui/chat_runner.ts";
import type { ChatRunnerOptions } from "../../lib/tui/chat_runner.ts";
import type { RequestResult } from "../../lib/client/conversation/effects.ts";
import type { ChatUi, InputEnd } from "../../lib/tui/ui.ts";
import type { StyledSpan } from "../../lib/tui/view/styled_line.ts";
import type { UnsentMessage } from "../../lib/client/conversation/unsent_message.ts";
import { pureTest } from "../support/test.ts";

/** A user interface with its input given in advance. */
class FakeUi implements ChatUi {
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

/** A runner with a server that accepts everything; `heard` collects the lines it was sent. */
function startRunner(
  ui: ChatUi,
  heard: string[],
  { drains = true, now = () => 0, store, later }: {
    drains?: boolean;
    now?: () => number;
    store?: ChatRunnerOptions["store"];
    later?: ChatRunnerOptions["later"];
  } = {},
): ChatRunner {
  const runner = new ChatRunner({
    chat: new Chat({ nick: "alice", home: "#lobby", clock: String, newId: () => "id" }),
    ui: ui,
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
  runner.update((chat) =>
    chat.handleConnected({ nick: "alice", caps: new Set(), isClaimed: false }, false, now())
  );
  return runner;
}

Deno.test({
  name: "chat runner: at the end of input it waits until all is acknowledged",
  permissions: "none",
  sanitizeOps: true, // the timer of the wait ends with it
  async fn() {
    const ui = new FakeUi("one", "two", "end");
    const heard: string[] = [];
    assertEquals(await startRunner(ui, heard).run(), { kind: "eof" });
    assertEquals(heard, ["JOIN #lobby", "PRIVMSG #lobby one", "PRIVMSG #lobby two"]);
    assertEquals(ui.shown, ["0 --- 1 person in #lobby: alice", "0 <alice> one", "0 <alice> two"]);
    assertEquals(ui.prompted, "#lobby> ");
  },
});

pureTest("chat runner: after /quit no input is read, and what came before it is sent", async () => {
  const heard: string[] = [];
  const ui = new FakeUi("one", "/quit so long", "never", "end");
  assertEquals(await startRunner(ui, heard).run(), { kind: "quit", reason: "so long" });
  assertEquals(heard, ["JOIN #lobby", "PRIVMSG #lobby one"]);
});

pureTest("chat runner: a person who leaves does not wait", async () => {
  for (const how of ["interrupt", "end"] as const) {
    assertEquals(await startRunner(new FakeUi(how), [], { drains: false }).run(), { kind: how });
  }
});

pureTest("chat runner: a new day begins with its day rule", () => {
  let now = 99;
  const ui = new FakeUi();
  const runner = startRunner(ui, [], { now: () => now });
  runner.receive(parseMessage(":bob!b@h PRIVMSG alice :late")!);
  now = 101;
  runner.receive(parseMessage(":bob!b@h PRIVMSG alice :early")!);
  runner.receive(parseMessage(":bob!b@h PRIVMSG alice :again")!);
  assertEquals(ui.shown, [
    "99 [bob -> alice] late",
    "      --- day 1",
    "101 [bob -> alice] early",
    "101 [bob -> alice] again",
  ]);
});

pureTest("chat runner: the prompt counts down to the next attempt, and stops when it begins", () => {
  const clock = { time: 0 };
  const timers: { ms: number; then: () => void; cancelled: boolean }[] = [];
  const ui = new FakeUi();
  const runner = startRunner(ui, [], {
    now: () => clock.time,
    later: (ms, then) => {
      const timer = { ms, then, cancelled: false };
      timers.push(timer);
      return () => timer.cancelled = true;
    },
  });
  assertEquals([ui.prompted, timers.length], ["#lobby> ", 0]);
  runner.update((chat, now) => chat.handleDisconnected("gone", 2500, now));
  const seen = [ui.prompted];
  for (let ticks = 0; ticks < 2; ticks++) {
    const { ms, then } = timers.at(-1)!;
    clock.time += ms;
    then();
    seen.push(ui.prompted);
  }
  assertEquals(timers.map(({ ms }) => ms), [500, 1000]);
  runner.update((chat) => chat.handleConnecting());
  seen.push(ui.prompted);
  runner.update((chat, now) => chat.handleConnectFailure("nobody listens", 9000, now));
  seen.push(ui.prompted);
  assertEquals(seen, [
    "#lobby [reconnecting (3 s)]> ",
    "#lobby [reconnecting (2 s)]> ",
    "#lobby [reconnecting (1 s)]> ",
    "#lobby [connecting…]> ",
    "#lobby [reconnecting (9 s)]> ",
  ]);
  runner.close();
  assertEquals(timers.at(-1)!.cancelled, true);
});

pureTest(
  "chat runner: a message is on disk before it is sent, and deleted when it is acknowledged",
  async () => {
    const heard: string[] = [];
    const store = {
      add: ({ id, text }: UnsentMessage) => void heard.push(`add ${id} ${text}`),
      remove: (id: string) => void heard.push(`remove ${id}`),
    };
    await startRunner(new FakeUi("one", "end"), heard, { store }).run();
    assertEquals(heard, ["JOIN #lobby", "add id one", "PRIVMSG #lobby one", "remove id"]);
  },
);

pureTest("chat runner: input from a person is read without a connection", async () => {
  const lines = Array.from({ length: 150 }, (_, n) => `line ${n}`);
  const runner = startRunner(new FakeUi(...lines, "end"), [], { drains: false });
  runner.update((chat, now) => chat.handleDisconnected("gone", 1000, now));
  assertEquals(await runner.run(), { kind: "end" });
  runner.close();
});

pureTest("chat runner: a failed store is reported once, and the chat goes on", async () => {
  const heard: string[] = [];
  const fails = () => {
    throw new Error("disk full");
  };
  const ui = new FakeUi("one", "two", "end");
  const store = { add: fails, remove: fails };
  assertEquals(await startRunner(ui, heard, { store }).run(), { kind: "eof" });
  assertEquals(heard, ["JOIN #lobby", "PRIVMSG #lobby one", "PRIVMSG #lobby two"]);
  assertEquals(ui.shown.filter((line) => line.includes("!!!")), [
    "0 !!! unsent messages cannot be saved, and are lost if this program crashes: disk full",
  ]);
});

pureTest("chat runner: a bug ends it with its error", async () => {
  const runner = startRunner(new FakeUi(), []);
  const run = runner.run();
  runner.update(() => {
    throw new Error("a bug");
  });
  assertEquals(await run.catch((error) => error.message), "a bug");
});

pureTest("chat runner: read markers are sent at intervals, and the rest when the person leaves", () => {
  const clock = { time: 0 };
  let timer: { ms: number; then: () => void } | undefined;
  const heard: string[] = [];
  const runner = new ChatRunner({
    chat: new Chat({
      nick: "alice",
      home: "#lobby",
      clock: String,
      newId: () => "id",
      isInteractive: true,
    }),
    ui: new FakeUi(),
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
  const caps = new Set(["draft/read-marker", "server-time", "chatterbox.chat/receipts"]);
  runner.update((chat, now) => chat.handleConnected({ nick: "alice", caps, isClaimed: true }, false, now));
  heard.length = 0;
  const hear = (second: number) => {
    const line = `@time=2026-01-01T00:00:0${second}.000Z :bob!b@h PRIVMSG alice :hi`;
    runner.receive(parseMessage(line)!);
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
  runner.close();
  assertEquals([heard, timer], [
    [1, 3, 4].map((second) => `MARKREAD bob timestamp=2026-01-01T00:00:0${second}.000Z`),
    undefined,
  ]);
});
