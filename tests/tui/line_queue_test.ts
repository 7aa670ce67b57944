/** A paste that is sent line by line: what waits for the outbox, at a terminal. */
import { assertEquals } from "@std/assert";
import { loadPalette } from "../../lib/cli/standard_streams.ts";
import type { LineStore } from "../../lib/tui/line_keeper.ts";
import { MAX_WAITING_UNITS } from "../../lib/tui/input/line_queue.ts";
import { MAX_INPUT_UNITS } from "../../lib/tui/terminal/line/line_editor.ts";
import { TerminalUi } from "../../lib/tui/terminal_ui.ts";
import type { Chat } from "../../lib/client/conversation/chat.ts";
import { makeChatInput } from "../../lib/tui/input/input_handler.ts";
import type { InputHost } from "../../lib/tui/input/input_handler.ts";
import { comesTrue } from "../support/guard.ts";
import { pureTest } from "../support/test.ts";
import { makeInput, viewOf } from "./chat_input.ts";
import { FakeTerminal } from "./fake_terminal.ts";
import { inTwoRooms } from "./view_run.ts";

const plain = await loadPalette(false);
const paste = (text: string) => `\x1b[200~${text}\x1b[201~`;

/** A terminal with an outbox that takes as many lines as it has room for. */
class Bench implements AsyncDisposable {
  readonly terminal = new FakeTerminal(100);
  readonly sent: string[] = [];
  readonly taken: string[] = [];
  readonly history: string[] = [];
  drafts: Readonly<Record<string, string>> = {};
  /** Views in which nothing can be said. */
  readonly left = new Set<string>();
  readonly ui: TerminalUi;
  readonly #ended: Promise<string>;
  #room: number;
  #roomMade = Promise.withResolvers<void>();

  constructor(room: number, kept: Pick<LineStore, "history" | "drafts"> = { history: [], drafts: {} }) {
    this.#room = room;
    this.drafts = kept.drafts;
    this.ui = new TerminalUi(this.terminal, plain, {
      leavesAtOnce: true,
      store: {
        ...kept,
        addLine: (line) => void this.history.push(line),
        replaceDrafts: (drafts) => void (this.drafts = drafts),
      },
    });
    this.ui.prompt("#tea> ", viewOf("#tea"));
    this.#ended = this.ui.run(makeInput({
      take: (line) => void this.taken.push(line),
      plan: (line) => /^\/[^/]/.test(line) ? undefined : { target: "#tea", messageCount: 1 },
      sender: {
        hasRoom: () => this.#room > 0,
        waitForRoom: async () => {
          while (this.#room === 0) await this.#roomMade.promise;
        },
        say: (text, { name }) => {
          if (this.left.has(name)) return false;
          this.#room--;
          this.sent.push(`${name} ${text}`);
          return true;
        },
      },
    }));
  }

  makeRoom(lines: number) {
    this.#room += lines;
    this.#roomMade.resolve();
    this.#roomMade = Promise.withResolvers();
  }

  async pasteLines(text: string) {
    this.terminal.press(paste(text));
    await this.terminal.shows((lines) => lines.join(" ").includes("lines pasted"));
    this.terminal.press("l");
  }

  async sends(count: number) {
    await comesTrue(`${count} lines`, () => this.sent.length === count);
  }

  async ends(...lines: string[]) {
    await this.terminal.shows((all) => all.slice(-lines.length).join("\n") === lines.join("\n"));
  }

  async [Symbol.asyncDispose]() {
    this.terminal.hangUp();
    await this.#ended;
    this.ui.close();
    await this.terminal.output.flush();
  }
}

pureTest("line queue: what has no room is on disk, and keys and commands work meanwhile", async () => {
  await using bench = new Bench(2);
  await bench.pasteLines("one\n/two\n/three\nfour");
  await bench.sends(2);
  await bench.ends("#tea>", "2 lines wait to be sent: Ctrl-C stops");
  assertEquals(bench.drafts, { "#tea waiting 1": "//three\nfour" });
  bench.terminal.press("x");
  await bench.ends("#tea> x", "2 lines wait to be sent: Ctrl-C stops");
  bench.terminal.press("\x7f/go bob\r");
  await comesTrue("a command", () => bench.taken.length === 1);
  bench.ui.prompt("@bob> ", viewOf("bob"));
  bench.makeRoom(1);
  await bench.sends(3);
  assertEquals(bench.drafts, { "#tea waiting 1": "four" });
  bench.makeRoom(1);
  await bench.sends(4);
  await bench.ends("@bob>");
  assertEquals([bench.sent, bench.taken, bench.drafts], [
    ["#tea one", "#tea /two", "#tea /three", "#tea four"],
    ["/go bob"],
    {},
  ], "to the view in which it was pasted");
});

pureTest("line queue: a message goes behind the lines that wait for its view, and no others", async () => {
  await using bench = new Bench(0);
  bench.terminal.press("typed\r");
  await bench.ends("#tea>", "1 line waits to be sent: Ctrl-C stops");
  bench.terminal.press("//behind\r");
  await bench.ends("#tea>", "2 lines wait to be sent: Ctrl-C stops");
  bench.terminal.press(" /slip\r");
  bench.ui.prompt("@bob> ", viewOf("bob"));
  bench.terminal.press("hi\r");
  await comesTrue("what does not wait", () => bench.taken.length === 2);
  bench.makeRoom(2);
  await bench.sends(2);
  assertEquals([bench.taken, bench.sent], [[" /slip", "hi"], ["#tea typed", "#tea /behind"]]);
});

pureTest("line queue: Ctrl-C stops it, and the up arrow brings back what is left", async () => {
  await using bench = new Bench(1);
  await bench.pasteLines("one\n/two\nthree");
  await bench.sends(1);
  bench.terminal.press("typed\x03");
  await bench.ends(
    "      !!! 2 lines are not sent to #tea: the up arrow brings back what is left",
    "#tea> typed",
  );
  bench.makeRoom(9);
  bench.terminal.press("\x15\x1b[A");
  await bench.ends("#tea> //two", "      three");
  assertEquals([bench.sent, bench.history], [["#tea one"], ["//two\nthree"]]);
  assertEquals(bench.drafts["#tea waiting 1"], undefined);
});

pureTest(
  "line queue: where nothing can be said any more, and at the end, the history gets the rest",
  async () => {
    {
      await using bench = new Bench(1);
      await bench.pasteLines("one\ntwo\nthree");
      await bench.sends(1);
      bench.left.add("#tea");
      bench.makeRoom(1);
      await comesTrue("the rest", () => bench.history.length === 1);
      await bench.ends(
        "      !!! 2 lines are not sent to #tea: the up arrow brings back what is left",
        "#tea>",
      );
      assertEquals([bench.history, bench.drafts], [["two\nthree"], {}]);
    }
    const bench = new Bench(1);
    await bench.pasteLines("one\ntwo\nthree");
    await bench.sends(1);
    await bench[Symbol.asyncDispose]();
    assertEquals([bench.history, bench.drafts], [["two\nthree"], {}]);
    assertEquals(bench.terminal.written.includes("2 lines are not sent to #tea"), true);
  },
);

pureTest("line queue: what waited when the program died is the newest of the history", async () => {
  const drafts = { "#tea waiting 1": "two", "#tea waiting 2": "three", "#tea": "half" };
  await using bench = new Bench(1, { history: ["zero"], drafts });
  await bench.ends(
    "      !!! lines of the run before were not sent: the up arrow brings them back",
    "#tea> half",
  );
  assertEquals([bench.history, bench.drafts], [["three", "two"], { "#tea": "half" }]);
  bench.terminal.press("\x1b[A");
  await bench.ends("#tea> two");
  bench.terminal.press("\x1b[A");
  await bench.ends("#tea> three");
});

pureTest(
  "line queue: long lines are kept in parts that the line can hold; the queue is bounded",
  async () => {
    await using bench = new Bench(0);
    await bench.pasteLines(`a\n${"x".repeat(MAX_INPUT_UNITS + 5)}\nb`);
    await bench.ends("#tea>", "3 lines wait to be sent: Ctrl-C stops");
    assertEquals(Object.values(bench.drafts).map(({ length }) => length), [1, MAX_INPUT_UNITS - 1, 8]);
    const lines = `${"y".repeat(59_999)}\n`;
    for (let length = 0; length < MAX_WAITING_UNITS; length += lines.length) {
      await bench.pasteLines(`${lines}z`);
      await bench.terminal.shows((rows) => !rows.join(" ").includes("lines pasted"));
    }
    await bench.terminal.shows((rows) => rows.join(" ").includes("lines are not sent to #tea"));
    assertEquals([bench.sent, bench.drafts], [[], {}]);
    assertEquals(bench.history.every(({ length }) => length <= MAX_INPUT_UNITS), true);
  },
);

pureTest("line queue: what is told to a service is not on disk", async () => {
  await using bench = new Bench(0);
  bench.ui.prompt("@NickServ> ", viewOf("NickServ"));
  await bench.pasteLines("identify\nhunter2");
  await bench.ends("@NickServ>", "2 lines wait to be sent: Ctrl-C stops");
  bench.terminal.press("\x03");
  await bench.terminal.shows((rows) => rows.join(" ").includes("are not sent"));
  assertEquals([bench.drafts, bench.history], [{}, []]);
});

pureTest("line queue: lines go to their view, wherever the person is, until its room is left", async () => {
  const alice = await inTwoRooms();
  const { chat } = alice;
  const host = {
    chat,
    hasCommands: true,
    update: (change: (chat: Chat, now: number) => void) => void alice.update(change),
  } as unknown as InputHost;
  const { sender } = makeChatInput(host);
  const { key } = chat.views.find("#dev")!;
  assertEquals([chat.views.current, sender!.say("/one", key)], ["#lobby", true]);
  assertEquals(alice.takeSent().map((line) => line.replace(/^@\S+ /, "")), ["PRIVMSG #dev /one"]);
  alice.receive(":op!o@h KICK #dev alice :out");
  assertEquals([sender!.say("two", key), alice.takeSent()], [false, []]);
  assertEquals(sender!.say("three", { name: "#none" }), false);
});
