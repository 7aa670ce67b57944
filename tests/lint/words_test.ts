/** What people read has no words that they would have to puzzle over, and no longer lines than a terminal has. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { pureTest } from "../support/test.ts";
import { readSources } from "./house.ts";
import { PLACEHOLDER, readTexts } from "./words.ts";
import type { SourceText } from "./words.ts";

/** People are *they*, or have the name of what they are here: the sender, the account owner. */
const AVOIDED_WORDS = /\b(?:he|his|him|himself|somebody|nobody|anybody|whoever|whom|whose)\b/gi;

/** Columns of a terminal. */
const MAX_COLUMNS = 80;

/** Files with texts that are shown as they are, a line each: help, and the answers of the services. */
const LINES_CHECKED = [
  "lib/hub/fanout/history/join_replay.ts",
  "lib/hub/fanout/history/offline_replay.ts",
  "lib/hub/policy/replay_limit.ts",
  "lib/hub/verbs/messaging/histserv.ts",
  "lib/hub/verbs/messaging/histserv_history.ts",
  "lib/hub/verbs/messaging/histserv_list.ts",
  "lib/hub/verbs/messaging/nickserv.ts",
  "lib/hub/verbs/server/help.ts",
  "lib/hub/verbs/server/help_texts.ts",
];

function avoidedWords({ path, line, text }: SourceText): string[] {
  return Array.from(
    text.matchAll(AVOIDED_WORDS),
    ([word]) => `${path}:${line}: "${word}" in: ${text.trim()}`,
  );
}

function tooLongLines({ path, line, text }: SourceText): string[] {
  const long = text.split("\n").filter((each) => each.length > MAX_COLUMNS);
  return long.map((each) => `${path}:${line}: ${each.length} columns: ${each}`);
}

function sourceTexts() {
  const sources = readSources(`${import.meta.dirname}/../..`);
  return Array.from(sources, ([path, source]) => ({ path, ...readTexts(path, source) }));
}

const permissions = { read: true } as const;

Deno.test({
  name: "words: no string and no comment has a word that is to be avoided",
  permissions,
  fn() {
    const texts = sourceTexts().flatMap(({ strings, comments }) => [...strings, ...comments]);
    assert(texts.length > 0, "the sources are read");
    assertEquals(texts.flatMap(avoidedWords), []);
  },
});

Deno.test({
  name: "words: no line of help and no answer of a service is longer than a terminal is wide",
  permissions,
  fn() {
    const checked = sourceTexts().filter(({ path }) => LINES_CHECKED.includes(path));
    assertEquals(checked.map(({ path }) => path).toSorted(), LINES_CHECKED);
    assertEquals(checked.flatMap(({ strings }) => strings).flatMap(tooLongLines), []);
  },
});

pureTest("words: strings, templates and comments are read, and faulted for what is wrong with them", () => {
  const { strings, comments } = readTexts(
    "a.ts",
    `import "./whom.ts";
/** Whoever reads. */
const one = "he said"; // of somebody
const two = \`his \${name} is\\nnobody's\`;
const three: "him" = the("history");`,
  );
  assertEquals(strings.map(({ line, text }) => `${line} ${text}`), [
    "1 ./whom.ts",
    "3 he said",
    `4 his ${PLACEHOLDER} is\nnobody's`,
    "5 him",
    "5 history",
  ]);
  assertEquals(strings.flatMap(avoidedWords).length, 5);
  assertEquals(comments.map(({ line, text }) => `${line} ${text.trim()}`), [
    "2 * Whoever reads.",
    "3 of somebody",
  ]);
  assertEquals(comments.flatMap(avoidedWords), [
    'a.ts:2: "Whoever" in: * Whoever reads.',
    'a.ts:3: "somebody" in: of somebody',
  ]);
  const line = { path: "a.ts", line: 1, text: `${"x".repeat(80)}\n${"y".repeat(81)}` };
  assertEquals(tooLongLines(line), [`a.ts:1: 81 columns: ${"y".repeat(81)}`]);
});
