/** What is written to a terminal, and which program runs, for what a chat shows. */
import { assertEquals } from "@std/assert";
import { ChatSettings } from "../../../lib/client/conversation/model/chat_settings.ts";
import { parseMessage } from "../../../lib/irc/message.ts";
import { Attention } from "../../../lib/tui/attention/attention.ts";
import type { TerminalFeatures } from "../../../lib/tui/attention/terminal_features.ts";
import { ChatRunner } from "../../../lib/tui/chat_runner.ts";
import { ScriptedServer } from "../../support/chat/scripted_chat.ts";
import { makeChat } from "../../support/chat/test_chat.ts";
import { pureTest } from "../../support/test.ts";
import { FakeTerminal } from "../fake_terminal.ts";

const START = Date.UTC(2026, 10, 30, 12);
/** A chat of alice in #lobby and #dev, at a terminal. */
class Fixture {
  readonly terminal = new FakeTerminal();
  readonly settings = new ChatSettings();
  readonly attention: Attention;
  readonly runner: ChatRunner;
  /** Texts that the program of `--notify` was given. */
  readonly ran: string[] = [];
  now = START;
  /** Lines that the chat shows are written to the terminal as well. */
  writesLines = false;
  #lastId = 0;

  /** Resolves when alice is in both. */
  static async start(features: Partial<TerminalFeatures> = {}): Promise<Fixture> {
    const started = new Fixture(features);
    await new Promise((resolve) => setTimeout(resolve));
    return started;
  }

  private constructor(features: Partial<TerminalFeatures>) {
    this.attention = new Attention({
      output: this.terminal.output,
      features: { hasTitle: false, notification: undefined, ...features },
      settings: this.settings,
      now: this.now,
      run: (entry, me) => void this.ran.push(`${me}: ${entry.text}`),
    });
    this.runner = new ChatRunner({
      chat: makeChat({ settings: this.settings, ignored: ["eve"], channels: ["#dev"] }),
      ui: {
        show: (lines) => {
          if (!this.writesLines) return;
          for (const line of lines) this.terminal.output.write(line.map(({ text }) => text).join("") + "\n");
        },
        prompt() {},
        run: () => new Promise(() => {}),
        close() {},
      },
      clock: { now: () => this.now },
      local: { clock: String, day: String, date: String },
      drains: false,
      attention: this.attention,
      later: () => () => {},
      request: (message) => Promise.resolve(new ScriptedServer().answer(message)),
    });
    this.runner.update((chat, now) =>
      chat.handleConnected({ nick: "alice", caps: new Set(), isClaimed: false }, false, now)
    );
    for (const room of ["#lobby", "#dev"]) this.receive(`:alice!a@h JOIN ${room}`);
  }

  receive(line: string): void {
    this.runner.receive(parseMessage(line)!);
  }

  /** `from` says `text`, a second later. */
  say(from: string, target: string, text: string): this {
    this.now += 1000;
    const time = new Date(this.now).toISOString();
    this.receive(`@msgid=m${++this.#lastId};time=${time} :${from}!u@h PRIVMSG ${target} :${text}`);
    return this;
  }

  /** What was written since the last call. */
  async written(): Promise<string> {
    await this.terminal.output.flush();
    const { written } = this.terminal;
    this.terminal.written = "";
    return written;
  }
}

pureTest("attention: the bell rings for mentions and direct messages, once it is chosen", async () => {
  const test = await Fixture.start();
  test.say("bob", "#dev", "hi alice");
  assertEquals(await test.written(), "");
  test.settings.choose("bell", "on");
  test.say("bob", "#dev", "hi alice").say("bob", "alice", "psst");
  assertEquals(await test.written(), "\x07\x07");
  test.say("bob", "#dev", "hi").say("alice", "#dev", "I, alice").say("eve", "#dev", "hi alice");
  assertEquals(await test.written(), "");
  test.settings.choose("highlight", "deploy");
  test.say("bob", "#dev", "the deploy");
  assertEquals(await test.written(), "\x07");
  assertEquals(test.ran, ["alice: hi alice", "alice: hi alice", "alice: psst", "alice: the deploy"]);
});

pureTest("attention: a page that rings has the bell unasked, but not where it was switched off", async () => {
  const page = { number: 12, list: "ops", pager: "ci", text: "db1 \x1b[31mdown" };
  const ring = async (test: Fixture) => {
    test.attention.ring(page, test.now += 1000);
    return await test.written();
  };
  const test = await Fixture.start();
  await test.written();
  assertEquals(await ring(test), "\x07");
  test.settings.choose("bell", "off");
  assertEquals(await ring(test), "");
  const notified = await Fixture.start({ notification: "osc9" });
  await notified.written();
  assertEquals(await ring(notified), "\x07\x1b]9;Page 12 (ops) from ci: db1 ␛[31mdown\x1b\\");
});

pureTest("attention: within a second the bell is one sound, the program runs for each", async () => {
  const test = await Fixture.start();
  test.settings.setForRun("bell", "on");
  test.say("bob", "alice", "1");
  for (const id of ["a", "b"]) test.receive(`@msgid=${id} :bob!u@h PRIVMSG alice :again`);
  assertEquals([await test.written(), test.ran.length], ["\x07", 3]);
});

pureTest(
  "attention: bell and notification follow the line that they are about, also when others come with it",
  async () => {
    const test = await Fixture.start({ notification: "osc9" });
    test.settings.setForRun("bell", "on");
    test.writesLines = true;
    test.runner.update((chat) => {
      for (const text of ["hi alice", "next"]) {
        chat.showReceived({
          kind: "message",
          seq: undefined,
          id: undefined,
          time: START,
          channel: "#dev",
          from: "bob",
          to: "#dev",
          manner: "said",
          text,
        });
      }
    });
    const [first, rest = ""] = (await test.written()).split("\n\x07");
    const [notified, second] = rest.split("\x1b\\");
    assertEquals([first?.endsWith("hi alice"), notified?.startsWith("\x1b]9;"), second?.endsWith("next\n")], [
      true,
      true,
      true,
    ]);
  },
);

pureTest("attention: what is read from history, and what a server plays back, draws none", async () => {
  const test = await Fixture.start({ notification: "osc9" });
  test.settings.setForRun("bell", "on");
  test.receive("@msgid=h1;batch=b :bob!u@h PRIVMSG #dev :alice?");
  test.runner.update((chat) =>
    chat.showReceived({
      kind: "message",
      seq: 1,
      id: "h2",
      time: START,
      channel: "#dev",
      from: "bob",
      to: "#dev",
      manner: "said",
      text: "alice?",
    })
  );
  assertEquals([await test.written(), test.ran], ["", []]);
});

pureTest("attention: a focused terminal is not told of the conversation that it shows", async () => {
  const test = await Fixture.start();
  test.settings.setForRun("bell", "on");
  test.attention.setFocused(true);
  test.say("bob", "#lobby", "alice?");
  assertEquals(await test.written(), "");
  test.say("bob", "#dev", "alice?");
  test.attention.setFocused(false);
  test.say("bob", "#lobby", "alice?");
  assertEquals(await test.written(), "\x07\x07");
});

pureTest(
  "attention: notifications of the desktop, at most ten a minute, and none with /set notify off",
  async () => {
    const test = await Fixture.start({ notification: "osc777" });
    test.say("bob", "#dev", "alice; tea?");
    assertEquals(await test.written(), "\x1b]777;notify;bob in #dev;alice, tea?\x1b\\");
    for (let n = 0; n < 20; n++) test.receive(`@msgid=x${n} :bob!u@h PRIVMSG alice :psst`);
    assertEquals((await test.written()).split("notify;").length - 1, 9);
    test.now += 60_000;
    test.settings.choose("notify", "off");
    test.say("bob", "alice", "psst");
    assertEquals(await test.written(), "");
  },
);

pureTest("attention: the title has the room and the mentions, and the old one comes back", async () => {
  const test = await Fixture.start({ hasTitle: true });
  assertEquals(await test.written(), "\x1b[22;0t\x1b]0;#lobby · ChatterBox\x1b\\");
  test.say("bob", "#dev", "hi");
  assertEquals(await test.written(), "\x1b]0;• #lobby · ChatterBox\x1b\\");
  test.say("bob", "#dev", "hi alice").say("bob", "alice", "psst").say("bob", "#lobby", "alice");
  const counts = ["(1)", "(2)"].map((count) => `\x1b]0;${count} #lobby · ChatterBox\x1b\\`);
  assertEquals(await test.written(), counts.join(""));
  test.runner.update((chat) => chat.views.choose("#dev"));
  assertEquals(await test.written(), "\x1b]0;(1) #dev · ChatterBox\x1b\\");
  test.settings.choose("title", "off");
  test.runner.update(() => {});
  assertEquals(await test.written(), "\x1b]0;\x1b\\\x1b[23;0t");
  test.settings.choose("title", "on");
  test.runner.update(() => {});
  test.runner.close();
  test.attention.close();
  test.attention.close();
  assertEquals(
    await test.written(),
    "\x1b[22;0t\x1b]0;(1) #dev · ChatterBox\x1b\\\x1b]0;\x1b\\\x1b[23;0t",
  );
});
