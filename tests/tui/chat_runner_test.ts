import { assertEquals } from "@std/assert";
import { parseMessage } from "../../lib/irc/message.ts";
import type { Chat } from "../../lib/client/conversation/chat.ts";
import { ChatSettings } from "../../lib/client/conversation/model/chat_settings.ts";
import { ChatRunner } from "../../lib/tui/chat_runner.ts";
import type { ChatRunnerOptions } from "../../lib/tui/chat_runner.ts";
import type { ChatInput, ChatUi, InputEnd } from "../../lib/tui/ui.ts";
import type { StyledSpan } from "../../lib/tui/view/styled_line.ts";
import type { UnsentMessage } from "../../lib/client/conversation/unsent_message.ts";
import { ScriptedServer } from "../support/chat/scripted_chat.ts";
import { makeChat } from "../support/chat/test_chat.ts";
import type { RequestResult } from "../../lib/client/conversation/effects.ts";
import { comesTrue } from "../support/guard.ts";
import { pureTest } from "../support/test.ts";

/** A user interface with its input given in advance. */
class FakeUi implements ChatUi {
  readonly shown: string[] = [];
  columns: number | undefined;
  prompted = "";
  readonly #typed: (string | InputEnd)[];

  constructor(...typed: (string | InputEnd)[]) {
    this.#typed = typed;
  }

  /** What is shown above the input line, each time that it changes. */
  readonly unsent: string[][] = [];

  showUnsent(lines: readonly (readonly StyledSpan[])[]): void {
    const texts = lines.map((line) => line.map(({ text }) => text).join(""));
    if (texts.join() !== (this.unsent.at(-1) ?? []).join()) this.unsent.push(texts);
  }

  show(lines: readonly (readonly StyledSpan[])[]): void {
    for (const line of lines) this.shown.push(line.map(({ text }) => text).join(""));
  }

  prompt(text: string): void {
    this.prompted = text;
  }

  clear(): void {
    this.shown.push("(cleared)");
  }

  async run({ take, pageUp }: ChatInput): Promise<InputEnd> {
    for (const line of this.#typed) {
      if (line === "interrupt" || line === "end") return line;
      if (line === "PgUp") pageUp();
      else await take(line);
    }
    return await new Promise(() => {});
  }

  close(): void {}
}

/** A runner with a chat that is connected to `server`. */
function startRunner(
  ui: ChatUi,
  server: ScriptedServer,
  { chat = makeChat({ clock: String }), caps = [], drains = true, now = () => 0, store, later }: {
    chat?: Chat;
    caps?: string[];
    drains?: boolean;
    now?: () => number;
    store?: ChatRunnerOptions["store"];
    later?: ChatRunnerOptions["later"];
  } = {},
): ChatRunner {
  const runner = new ChatRunner({
    chat,
    ui,
    clock: { now },
    local: { clock: String, day: (time) => `day ${Math.floor(time / 100)}`, date: String },
    drains,
    store,
    ...later && { later },
    request: (message) => Promise.resolve(server.answer(message)),
  });
  runner.update((chat) =>
    chat.handleConnected({ nick: "alice", caps: new Set(caps), isClaimed: caps.length > 0 }, false, now())
  );
  return runner;
}

Deno.test({
  name: "chat runner: at the end of input it waits until all is acknowledged",
  permissions: "none",
  sanitizeOps: true, // the timer of the wait ends with it
  async fn() {
    const ui = new FakeUi("one", "two", "end");
    const server = new ScriptedServer();
    assertEquals(await startRunner(ui, server).run(), { kind: "eof" });
    assertEquals(server.received, ["JOIN #lobby", "PRIVMSG #lobby one", "PRIVMSG #lobby two"]);
    assertEquals(ui.shown, ["0 --- 1 person in #lobby: alice", "0 <alice> one", "0 <alice> two"]);
    assertEquals(ui.prompted, "#lobby> ");
  },
});

pureTest("chat runner: after /quit no input is read, and what came before it is sent", async () => {
  const server = new ScriptedServer();
  const ui = new FakeUi("one", "/quit so long", "never", "end");
  assertEquals(await startRunner(ui, server).run(), { kind: "quit", reason: "so long" });
  assertEquals(server.received, ["JOIN #lobby", "PRIVMSG #lobby one"]);
});

pureTest("chat runner: PgUp asks for earlier messages", async () => {
  const server = new ScriptedServer();
  const ui = new FakeUi("PgUp", "/quit");
  await startRunner(ui, server, { caps: ["draft/chathistory"] }).run();
  assertEquals(server.received.includes("CHATHISTORY LATEST #lobby * 20"), true);
});

pureTest("chat runner: /clear clears the screen behind what was shown", async () => {
  const ui = new FakeUi("/help c", "/clear", "/help me", "/quit");
  await startRunner(ui, new ScriptedServer()).run();
  const help = ["0 --- /clear  clear the screen, as Ctrl-L does (also /c)", "(cleared)"];
  assertEquals(ui.shown.filter((line) => !line.includes("#lobby")).slice(0, 2), help);
});

pureTest(
  "chat runner: that the person types is told, and who else does is at the prompt until it ends",
  () => {
    const timers: { ms: number; then: () => void }[] = [];
    const later = (ms: number, then: () => void) => {
      timers.push({ ms, then });
      return () => {};
    };
    let now = 0;
    let input: ChatInput | undefined;
    const ui = new FakeUi();
    ui.run = (given) => {
      input = given;
      return new Promise(() => {});
    };
    const server = new ScriptedServer();
    const runner = startRunner(ui, server, { caps: ["message-tags"], now: () => now, later });
    void runner.run();
    input?.typed?.("h");
    input?.typed?.("hi");
    assertEquals(server.received.filter((line) => line.includes("typing")), [
      "@+typing=active TAGMSG #lobby",
    ]);
    input?.typed?.("");
    runner.receive(parseMessage("@+typing=active :bob!b@h TAGMSG #lobby")!);
    assertEquals(ui.prompted, "#lobby (bob is typing)> ");
    now = timers.at(-1)!.ms;
    timers.at(-1)!.then();
    assertEquals(ui.prompted, "#lobby> ");
    runner.close();
  },
);

pureTest("chat runner: a person who leaves does not wait", async () => {
  for (const how of ["interrupt", "end"] as const) {
    assertEquals(await startRunner(new FakeUi(how), new ScriptedServer(), { drains: false }).run(), {
      kind: how,
    });
  }
});

pureTest("chat runner: a new day begins with its day rule", () => {
  let now = 99;
  const ui = new FakeUi();
  const runner = startRunner(ui, new ScriptedServer(), { now: () => now });
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

/** Lets responses arrive, which takes a few microtasks. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

pureTest(
  "chat runner: at a terminal a burst of people is one line, after a moment or at the end",
  async () => {
    let timers: (() => void)[] = [];
    const start = async (presence: string) => {
      const settings = new ChatSettings();
      settings.choose("presence", presence);
      const ui = new FakeUi();
      ui.columns = 80;
      const runner = startRunner(ui, new ScriptedServer(), {
        chat: makeChat({ settings }),
        later: (_ms, then) => {
          timers.push(then);
          return () => timers = timers.filter((each) => each !== then);
        },
      });
      await settle();
      for (const nick of ["bob", "carol"]) runner.receive(parseMessage(`:${nick}!x@h JOIN #lobby`)!);
      return { ui, runner, told: () => ui.shown.map((line) => line.slice(7)) };
    };
    const { runner, told } = await start("folded");
    const entered = "··· 1 person in #lobby: alice";
    assertEquals(told(), [entered]);
    for (const fire of timers.splice(0)) fire();
    assertEquals(told(), [entered, "··· bob and carol came"]);
    runner.receive(parseMessage(":bob!x@h QUIT :Quit: tea")!);
    runner.close();
    assertEquals([told().slice(2), timers], [["··· bob left: tea"], []]);
    assertEquals((await start("all")).told(), [entered, "··· bob came", "··· carol came"]);
    assertEquals((await start("off")).told(), [entered]);
  },
);

pureTest("chat runner: at a terminal a return is one line", async () => {
  const clock = { time: 0 };
  const ui = new FakeUi();
  ui.columns = 80;
  const runner = startRunner(ui, new ScriptedServer(), { now: () => clock.time, drains: false });
  await settle();
  runner.update((chat, now) => chat.handleDisconnected("gone", 1000, now));
  clock.time = 8000;
  const connection = { nick: "alice", caps: new Set<string>(), isClaimed: false };
  runner.update((chat, now) => chat.handleConnected(connection, true, now));
  await settle();
  assertEquals(ui.shown.filter((line) => !line.startsWith("──")).map((line) => line.slice(7)), [
    "··· 1 person in #lobby: alice",
    "!!! connection lost: gone; trying again in 1 s",
    "··· back after 8 s; nothing missed",
  ]);
  runner.close();
});

pureTest("chat runner: the prompt counts down to the next attempt, and stops when it begins", () => {
  const clock = { time: 0 };
  const timers: { ms: number; then: () => void; cancelled: boolean }[] = [];
  const ui = new FakeUi();
  const runner = startRunner(ui, new ScriptedServer(), {
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
    const server = new ScriptedServer();
    const store = {
      add: ({ id, text }: UnsentMessage) => void server.received.push(`add ${id} ${text}`),
      remove: (id: string) => void server.received.push(`remove ${id}`),
    };
    await startRunner(new FakeUi("one", "end"), server, { store }).run();
    assertEquals(server.received, ["JOIN #lobby", "add id one", "PRIVMSG #lobby one", "remove id"]);
  },
);

pureTest("chat runner: input from a person is read without a connection", async () => {
  const lines = Array.from({ length: 150 }, (_, n) => `line ${n}`);
  const runner = startRunner(new FakeUi(...lines, "end"), new ScriptedServer(), { drains: false });
  runner.update((chat, now) => chat.handleDisconnected("gone", 1000, now));
  assertEquals(await runner.run(), { kind: "end" });
  runner.close();
});

pureTest("chat runner: a failed store is reported once, and the chat goes on", async () => {
  const server = new ScriptedServer();
  const fails = () => {
    throw new Error("disk full");
  };
  const ui = new FakeUi("one", "two", "end");
  const store = { add: fails, remove: fails };
  assertEquals(await startRunner(ui, server, { store }).run(), { kind: "eof" });
  assertEquals(server.received, ["JOIN #lobby", "PRIVMSG #lobby one", "PRIVMSG #lobby two"]);
  assertEquals(ui.shown.filter((line) => line.includes("!!!")), [
    "0 !!! unsent messages cannot be saved, and are lost if this program crashes: disk full",
  ]);
});

pureTest("chat runner: a bug ends it with its error", async () => {
  const runner = startRunner(new FakeUi(), new ScriptedServer());
  const run = runner.run();
  runner.update(() => {
    throw new Error("a bug");
  });
  assertEquals(await run.catch((error) => error.message), "a bug");
});

pureTest("chat runner: read markers are sent at intervals, and the rest when the person leaves", () => {
  const clock = { time: 0 };
  let timer: { ms: number; then: () => void } | undefined;
  const server = new ScriptedServer();
  const runner = startRunner(new FakeUi(), server, {
    chat: makeChat({ isInteractive: true }),
    caps: ["labeled-response", "draft/read-marker", "server-time", "chatterbox.chat/receipts"],
    drains: false,
    now: () => clock.time,
    later: (ms, then) => {
      timer = { ms, then };
      return () => timer = undefined;
    },
  });
  server.received = [];
  const hear = (second: number) => {
    const line = `@time=2026-01-01T00:00:0${second}.000Z;msgid=m${second} :bob!b@h PRIVMSG alice :hi`;
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
  assertEquals([server.received, timer], [
    [1, 3, 4].map((second) => `MARKREAD bob timestamp=2026-01-01T00:00:0${second}.000Z`),
    undefined,
  ]);
});

pureTest("chat runner: what is sent is shown at once, until the server has it or refuses it", async () => {
  const answers: ((result: RequestResult) => void)[] = [];
  const ui = new FakeUi("one", "/me waves", "/msg bob three", "four", "five");
  let ids = 0;
  const runner = new ChatRunner({
    chat: makeChat({ clock: String, newId: () => String(++ids) }),
    ui,
    clock: { now: () => 7 },
    local: { clock: String, day: () => "", date: String },
    drains: false,
    request: () => new Promise((resolve) => void answers.push(resolve)),
  });
  const caps = new Set(["batch", "labeled-response", "echo-message"]);
  runner.update((chat) => chat.handleConnected({ nick: "alice", caps, isClaimed: false }, false, 7));
  answers.shift()!({ kind: "answered", lines: [parseMessage(":alice!a@h JOIN #lobby")!] });
  runner.run();
  await comesTrue("five messages", () => ui.unsent.at(-1)?.[0] === "      … 2 more not sent yet", {
    heard: () => [...ui.unsent.map(String), ...ui.shown],
  });
  assertEquals(ui.unsent.slice(0, 3), [
    ["7 <alice> one …"],
    ["7 <alice> one …", "7 * alice waves …"],
    ["7 <alice> one …", "7 * alice waves …", "7 [alice -> bob] three …"],
  ]);
  for (let n = 0; n < 5; n++) {
    await comesTrue("a request", () => answers.length > 0);
    answers.shift()!({ kind: "answered", lines: [parseMessage(":server 404 alice #lobby :Cannot send")!] });
  }
  await comesTrue("no message unsent", () => ui.unsent.at(-1)?.length === 0);
  runner.close();
});
