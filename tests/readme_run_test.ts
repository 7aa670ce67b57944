/** The commands in README.md and docs/ run, and show what is shown there; those of recipes: tests/recipes_run_test.ts. */
import { assertEquals } from "@std/assert";
import { formOf, hasInOrder, parseExamples } from "./readme_run/examples.ts";
import { NOT_RUN } from "./readme_run/not_run.ts";
import { IS_RECIPE, PAGES, testPages } from "./readme_run/pages.ts";
import { whyNotRun } from "./readme_run/play.ts";
import { STAND_INS } from "./readme_run/sandbox.ts";
import { pureTest } from "./support/test.ts";

testPages(PAGES.filter(({ page }) => !IS_RECIPE.test(page)));

pureTest("examples: commands are found in fences and in indented blocks, with what they show", () => {
  const text = [
    "```sh",
    "chatterbox list   # who is there",
    "chatterbox send bob \\",
    '  "hi"',
    "```",
    "```console",
    "$ chatterbox list",
    "NAME  SINCE",
    "",
    "$ true",
    "```",
    "    chatterbox serve \\",
    "      --tls :1",
    "```text",
    "$ chatterbox list",
    "NAME  SINCE",
    "```",
    "```text",
    "chatterbox no",
    "```",
    "```console",
    "$ chatterbox join alice",
    "#lobby> █",
    "```",
    "```console",
    "#lobby> /quit",
    "```",
    "````console",
    "$ true",
    "    ```",
    "````",
  ];
  const blocks = parseExamples("P", text.join("\n")).map((block) =>
    block.map(({ place, command, output }) => [place, command, ...output ?? []])
  );
  assertEquals(blocks, [
    [["P:2", "chatterbox list   # who is there"], ["P:3", 'chatterbox send bob   "hi"']],
    [["P:7", "chatterbox list", "NAME  SINCE"], ["P:10", "$ true".slice(2)]],
    [["P:12", "chatterbox serve   --tls :1"]],
    [["P:15", "chatterbox list", "NAME  SINCE"]],
    [["P:22", "chatterbox join alice", "#lobby> █"]],
    [["P:26", "chatterbox join alice", "#lobby> /quit"]], // goes on at that terminal
    [["P:29", "true", "    ```"]],
  ]);
});

pureTest("examples: other times, numbers and homes have the form shown; other words have not", () => {
  const isLike = (shown: string, line: string) => formOf(shown).test(line);
  const row = "alice  2026-11-21 00:50:05 (7s)  4s    #lobby";
  assertEquals(isLike(row, "alice  2027-01-02 10:00:00 (1m 2s)  14s   #lobby"), true);
  assertEquals(isLike(row, "bob    2027-01-02 10:00:00 (12s)  14s   #lobby"), false);
  assertEquals(isLike("── #ops ──── 1 new ──", "── #ops ──────────── 2 new ──"), true);
  assertEquals(isLike("31 Jan 2026 00:53", "1 Feb 2027 10:00"), true);
  assertEquals(isLike("in /home/alice/.local/log.ring: new", "in /tmp/x7/.local/log.ring: new"), true);
  assertEquals(hasInOrder(["a 1", "b", "c"], [/^a \d$/, /^c$/]), true);
  assertEquals(hasInOrder(["c", "a 1"], [/^a \d$/, /^c$/]), false);
});

pureTest("examples: what is not run is listed with its reason, and nothing else is", () => {
  assertEquals(whyNotRun("npx -y deno@2.9.6 task start"), "fetches Deno from a package registry");
  assertEquals(whyNotRun("chatterbox list"), undefined);
  const commands = PAGES.flatMap(({ blocks }) => blocks.flat()).map(({ command }) => command);
  assertEquals(NOT_RUN.filter(([words]) => !commands.some((command) => words.test(command))), []);
});

pureTest("examples: each program that has a stand-in is used", () => {
  const texts = PAGES.flatMap(({ blocks, files }) => [
    ...blocks.flat().map(({ command }) => command),
    ...files.map(({ text }) => text),
  ]);
  const words = new Set(texts.flatMap((text) => text.split(/\s+/)));
  assertEquals(Object.keys(STAND_INS).filter((program) => !words.has(program)), []);
});
