/** A command without a number is about the message that was the newest when the person began to type it. */
import { assertEquals } from "@std/assert";
import { Random } from "../irc/property.ts";
import { loadPalette } from "../../lib/cli/standard_streams.ts";
import { TerminalUi } from "../../lib/tui/terminal_ui.ts";
import { pureTest } from "../support/test.ts";
import { FakeTerminal } from "./fake_terminal.ts";
import { ALL_CAPS, inTwoRooms, ViewRun } from "./view_run.ts";

const CAPS = [...ALL_CAPS, "draft/message-redaction"];

/** Types `command`; bob or another device of alice writes behind its first key. */
async function typeOvertaken(alice: ViewRun, command: string, from: string): Promise<void> {
  alice.key(command.slice(0, 1)).say(from, "#lobby", "overtaking", "late").key(command);
  alice.takeShown();
  alice.takeSent();
  await alice.type(command);
}

async function setUp(): Promise<ViewRun> {
  const alice = await inTwoRooms({ caps: CAPS });
  alice.say("alice", "#lobby", "older", "own1").say("bob", "#lobby", "tea?", "bob1");
  alice.say("alice", "#lobby", "newer", "own2");
  return alice;
}

pureTest(
  "/react and /reply mean the message that was last at the first key, and say which it is",
  async () => {
    const about = "t104   ··· about bob: «tea?», the last one when you began the line";
    for (
      const [command, sent] of [
        ["/react 👍", "@+draft/react=👍;+draft/reply=bob1 TAGMSG #lobby"],
        ["/reply yes", "@chatterbox.chat/id=own-1;+draft/reply=bob1 PRIVMSG #lobby yes"],
      ] as const
    ) {
      const alice = await setUp();
      await typeOvertaken(alice, command, "bob");
      assertEquals(alice.takeSent().slice(0, 1), [sent]);
      assertEquals(alice.takeShown().slice(0, 1), [about]);
    }
  },
);

pureTest("/delete and /redact mean the message that was last at the first key", async () => {
  for (const command of ["/delete", "/redact"]) {
    const alice = await setUp();
    await typeOvertaken(alice, command, "alice");
    assertEquals(alice.takeSent(), ["REDACT #lobby own2"]);
    assertEquals(alice.takeShown(), [
      "t104   ··· about alice: «newer», the last one when you began the line",
      "t104   ··· removed: «newer»",
    ]);
  }
});

pureTest("with a number it is what is there at Enter", async () => {
  const alice = await setUp();
  await typeOvertaken(alice, "/delete 1", "alice");
  assertEquals(alice.takeSent(), ["REDACT #lobby late"]);
});

pureTest("where there was none at the first key, or it is gone, nothing is changed", async () => {
  const alice = await inTwoRooms({ caps: CAPS });
  await typeOvertaken(alice, "/react 👍", "bob");
  assertEquals(alice.takeSent(), []);
  assertEquals(alice.takeShown(), [
    "t101   !!! there was none when you began the line; 1 is bob: «overtaking»",
  ]);
  alice.say("alice", "#lobby", "older", "own1").say("alice", "#lobby", "newer", "own2").key("/");
  alice.receive(":op!o@h REDACT #lobby own2").takeShown();
  await alice.type("/delete");
  assertEquals(alice.takeSent(), []);
  assertEquals(alice.takeShown(), [
    "t103   !!! «newer», the last one when you began the line, is gone; 1 is alice: ",
    "           «older»",
  ]);
});

pureTest(
  "a line is begun anew after it was sent, dropped, or left for another view by a command",
  async () => {
    const alice = await setUp();
    alice.key("/").key("").say("bob", "#lobby", "second", "bob2").key("/");
    await alice.type("/react 👍");
    assertEquals(alice.takeSent(), ["@+draft/react=👍;+draft/reply=bob2 TAGMSG #lobby"]);
    alice.key("").key("/");
    await alice.type("/go #dev", "/go #lobby");
    alice.say("bob", "#lobby", "third", "bob3").key("/");
    await alice.type("/react 👍");
    assertEquals(alice.takeSent().at(-1), "@+draft/react=👍;+draft/reply=bob3 TAGMSG #lobby");
  },
);

pureTest("a second bare /delete says what it would remove, and 1 removes it", async () => {
  const alice = await setUp();
  await alice.type("/delete");
  alice.receive(":alice!a@h REDACT #lobby own2").takeShown();
  await alice.type("/delete", "/redact");
  assertEquals(alice.takeSent(), ["REDACT #lobby own2"]);
  assertEquals(alice.takeShown(), [
    "t103   !!! this would be a second one: «older», 12:34; /delete 1 removes it",
    "t103   !!! this would be a second one: «older», 12:34; /redact 1 removes it",
  ]);
  await alice.type("/delete 1");
  assertEquals(alice.takeSent(), ["REDACT #lobby own1"]);
  alice.receive(":alice!a@h REDACT #lobby own1").say("alice", "#lobby", "latest", "own3").takeShown();
  await alice.type("/delete");
  assertEquals(alice.takeSent(), ["REDACT #lobby own3"]);
});

pureTest(
  "property: the message chosen is the newest at the first key, whatever comes meanwhile",
  async () => {
    const RUNS = 150;
    for (let run = 0; run < RUNS; run++) {
      const random = new Random(run);
      const alice = await inTwoRooms({ caps: CAPS });
      const newest: Record<"own" | "others", string | undefined> = { own: undefined, others: undefined };
      let ids = 0;
      const happen = () => {
        const id = `m${++ids}`;
        const from = random.pick(["alice", "bob", "carol"]);
        if (random.chance(3)) {
          alice.say("bob", "#dev", "elsewhere", id);
          return;
        }
        alice.say(from, "#lobby", `text ${id}`, id);
        newest[from === "alice" ? "own" : "others"] = id;
      };
      for (let n = random.below(4); n > 0; n--) happen();
      const atFirstKey = { ...newest };
      const [command, of] = random.pick(
        [["/react 👍", "others"], ["/reply yes", "others"], ["/delete", "own"], ["/redact", "own"]] as const,
      );
      for (let end = 1; end <= command.length; end++) {
        alice.key(command.slice(0, end));
        if (random.chance(4)) happen();
      }
      alice.takeSent();
      await alice.type(command);
      const chosen = alice.takeSent().flatMap((line) =>
        /^REDACT #lobby (\S+)|\+draft\/reply=([^ ;]+)/.exec(line)?.slice(1).filter(Boolean) ?? []
      );
      assertEquals(chosen, [atFirstKey[of] ?? []].flat(), `run ${run}: ${command}`);
    }
  },
);

pureTest(
  "a draft that is put into the line means the message that was last then, before any key",
  async () => {
    for (const kept of ["/reply yes", "/react 👍"]) {
      const terminal = new FakeTerminal(100, 24);
      const ui = new TerminalUi(terminal, await loadPalette(false), {
        store: { history: [], drafts: { "#lobby": kept }, addLine: () => {}, replaceDrafts: () => {} },
      });
      const alice = await new ViewRun({ ui, home: "#lobby", caps: CAPS }).settle();
      await terminal.shows((lines) => lines.at(-1)?.endsWith(kept) === true);
      alice.say("mallory", "#lobby", "after the restart", "late");
      alice.takeSent();
      terminal.press("\r");
      await terminal.shows((lines) => lines.join(" ").includes("there was none when you began the line"));
      terminal.press("\x04");
      await alice.ended;
      assertEquals(alice.takeSent().filter((line) => line.includes("late")), [], kept);
      alice.close();
      ui.close();
      await terminal.output.flush();
    }
  },
);
