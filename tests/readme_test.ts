/** README.md and its pages in docs/ promise nothing that no test holds, and their examples are commands that there are. */
import { assertEquals } from "@std/assert";
import { assert } from "../lib/base/assert.ts";
import type { Command } from "../lib/cli/command.ts";
import { FakeIo } from "./cli/fake_io.ts";
import { PROMISES } from "./readme_promises.ts";

const ROOT = new URL("../", import.meta.url);
const permissions = { read: true } as const;

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

/** Lines of a paragraph are one line. */
function inOneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}

/** The page that new users read, and those that continue it. */
const PAGES = ["README.md", "docs/promises.md", "docs/commands.md"];

function readAll(): string {
  return PAGES.map(read).join("\n");
}

function section(heading: string): string {
  const found = read("README.md").split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  assert(found !== undefined, `README.md has no section ${heading}`);
  return found;
}

Deno.test({
  name: "README: each promise in the table stands there, and its tests are there",
  permissions,
  fn() {
    const text = inOneLine(readAll());
    for (const [words, ...shownBy] of PROMISES) {
      assert(text.includes(words), `none of ${PAGES} says: ${words}`);
      assert(shownBy.length > 0, `no test holds: ${words}`);
      for (const shown of shownBy) {
        const at = shown.indexOf(": ");
        const [file, name] = [`tests/${shown.slice(0, at)}`, shown.slice(at + 2)];
        assert(read(file).includes(name), `${words}: ${file} has no test called ${name}`);
      }
    }
  },
});

Deno.test({
  name: "README: every paragraph of its promises has a test",
  permissions,
  fn() {
    const promises = [section("What it promises"), ...read("docs/promises.md").split(/^## /m)];
    const bullets = promises.flatMap((text) => text.split(/^- /m).slice(1)).map(inOneLine);
    const bare = bullets.filter((bullet) => !PROMISES.some(([words]) => bullet.includes(words)));
    assert(bullets.length > 20, "docs/promises.md has its paragraphs");
    assertEquals(bare, []);
  },
});

async function commandOf(name: string): Promise<Command> {
  const path = new RegExp(`^  ${name}: .*"\\./(commands/[^"]+)"`, "m").exec(read("main.ts"))?.[1];
  return (await import(`../${path}`)).command;
}

Deno.test({
  name: "README: its examples are commands and flags that there are",
  permissions: { read: true, env: true, sys: true },
  async fn() {
    const examples = [readAll(), read("docs/administration.md"), read("docs/robots.md")].join("\n").split(
      "\n",
    ).flatMap((line) =>
      [...line.replace(/ {2,}# .*$/, "").matchAll(/\bchatterbox (\w+)((?: [^|`#;)]+)?)/g)].map((
        [, name = "", words = ""],
      ) => ({
        name,
        bench: name === "bench" ? /^ \w+/.exec(words)?.[0].trim() : undefined,
        flags: words.match(/(?<= )--[a-z-]+/g) ?? [],
      }))
    );
    assert(examples.length > 50, "the pages have examples");
    for (const { name, bench, flags } of examples) {
      const io = new FakeIo();
      await (await commandOf(name)).run([...bench === undefined ? [] : [bench], "--help"], io);
      await io.flush();
      for (const flag of flags) {
        if (flag === "--help") continue;
        assert(new RegExp(`${flag}\\b`).test(io.out), `chatterbox ${name} has no ${flag}`);
      }
    }
  },
});

Deno.test({
  name: "docs/commands.md has all commands that there are, and README.md names each",
  permissions,
  fn() {
    const [named, readme] = [read("docs/commands.md"), read("README.md")];
    const [, table = ""] = /const COMMANDS.* = \{\n([^}]*)\}/.exec(read("main.ts")) ?? [];
    const commands = Array.from(table.matchAll(/^ *(\w+):/gm), ([, command]) => command);
    assert(commands.length >= 8, "main.ts has its table of commands");
    for (const command of commands) {
      assert(new RegExp(`\`chatterbox ${command}\\b`).test(named), `${command} is not in docs/commands.md`);
      assert(new RegExp(`\\b${command}\\b`).test(readme), `${command} is not in README.md`);
    }
  },
});
