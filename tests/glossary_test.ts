/** docs/glossary.md defines every term once, in order, and names nothing in the code that is not there. */
import { assertEquals } from "@std/assert";
import { assert } from "../lib/base/assert.ts";
import { pureTest } from "./support/test.ts";

const ROOT = new URL("../", import.meta.url);
const permissions = { read: true } as const;

/** Parentheses, where there are any: names in the code, a semicolon, the documents that define the term. */
const ENTRY =
  /^- \*\*(?<term>[^*]+)\*\*(?: \((?:(?<names>`[^)]*?`)(?:; |(?=\))))?(?<sources>[^`)]+)?\))?: .+[^.…]\.$/;
const NAMES = /^`[\w.]+`(?:, `[\w.]+`)*$/;
const SOURCE =
  /^(?:RFC \d+(?: §\d+(?:\.\d+)*)?|IRCv3 [a-z\d.-]+|Modern IRC|UTS #39|PROXY protocol|chatterbox\.chat\/[a-z]+)$/;
/** In a definition: a type or a file. Other words in backquotes are what is typed or sent. */
const CODE_NAME = /^(?:\w+\.ts|(?:[A-Z][a-z\d]+){2,})$/;

interface Entry {
  readonly group: string;
  /** All of it, in one line. */
  readonly text: string;
}

/** What the program declares and how its files are called, both with the number of times. */
interface Program {
  readonly declared: ReadonlySet<string>;
  readonly files: ReadonlyMap<string, number>;
}

function entriesOf(page: string): Entry[] {
  return page.split(/^## /m).slice(1).flatMap((section) => {
    const [group = "", ...lines] = section.trim().split("\n");
    const entries = lines.join("\n").trim().split(/\n(?! )/);
    return entries.map((entry) => ({ group, text: entry.replace(/\n +/g, " ") }));
  });
}

function termOf({ text }: Entry): string {
  return ENTRY.exec(text)?.groups?.term ?? text;
}

/** What every entry should have and that of `text` has not. */
function formFaults({ text }: Entry): string[] {
  const { names, sources } = ENTRY.exec(text)?.groups ?? { names: "", sources: "" };
  const isSound = ENTRY.test(text) && (names === undefined || NAMES.test(names)) &&
    (sources === undefined || sources.split(", ").every((source) => SOURCE.test(source)));
  return isSound ? [] : [`not of the form: ${text}`];
}

function repetitionFaults(entries: readonly Entry[]): string[] {
  const terms = entries.map((entry) => termOf(entry).toLowerCase());
  return terms.filter((term, index) => terms.indexOf(term) < index).map((term) => `defined twice: ${term}`);
}

function orderFaults(entries: readonly Entry[]): string[] {
  return entries.flatMap((entry, index) => {
    const before = entries[index - 1];
    if (before?.group !== entry.group) return [];
    const [one, other] = [termOf(before).toLowerCase(), termOf(entry).toLowerCase()];
    return one <= other ? [] : [`not in order: ${one}, ${other}`];
  });
}

function nameFaults({ text }: Entry, { declared, files }: Program): string[] {
  const head = ENTRY.exec(text)?.groups?.names ?? "";
  const quoted = Array.from(text.matchAll(/`([^`]+)`/g), ([, name = ""]) => name);
  return quoted.filter((name) => head.includes(`\`${name}\``) || CODE_NAME.test(name)).flatMap((name) => {
    if (!name.endsWith(".ts")) return declared.has(name) ? [] : [`not declared: ${name}`];
    const count = files.get(name) ?? 0;
    return count === 1 ? [] : [`${count} files are called ${name}`];
  });
}

/** Terms in the list at the top that are no entries. Clauses that begin with an article are sentences. */
function qualifierFaults(page: string, entries: readonly Entry[]): string[] {
  const terms = new Set(entries.map((entry) => termOf(entry).toLowerCase()));
  const [top = ""] = page.split(/^## /m);
  const rows = Array.from(top.matchAll(/^- _[^_]+_: (.*(?:\n {2}.*)*)/gm), ([, row = ""]) => row);
  const listed = rows.flatMap((row) => row.replace(/\s+/g, " ").replace(/ ?\([^)]*\)/g, "").split(/[,;] /));
  return listed.filter((term) => !/^an? /.test(term) && !terms.has(term.toLowerCase()))
    .map((term) => `listed, and no entry: ${term}`);
}

function faultsOf(page: string, program: Program): string[] {
  const entries = entriesOf(page);
  return [
    ...entries.flatMap(formFaults),
    ...repetitionFaults(entries),
    ...orderFaults(entries),
    ...qualifierFaults(page, entries),
    ...entries.flatMap((entry) => nameFaults(entry, program)),
  ];
}

function* filesBelow(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, ROOT))) {
    if (isDirectory) yield* filesBelow(`${folder}${name}/`);
    else if (name.endsWith(".ts")) yield `${folder}${name}`;
  }
}

function readProgram(): Program {
  const declared = new Set<string>();
  const files = new Map<string, number>();
  for (const path of ["main.ts", ...filesBelow("commands/"), ...filesBelow("lib/")]) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    files.set(name, (files.get(name) ?? 0) + 1);
    const source = Deno.readTextFileSync(new URL(path, ROOT));
    for (const [, found = ""] of source.matchAll(/\b(?:class|interface|type|const|function|get) (\w+)/g)) {
      declared.add(found);
    }
  }
  return { declared, files };
}

Deno.test({
  name: "glossary: each entry has its form, its place and names that exist, and no term is defined twice",
  permissions,
  fn() {
    const page = Deno.readTextFileSync(new URL("docs/glossary.md", ROOT));
    const entries = entriesOf(page);
    assert(entries.length > 200, "docs/glossary.md has its entries");
    assertEquals(faultsOf(page, readProgram()), []);
  },
});

const SAMPLE_PROGRAM: Program = {
  declared: new Set(["Ring", "LogReader"]),
  files: new Map([["ring.ts", 1], ["mod.ts", 2]]),
};

const SAMPLE = `# Sample

- _ring_: ring (in memory, of records); a circle is none

## One

- **lap**: one pass around
  the ring.
- **ring** (\`Ring\`, \`ring.ts\`; RFC 1 §2.3, IRCv3 batch): a buffer, read by \`LogReader\`.

## Two

- **batch** (chatterbox.chat/seq): lines, as \`/me\` and \`NAME\`.
`;

pureTest("glossary: a page is faulted for each thing that is wrong with it", () => {
  const faults = (from: string, to: string) => {
    assert(SAMPLE.includes(from), `the sample has ${from}`);
    return faultsOf(SAMPLE.replace(from, to), SAMPLE_PROGRAM);
  };
  assertEquals(faultsOf(SAMPLE, SAMPLE_PROGRAM), []);
  assertEquals(faults("**lap**:", "lap:"), ["not of the form: - lap: one pass around the ring."]);
  assertEquals(faults("the ring.", "the ring"), ["not of the form: - **lap**: one pass around the ring"]);
  assertEquals(faults("IRCv3 batch", "hearsay").length, 1);
  assertEquals(faults("`Ring`, ", "`Ring` ").length, 1);
  assertEquals(faults("**batch**", "**Ring**"), ["defined twice: ring"]);
  assertEquals(faults("records); a", "records), orbit; a"), ["listed, and no entry: orbit"]);
  assertEquals(faults("**lap**", "**turn**"), ["not in order: turn, ring"]);
  assertEquals(faults("`Ring`", "`Circle`"), ["not declared: Circle"]);
  assertEquals(faults("`LogReader`", "`LogWriter`"), ["not declared: LogWriter"]);
  assertEquals(faults("`ring.ts`", "`round.ts`"), ["0 files are called round.ts"]);
  assertEquals(faults("`ring.ts`", "`mod.ts`"), ["2 files are called mod.ts"]);
});
