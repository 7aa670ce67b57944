/** README.md promises nothing that no test holds, and its examples are commands that there are. */
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

function section(heading: string): string {
  const found = read("README.md").split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  assert(found !== undefined, `README.md has no section ${heading}`);
  return found;
}

Deno.test({
  name: "README: each promise in the table stands there, and its tests are there",
  permissions,
  fn() {
    const readme = inOneLine(read("README.md"));
    for (const [words, ...shownBy] of PROMISES) {
      assert(readme.includes(words), `README.md does not say: ${words}`);
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
    const bullets = section("What it promises, and its limits").split(/^- /m).slice(1).map(inOneLine);
    const bare = bullets.filter((bullet) => !PROMISES.some(([words]) => bullet.includes(words)));
    assertEquals(bare, ["One server; there is no federation. "]);
  },
});

async function commandOf(name: string): Promise<Command> {
  return (await import(`../commands/${name}.ts`)).command;
}

Deno.test({
  name: "README: its examples are commands and flags that there are",
  permissions: { read: true, env: true, sys: true },
  async fn() {
    const examples = read("README.md").split("\n").flatMap((line) =>
      [...line.replace(/ {2,}# .*$/, "").matchAll(/\bchatterbox (\w+)((?: [^|`#;)]+)?)/g)].map((
        [, name = "", words = ""],
      ) => ({ name, flags: words.match(/(?<= )--[a-z-]+/g) ?? [] }))
    );
    assert(examples.length > 20, "README.md has examples");
    for (const { name, flags } of examples) {
      const io = new FakeIo();
      await (await commandOf(name)).run(["--help"], io);
      await io.flush();
      for (const flag of flags) {
        if (flag === "--help") continue;
        assert(new RegExp(`${flag}\\b`).test(io.out), `chatterbox ${name} has no ${flag}`);
      }
    }
  },
});

Deno.test({
  name: "README: its table of commands has all that there are",
  permissions,
  fn() {
    const named = section("Commands");
    const [, table = ""] = /const COMMANDS.* = \{\n([^}]*)\}/.exec(read("main.ts")) ?? [];
    const commands = Array.from(table.matchAll(/^ *(\w+):/gm), ([, command]) => command);
    assert(commands.length >= 8, "main.ts has its table of commands");
    for (const command of commands) {
      assert(new RegExp(`\`(?:chatterbox )?${command}\\b`).test(named), `${command} is not in README.md`);
    }
  },
});
