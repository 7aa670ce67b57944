/** The form of the documentation: lines, columns, and words that leave open what they stand for. */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { pagePaths, proseLines, read } from "./pages.ts";

const permissions = { read: true } as const;

/** Most lines of a page, and most columns of its prose, where it has such bounds. */
const BOUNDS: Readonly<Record<string, { lines?: number; columns: number }>> = {
  "README.md": { lines: 200, columns: 80 },
  "ARCHITECTURE.md": { lines: 200, columns: 120 },
};

/** Pages that are made of the code, and are not read from top to bottom. */
const GENERATED = new Set(["docs/conformance.md", "docs/limits.md"]);

Deno.test({
  name: "docs: prose has at most 80 columns, ARCHITECTURE.md 120 and 200 lines, README.md 200 lines",
  permissions,
  fn() {
    const unknown = [...Object.keys(BOUNDS), ...GENERATED].filter((path) => !pagePaths().includes(path));
    assertEquals(unknown, [], "no pages");
    for (const path of pagePaths().filter((path) => !GENERATED.has(path))) {
      const page = read(path);
      const { lines = Infinity, columns } = BOUNDS[path] ?? { columns: 80 };
      assert(page.trimEnd().split("\n").length <= lines, `${path} has more than ${lines} lines`);
      for (const [line, number] of proseLines(page)) {
        if (path !== "ARCHITECTURE.md" && line.startsWith("|")) continue;
        const width = [...line].length;
        assert(width <= columns || !line.includes(" "), `${path}:${number} has ${width} columns`);
      }
    }
  },
});

/** Prose names the thing: the client, the user, the sender. People are they. */
const VAGUE_WORDS = /\b(?:whoever|whose|whom|somebody|nobody|everybody|anybody|he|him|his)\b/i;

Deno.test({
  name: "docs: prose names the client, the user or the sender, and people are they",
  permissions,
  fn() {
    const faults = pagePaths().filter((path) => !GENERATED.has(path)).flatMap((path) =>
      [...proseLines(read(path))].flatMap(([line, number]) => {
        const [word] = VAGUE_WORDS.exec(line.replace(/`[^`]*`/g, "")) ?? [];
        return word === undefined ? [] : [`${path}:${number}: ${word}`];
      })
    );
    assertEquals(faults, []);
  },
});
