/** What stands in docs/ and deno.json beside the code, and must say the same as the code. */
import { assertEquals } from "@std/assert";
import { EXIT_CODES } from "../lib/cli/exit_codes.ts";

const ROOT = new URL("../", import.meta.url);

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

/** Rows of the first table of a page, without its head. */
function tableOf(path: string): string[][] {
  const rows = read(path).split("\n\n").find((part) => part.startsWith("|"))?.split("\n") ?? [];
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
  name: "the exit codes of docs/exit_codes.md are the program's",
  permissions: { read: true },
  fn() {
    assertEquals(tableOf("docs/exit_codes.md"), EXIT_CODES.map(([code, meaning]) => [String(code), meaning]));
  },
});

Deno.test({
  name: "deno.json permits the environment variables that the program reads, and no others",
  permissions: { read: true },
  fn() {
    const sets: Record<string, { env: string[] | { allow: string[] } }> =
      JSON.parse(read("deno.json")).permissions;
    const used = new Set<string>();
    for (const path of ["main.ts", ...sources("lib/"), ...sources("commands/")]) {
      for (const [, name] of read(path).matchAll(/\benv(?:\.get)?\(\s*"([A-Z_]+)"/g)) used.add(name!);
    }
    for (const [name, { env }] of Object.entries(sets)) {
      const allowed = Array.isArray(env) ? env : env.allow;
      assertEquals(allowed.toSorted(), [...used].sort(), name);
    }
  },
});

Deno.test({
  name:
    "a library that takes long to load is imported in one file, and that by import() where it is not always needed",
  permissions: { read: true },
  fn() {
    const importers = (specifier: string) => {
      const statement = new RegExp(`^(?:import|export) (?!type )[^;]*from "${specifier}";`, "m");
      return ["main.ts", ...sources("lib/"), ...sources("commands/")].filter((path) =>
        statement.test(read(path))
      );
    };
    assertEquals(importers("@inquirer/prompts"), ["lib/tui/terminal/inquirer.ts"]);
    assertEquals(importers("string-width"), ["lib/base/text_width.ts"]);
    assertEquals(importers("[./]*/inquirer.ts"), []);
    assertEquals(importers("[./]*/text_width.ts").filter((path) => !path.startsWith("lib/tui/")), []);
  },
});
