/**
 * Every place in the program that gives an exit code is shown by a test that fails without it: its row is here, and a place without
 * a row fails.
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { EXIT_PLACES } from "./exit_places.ts";

const ROOT = new URL("../../", import.meta.url);
const permissions = { read: true } as const;

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

function* sources(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(new URL(folder, ROOT))) {
    if (entry.isDirectory) yield* sources(`${folder}${entry.name}/`);
    else if (entry.name.endsWith(".ts")) yield `${folder}${entry.name}`;
  }
}

/** How often each code is given in the file, by `<file> <code>`: comparisons and comments give none. */
function places(path: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of read(path).split("\n")) {
    if (/^\s*(?:\*|\/[/*])/.test(line)) continue;
    // The table itself gives none.
    if (path === "lib/cli/exit_codes.ts" && !line.includes("return")) continue;
    for (const [, name] of line.matchAll(/(?<![!=]== )\bEXIT\.(\w+)/g)) {
      const place = `${path} ${name}`;
      found.set(place, (found.get(place) ?? 0) + 1);
    }
  }
  return found;
}

Deno.test({
  name: "every place that gives an exit code has a row, and every row a place",
  permissions,
  fn() {
    const found = new Map<string, number>();
    for (const path of ["main.ts", ...sources("commands/"), ...sources("lib/")]) {
      for (const [place, count] of places(path)) found.set(place, count);
    }
    const rows = Object.entries(EXIT_PLACES).map(([place, shown]) => [place, shown.length] as const);
    const counted = (entries: Iterable<readonly [string, number]>) =>
      new Set(Array.from(entries, ([place, count]) => `${place}: ${count}`));
    const [there, known] = [counted(found), counted(rows)];
    assertEquals(
      [...there.difference(known)],
      [],
      "places that want a test which fails without them, and a row",
    );
    assertEquals([...known.difference(there)], [], "rows of places that are not there");
  },
});

Deno.test({
  name: "the tests that show the exit codes are there",
  permissions,
  fn() {
    for (const [place, shown] of Object.entries(EXIT_PLACES)) {
      for (const row of shown) {
        if (row.startsWith("not shown: ")) continue;
        const at = row.indexOf(": ");
        const [file, name] = [`tests/${row.slice(0, at)}`, row.slice(at + 2)];
        assert(read(file).includes(name), `${place}: ${file} has no test called ${name}`);
      }
    }
  },
});
