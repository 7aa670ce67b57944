/** What stands in README.md and deno.json beside the code, and must say the same as the code. */
import { assertEquals } from "@std/assert";
import { assert } from "../lib/base/assert.ts";
import { EXIT_CODES } from "../lib/cli/exit_codes.ts";

const ROOT = new URL("../", import.meta.url);

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

/** The cells of README's table under `heading`, without its head. */
function readmeTable(heading: string): string[][] {
  const section = read("README.md").split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  assert(section !== undefined, `README.md has no section ${heading}`);
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim()));
}

/** Source files of the program below `folder`. */
function* sources(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(new URL(folder, ROOT))) {
    if (entry.isDirectory) yield* sources(`${folder}${entry.name}/`);
    else if (entry.name.endsWith(".ts")) yield `${folder}${entry.name}`;
  }
}

Deno.test({
  name: "README's exit codes are the program's",
  permissions: { read: true },
  fn() {
    assertEquals(readmeTable("Exit codes"), EXIT_CODES.map(([code, meaning]) => [String(code), meaning]));
  },
});

Deno.test({
  name: "deno.json permits the environment variables that the program reads, and no others",
  permissions: { read: true },
  fn() {
    const sets: Record<string, { env: string[] }> = JSON.parse(read("deno.json")).permissions;
    const used = new Set<string>();
    for (const path of ["main.ts", ...sources("lib/"), ...sources("commands/")]) {
      for (const [, name] of read(path).matchAll(/\benv(?:\.get)?\(\s*"([A-Z_]+)"/g)) used.add(name!);
    }
    for (const [name, { env }] of Object.entries(sets)) assertEquals(env.toSorted(), [...used].sort(), name);
  },
});
