/** docs/, deno.json and the workflows say the same as the code. */
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

const PERMISSION_SETS: Readonly<Record<string, { env: string[] | { allow: string[]; ignore: string[] } }>> =
  JSON.parse(read("deno.json")).permissions;

/** Variables by which `node:https` knows further authorities, for the notifications of `serve`. */
const READ_BY_NODE_HTTPS = ["NODE_EXTRA_CA_CERTS", "NODE_USE_SYSTEM_CA"];

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
    const used = new Set<string>();
    for (const path of ["main.ts", ...sources("lib/"), ...sources("commands/")]) {
      for (const [, name] of read(path).matchAll(/\benv(?:\.get)?\(\s*"([A-Z_]+)"/g)) used.add(name!);
    }
    for (const [name, { env }] of Object.entries(PERMISSION_SETS)) {
      const allowed = Array.isArray(env) ? env : env.allow;
      const expected = name === "default" ? [...used, ...READ_BY_NODE_HTTPS] : [...used];
      assertEquals(allowed.toSorted(), expected.sort(), name);
    }
  },
});

Deno.test({
  name: "deno.json ignores the same environment variables, which libraries read, in each set with questions",
  permissions: { read: true },
  fn() {
    const ignored = Object.entries(PERMISSION_SETS).flatMap(([name, { env }]) =>
      Array.isArray(env) ? [] : [[name, env.ignore]]
    );
    const [[, names] = []] = ignored;
    assertEquals(ignored, ["default", "client", "logs", "files"].map((name) => [name, names]));
  },
});

Deno.test({
  name: "the compiled binary is tried with the same permissions wherever tests/compile/smoke.ts is run",
  permissions: { read: true },
  fn() {
    const flags = [".ci/run", ".github/workflows/ci.yml", ".github/workflows/release.yml"].flatMap((path) =>
      Array.from(
        read(path).matchAll(/ run ((?:--allow-\S+ +)+)(?:\\\n +)?tests\/compile\/smoke\.ts/g),
        ([, allowed = ""]) => [path, allowed.replace(/"\$[^"]+"/, "BINARY").trim()],
      )
    );
    const needed = "--allow-read --allow-write --allow-env --allow-run=BINARY,script";
    assertEquals(flags, [
      [".ci/run", needed],
      [".github/workflows/ci.yml", needed],
      [".github/workflows/release.yml", needed],
    ]);
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

Deno.test({
  name: "deno.json has `deno compile` include every command, which main.ts loads by a computed name",
  permissions: { read: true },
  fn() {
    const loaded = Array.from(
      read("main.ts").matchAll(/resolve\("\.\/(commands\/\w+\.ts)"\)/g),
      ([, path]) => path,
    );
    const included: string[] = JSON.parse(read("deno.json")).compile.include;
    assertEquals(loaded.length > 8, true);
    assertEquals(included.filter((path) => /^commands\/\w+\.ts$/.test(path)), loaded);
  },
});
