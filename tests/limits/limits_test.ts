/**
 * Every row of the table in docs/limits.md: the constants that it is made of, as it writes them, and the tests that fail where it
 * does not hold. A row without an entry fails, and so does one that says something else than the code.
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../lib/base/assert.ts";
import { read } from "./source.ts";
import { LIMITS } from "./table.ts";

const permissions = { read: true } as const;

/** The rows of the table, by what they bound. */
function rows(): Map<string, string> {
  const section = read("docs/limits.md").split(/^## /m).find((text) => text.startsWith("Bounds\n"));
  assert(section !== undefined, "docs/limits.md has no section Bounds");
  const lines = section.split("\n").filter((line) => line.startsWith("|")).slice(2);
  const cells = lines.map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  return new Map(cells.map(([what = "", bound = ""]) => [what, bound]));
}

Deno.test({
  name: "limits: every row of docs/limits.md has an entry, and every entry a row",
  permissions,
  fn() {
    const [there, known] = [new Set(rows().keys()), new Set(Object.keys(LIMITS))];
    assertEquals([...there.difference(known)], [], "rows of docs/limits.md that want an entry in table.ts");
    assertEquals([...known.difference(there)], [], "entries of table.ts that are no row of docs/limits.md");
  },
});

/** A file is named below lib/, or below commands/ with that in front. */
function pathOf(file: string): string {
  return file.startsWith("commands/") ? file : `lib/${file}`;
}

/** What a constant in a file comes to. */
function valueOf(file: string, name: string): number {
  const source = read(pathOf(file));
  const [, text] = new RegExp(`^(?:export )?const ${name}(?:: number)? = ([^;]+);`, "m").exec(source) ?? [];
  assert(text !== undefined, `${pathOf(file)} has no constant ${name}`);
  const plain = text.replace(/[A-Z][A-Z0-9_]+/g, (other) => String(valueOf(file, other)));
  assert(/^[\d_\s.*/()+e-]+$/.test(plain), `${pathOf(file)}: ${name} is ${text}, which is not looked into`);
  return Number(new Function(`return ${plain}`)());
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  ms: 1,
  s: 1000,
  h: 3_600_000,
};

/** The number that the table writes as `text`: `10,000`, `4 MiB`, `60 s`, `1/16`. */
function written(text: string): number {
  const [, number = "", over = "1", unit = ""] = /^([\d,.]+)(?:\/([\d,]+))? ?(\w*)$/.exec(text) ?? [];
  const factor = UNITS[unit];
  assert(number !== "" && factor !== undefined, `${text} is no bound`);
  return Number(number.replaceAll(",", "")) / Number(over.replaceAll(",", "")) * factor;
}

for (const [what, limit] of Object.entries(LIMITS)) {
  Deno.test({
    name: `limits: ${what}: the table says what the code does, and tests hold it`,
    permissions,
    fn() {
      const bound = rows().get(what) ?? "";
      for (const [file, name, text] of limit.constants ?? []) {
        assertEquals(valueOf(file, name), written(text), `${pathOf(file)}: ${name}`);
        assert(bound.includes(text), `the row does not say ${text} (${pathOf(file)}: ${name}): ${bound}`);
      }
      for (const [file, text] of limit.source ?? []) {
        assert(read(pathOf(file)).includes(text), `${pathOf(file)} does not say ${text}`);
      }
      assert(
        (limit.shownBy ?? []).length > 0 !== (limit.unseen !== undefined),
        "tests, or why there are none",
      );
      for (const shown of limit.shownBy ?? []) {
        const at = shown.indexOf(": ");
        const [file, name] = [`tests/${shown.slice(0, at)}`, shown.slice(at + 2)];
        assert(read(file).includes(name), `${file} has no test called ${name}`);
      }
    },
  });
}
