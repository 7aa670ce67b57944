/** docs/protocol/ describes each extension of the protocol that is in the code, and no others. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { VERBS } from "../../lib/hub/verbs/mod.ts";
import { VENDOR_PREFIX } from "../../lib/irc/vendor_extensions.ts";
import { PLACEHOLDER, readTexts } from "../lint/words.ts";
import { codeWords, filesBelow, firstCells, inOneLine, read } from "./pages.ts";
import { SPECIFIED_CODES, SPECIFIED_VERBS } from "./specified.ts";

const permissions = { read: true } as const;

const PAGES = [...filesBelow("docs/protocol/", ".md")].map((path) => ({ path, text: read(path) }));
const HUB = [...filesBelow("lib/hub/", ".ts"), "lib/irc/vendor_extensions.ts"].map(read).join("\n");

/** First cells of the tables of all pages whose first column is called `heading`, without their backquotes. */
function documented(heading: string): Set<string> {
  const cells = PAGES.flatMap(({ text }) => firstCells(text, heading));
  return new Set(cells.flatMap((cell) => codeWords(cell)));
}

function match(text: string, pattern: RegExp): string[] {
  return Array.from(text.matchAll(pattern), ([, found = ""]) => found);
}

function sorted(words: Iterable<string>): string[] {
  return [...new Set(words)].sort();
}

Deno.test({
  name: "protocol pages: the capabilities, tags, tokens and metadata keys of our own are those of the code",
  permissions,
  fn() {
    const code = [...filesBelow("lib/", ".ts")].map(read).join("\n");
    const inCode = [
      ...match(code, /VENDOR_PREFIX \+ "([^"]+)"/g),
      ...match(code, /"chatterbox\.chat\/([A-Za-z]+)"/g),
    ];
    const cells = ["Capability", "Tag", "Token", "Key"].flatMap((heading) => [...documented(heading)]);
    const onPages = cells.filter((cell) => cell.startsWith(VENDOR_PREFIX)).map((cell) =>
      cell.slice(VENDOR_PREFIX.length).split("=")[0]!
    );
    assert(onPages.length >= 8, "docs/protocol/ has its tables");
    assertEquals(sorted(onPages), sorted(inCode));
  },
});

Deno.test({
  name: "protocol pages: nothing is called chatterbox.chat/… that is not in the code",
  permissions,
  fn() {
    const code = [...filesBelow("lib/", ".ts")].map(read).join("\n");
    const known = new Set(match(code, /(?:VENDOR_PREFIX \+ "|chatterbox\.chat\/)([A-Za-z]+)/g));
    const unknown = PAGES.flatMap(({ path, text }) =>
      match(text, /chatterbox\.chat\/([A-Za-z]+)/g).filter((name) => !known.has(name)).map((name) =>
        `${path}: chatterbox.chat/${name}`
      )
    );
    assertEquals(unknown, []);
  },
});

Deno.test({
  name: "protocol pages: the commands of our own are those that no specification has",
  permissions,
  fn() {
    const own = [...VERBS.keys()].filter((verb) => !SPECIFIED_VERBS.has(verb));
    const onPages = [...documented("Command")].map((command) => command.split(" ")[0]!);
    assertEquals(sorted(onPages), sorted(own));
    assertEquals([...SPECIFIED_VERBS].filter((verb) => !VERBS.has(verb)), [], "not in the code");
  },
});

/** Codes of FAIL, WARN and NOTE in the source of the hub: where it names one, and where it writes the line. */
function codesOfHub(): Set<string> {
  return new Set([
    ...match(HUB, /"([A-Z]+(?:_[A-Z\d]+)+)"/g),
    ...match(HUB, /\w*[Ff]ail(?:ure)?\(\s*(?:session,\s*[\w".]+,\s*)?"([A-Z_]+)"/g),
    ...match(HUB, /_CODE = "([A-Z_]+)"/g),
    ...match(HUB, /\$\{[\w.]*serverName\} (?:FAIL|WARN|NOTE) (?:\$\{\w+\}|\S+) ([A-Z_]{3,})/g),
    ...match(HUB, /`NOTE (?:CHATHISTORY|SEARCH) ([A-Z]+) /g),
  ]);
}

Deno.test({
  name: "protocol pages: the codes of FAIL, WARN and NOTE of our own are those that no specification has",
  permissions,
  fn() {
    const cells = [...documented("Code")];
    const onPages = cells.map((cell) =>
      /^(?:FAIL|WARN|NOTE) (?:\*|[A-Z]+) ([A-Z_]+)/.exec(cell)?.[1] ?? cell
    );
    const inCode = codesOfHub();
    const own = [...inCode].filter((code) => !SPECIFIED_CODES.has(code));
    assertEquals(sorted(onPages.filter((code) => !inCode.has(code))), [], "not in the code");
    assertEquals(sorted(own.filter((code) => !onPages.includes(code))), [], "on no page of docs/protocol/");
    assertEquals(
      [...SPECIFIED_CODES].filter((code) => !inCode.has(code)),
      [],
      "specified, but not in the code",
    );
  },
});

Deno.test({
  name: "protocol pages: a reply in an example has a code of a page or of a specification",
  permissions,
  fn() {
    const cells = [...documented("Code")].join("\n");
    for (const { path, text } of PAGES) {
      for (const line of match(text, /^S: (?:@\S+ )?:irc\.example ((?:FAIL|WARN|NOTE) .*)$/gm)) {
        const [, , code = ""] = line.split(" ");
        assert(cells.includes(code) || SPECIFIED_CODES.has(code), `${path}: ${line}`);
      }
    }
  },
});

/** Fewest letters that the fixed part of a text has, so that it is known by it. */
const MIN_FIXED_LETTERS = 6;

/**
 * The texts in the source of the server, line by line, as patterns: what is filled in may be anything. Of a line of IRC
 * the text is the last parameter.
 */
function textsOfServer(): string[] {
  const paths = [...filesBelow("lib/hub/", ".ts"), ...filesBelow("lib/server/console/", ".ts")];
  const all = [...paths, "lib/irc/isupport.ts", "lib/irc/keep_time.ts", "lib/irc/vendor_extensions.ts"]
    .flatMap((path) => readTexts(path, read(path)).strings);
  const lines = all.flatMap(({ text }) => text.replace(/^(?:.* )?:(?=\S)/s, "").split("\n"));
  return lines.map((line) => line.split(PLACEHOLDER)).filter((parts) =>
    parts.join("").replace(/[^A-Za-z]/g, "").length >= MIN_FIXED_LETTERS
  ).map((parts) => parts.map((part) => RegExp.escape(part)).join(".*"));
}

/** Whether `words` are one of the texts, or two of them one after the other. */
function isOneOf(texts: readonly string[], words: string): boolean {
  const isWhole = (part: string) => texts.some((text) => new RegExp(`^${text}$`).test(part));
  return isWhole(words) || texts.some((text) => {
    const [start] = new RegExp(`^${text}`).exec(words) ?? [];
    return start !== undefined && isWhole(words.slice(start.length));
  });
}

Deno.test({
  name: "protocol pages: the texts of the server and its services in the examples are those of the code",
  permissions,
  fn() {
    const texts = textsOfServer();
    const source = String
      .raw`(?:ERROR|:(?:irc\.example|\w+Serv!\S+) (?!353|761)(?:\d{3}|FAIL|WARN|NOTE|NOTICE|\w+ SUCCESS)\b.*?)`;
    const line = new RegExp(String.raw`^S: (?:@\S+ )?${source} :(.+)$`, "gm"); // the names of members; the value of a key
    const shown = /^#\S+ \d{4}-\d\d-\d\d /; // a message out of history
    const unknown = PAGES.flatMap(({ path, text }) =>
      match(text, line).filter((words) => !shown.test(words) && !isOneOf(texts, words)).map((words) =>
        `${path}: ${words}`
      )
    );
    assertEquals(unknown, []);
  },
});

Deno.test({
  name: "protocol pages: the keys of SERVERSTATS are those that the server sends",
  permissions,
  fn() {
    const source = read("lib/hub/services/server_stats.ts");
    const sent = match(source, /(?:\["|set\(")([a-z_]+)"/g);
    const page = read("docs/protocol/server_stats.md");
    assertEquals(firstCells(page, "Key").flatMap(codeWords).toSorted(), sorted(sent));
  },
});

Deno.test({
  name: "protocol pages: README.md lists each page once, and each page has its sections",
  permissions,
  fn() {
    const paths = PAGES.map(({ path }) => path.slice("docs/protocol/".length));
    const listed = firstCells(read("docs/protocol/README.md"), "Page").map((cell) =>
      /\((.+)\)/.exec(cell)?.[1]
    );
    assertEquals(listed.toSorted(), paths.filter((path) => path !== "README.md").toSorted());
    for (const { path, text } of PAGES) {
      if (path.endsWith("README.md") || path.endsWith("base.md")) continue;
      assert(/^# .+\n\nStatus: .+/.test(text), `${path} says its status under its title`);
      const sections = new Set(match(text, /^## (.+)$/gm));
      for (const section of ["Motivation", "Example", "Bounds", "Security considerations"]) {
        assert(sections.has(section), `${path} has no section ${section}`);
      }
    }
  },
});

Deno.test({
  name: "transcripts quote pages of docs/ word for word",
  permissions,
  fn() {
    for (const path of filesBelow("tests/transcripts/", ".txt")) {
      const [first = ""] = read(path).split("\n");
      const [, page, rest = ""] = /^# (docs\/\S+?\.md), (.*)$/.exec(first) ?? [];
      if (page === undefined) continue;
      const text = inOneLine(read(page));
      const quoted = match(rest, /"([^"]+)"/g).flatMap((sentence) => sentence.split("…"));
      assert(quoted.length > 0, `${path} quotes a sentence of ${page}`);
      for (const words of quoted) {
        assert(text.includes(words.trim()), `${path}: ${page} does not say: ${words}`);
      }
    }
  },
});
