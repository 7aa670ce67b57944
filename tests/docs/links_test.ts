/** What the documentation points at is there: files, pages, sections. */
import { assertEquals } from "@std/assert";
import { codeWords, filesBelow, pagePaths, proseLines, read, ROOT } from "./pages.ts";

const permissions = { read: true } as const;

function exists(path: string): boolean {
  try {
    Deno.statSync(new URL(path, ROOT));
    return true;
  } catch {
    return false;
  }
}

/** Heading → anchor, as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading.trim().toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
}

function anchorsOf(page: string): Set<string> {
  return new Set([...proseLines(page)].flatMap(([line]) => {
    const [, heading] = /^#+ (.+)$/.exec(line) ?? [];
    return heading === undefined ? [] : [anchorOf(heading)];
  }));
}

/** Targets of links in Markdown, on the lines of a page that are not code. */
function linksOf(page: string): string[] {
  const text = [...proseLines(page)].map(([line]) => line.replace(/`[^`]*`/g, "")).join("\n");
  return Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, target = ""]) => target);
}

/** Faults of the relative links of the page `path`. */
function linkFaults(path: string, page: string): string[] {
  return linksOf(page).filter((target) => !/^[a-z]+:/.test(target)).flatMap((target) => {
    const [file = "", anchor] = target.split("#");
    const there = new URL(file, new URL(path, "file:///")).pathname.slice(1);
    if (file !== "" && !exists(there)) return [`${path}: ${target} is not there`];
    if (anchor === undefined) return [];
    const sections = anchorsOf(file === "" ? page : read(there));
    return sections.has(anchor) ? [] : [`${path}: ${target} names no section`];
  });
}

/** A path as prose names one: below a folder of the repository, or a file at its root. */
const PATH =
  /^(?:(?:lib|commands|tests|docs|packaging|\.github|\.ci)\/[\w./*-]*|(?:README|ARCHITECTURE|CHANGELOG|CONTRIBUTING)\.md|main\.ts|deno\.json)$/;

/** Faults of the paths in backquotes; `*` stands for any name. */
function pathFaults(path: string, page: string): string[] {
  const words = [...proseLines(page)].flatMap(([line]) => codeWords(line)).filter((word) => PATH.test(word));
  return words.filter((word) => !exists(word.includes("*") ? word.slice(0, word.lastIndexOf("/") + 1) : word))
    .map((word) => `${path}: ${word} is not there`);
}

Deno.test({
  name: "docs: every relative link leads to a file, and its anchor to a section",
  permissions,
  fn() {
    assertEquals(pagePaths().flatMap((path) => linkFaults(path, read(path))), []);
  },
});

Deno.test({
  name: "docs: every page can be reached from README.md",
  permissions,
  fn() {
    const reached = new Set(["README.md"]);
    for (const path of reached) { // also those that are added on the way
      for (const target of linksOf(read(path))) {
        const there = new URL(target.split("#")[0]!, new URL(path, "file:///")).pathname.slice(1);
        if (!/^[a-z]+:/.test(target) && there.endsWith(".md") && exists(there)) reached.add(there);
      }
    }
    assertEquals(pagePaths().filter((path) => !reached.has(path)), []);
  },
});

Deno.test({
  name: "docs: every path that a page names is in the repository",
  permissions,
  fn() {
    assertEquals(pagePaths().flatMap((path) => pathFaults(path, read(path))), []);
  },
});

Deno.test({
  name: "docs: a link without a file, without a section and a path that is not there are found",
  permissions,
  fn() {
    const page = [
      "# One",
      "[a](docs/none.md) [b](#one) [c](#two) [d](https://example.com/x) `[e](no.md)`",
      "`lib/none.ts`, `lib/hub/*.ts`, `docs/`, `x/y.ts`",
      "```",
      "[f](none.md)",
      "```",
    ].join("\n");
    assertEquals(linkFaults("README.md", page), [
      "README.md: docs/none.md is not there",
      "README.md: #two names no section",
    ]);
    assertEquals(pathFaults("README.md", page), ["README.md: lib/none.ts is not there"]);
  },
});

Deno.test({
  name: "docs: a page that a comment in the code names is there, and so is the section",
  permissions,
  fn() {
    const sources = ["lib/", "commands/", "tests/"].flatMap((folder) => [...filesBelow(folder, ".ts")]);
    const faults = sources.filter((path) => path !== "tests/docs/links_test.ts").flatMap((path) => {
      const named = read(path).matchAll(
        /\b((?:docs\/[\w/]+|ARCHITECTURE|CONTRIBUTING)\.md)(?:, "([^"\n]+)")?/g,
      );
      return Array.from(named, ([, page = "", section]) => ({ page, section })).flatMap(
        ({ page, section }) => {
          if (!exists(page)) return [`${path}: ${page} is not there`];
          if (section === undefined || anchorsOf(read(page)).has(anchorOf(section))) return [];
          return [`${path}: ${page} has no section ${section}`];
        },
      );
    });
    assertEquals(faults, []);
  },
});
