import { assertEquals } from "@std/assert";
import { complete, CompletionCycle } from "../../lib/tui/completion.ts";
import { pureTest } from "../support/test.ts";

const vocabulary = { names: ["alice", "Albert", "bob", "Bobby"], channels: ["#lobby", "#日本", "#日記"] };

/** `|` marks the cursor. */
function tab(marked: string): string {
  const cursor = marked.indexOf("|");
  const text = marked.replace("|", "");
  const completion = complete({ text, cursor }, vocabulary);
  switch (completion.kind) {
    case "none":
      return "(none)";
    case "choices":
      return completion.choices.join(" ");
    case "line":
      return completion.line.text.slice(0, completion.line.cursor) + "|" +
        completion.line.text.slice(completion.line.cursor);
  }
}

pureTest("complete: names, rooms and commands", () => {
  const expected: [string, string][] = [
    ["ali|", "alice: |"],
    ["ALI|", "alice: |"],
    ["hello ali|", "hello alice |"],
    ["hello ali| there", "hello alice| there"],
    ["ali| there", "alice:| there"],
    ["al|", "Albert alice"],
    ["bo|", "Bob|"],
    ["Bob|", "Bobby bob"],
    ["|", "Albert Bobby alice bob"],
    ["zed|", "(none)"],
    ["see #l|", "see #lobby |"],
    ["#日|", "#日本 #日記"],
    ["/to|", "/topic |"],
    ["/j|", "/join |"],
    ["/m|", "/me /mode /msg /mute"],
    ["say /to|", "(none)"],
    ["/msg ali|", "/msg alice |"],
    ["/msg lo|", "/msg #lobby |"],
    ["/join lo|", "/join #lobby |"],
    ["/join al|", "(none)"],
    ["/join |", "/join #|"],
    ["see lo|", "(none)"],
    ["@ali|", "@alice |"],
    ["tell @al|", "@Albert @alice"],
    ["/kick @bobb|", "/kick @Bobby |"],
    ["/help ser|", "/help server |"],
    ["/list r|", "/list rooms |"],
    ["/list |", "people rooms"],
    ["constructor bob|", "Bobby bob"],
  ];
  for (const [line, completed] of expected) assertEquals(tab(line), completed, line);
});

pureTest("complete: /join takes the rooms that one is not in", () => {
  const words = { ...vocabulary, joinable: ["#dev", "#docs"] };
  const at = (text: string) => complete({ text, cursor: text.length }, words);
  assertEquals(at("/join "), { kind: "line", line: { text: "/join #d", cursor: 8 } });
  assertEquals(at("/j #d"), { kind: "choices", choices: ["#dev", "#docs"] });
  assertEquals(at("/join de"), { kind: "line", line: { text: "/join #dev ", cursor: 11 } });
  assertEquals(at("/topic #d"), { kind: "none" });
});

pureTest("complete: names that are longer or shorter when they are compared", () => {
  const at = (text: string, ...names: string[]) =>
    complete({ text, cursor: text.length }, { names, channels: [] });
  assertEquals(at("STRASS", "straße"), { kind: "line", line: { text: "straße: ", cursor: 8 } });
  assertEquals(at("s", "straßeA", "STRASSEB"), { kind: "line", line: { text: "STRASSE", cursor: 7 } });
  assertEquals(at("s", "straßeA", "straßeB"), { kind: "line", line: { text: "straße", cursor: 6 } });
  assertEquals(at("İS", "istanbul"), { kind: "line", line: { text: "istanbul: ", cursor: 10 } });
});

pureTest("complete: settings and their values behind /set", () => {
  assertEquals(tab("/set pres|"), "/set presence |");
  assertEquals(tab("/set presence o|"), "/set presence off |");
  assertEquals(tab("/set presence |"), "folded all off");
});

pureTest("complete: names of emoji; the first one is there at once", () => {
  assertEquals(tab("well done :tad|"), "well done 🎉 |");
  assertEquals(tab(":zzzz|"), "(none)");
  const cycle = new CompletionCycle();
  const press = (text: string) => cycle.press({ text, cursor: text.length }, vocabulary, 1)?.text;
  assertEquals([press(":thu"), cycle.choices], ["👍 ", ["👍 thumbsup", "👎 thumbsdown"]]);
  assertEquals(press("👍 "), "👎 ");
});

pureTest(
  "complete: repeated Tab goes through the candidates, those who spoke last first, and Shift-Tab back",
  () => {
    const known = {
      ...vocabulary,
      names: ["alan", "alice", "Albert", "bob"],
      speakers: ["ALICE", "bob", "gone", "alan"],
    };
    const cycle = new CompletionCycle();
    let line = { text: "hi al there", cursor: 5 };
    const press = (steps: 1 | -1) => {
      line = cycle.press(line, known, steps) ?? line;
      return line.text;
    };
    assertEquals(press(1), "hi al there", "they have no more in common");
    assertEquals(cycle.choices, ["alice", "alan", "Albert"]);
    assertEquals([press(1), press(1), press(1), press(1)].map((text) => text.slice(3, -6)), [
      "alice",
      "alan",
      "Albert",
      "alice",
    ]);
    assertEquals([press(-1), press(-1)], ["hi Albert there", "hi alan there"]);
    cycle.end();
    assertEquals(press(1), "hi alan there", "another key ends it: the word is whole");
    assertEquals(cycle.choices, []);
    line = { text: "hi al there!", cursor: 5 };
    press(1);
    assertEquals(press(-1), "hi Albert there!", "back from the beginning is the last one");
  },
);
