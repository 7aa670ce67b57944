/** The page that lists every bound: made of the rows in rows/ and of the constants in the code. */
import { assert } from "../../lib/base/assert.ts";
import { constantOf, formatValue } from "./constants.ts";
import type { Limit, Section } from "./limit.ts";

/** Columns of the page's prose. */
const WIDTH = 80;

const ORIGIN =
  "Made by `deno task limits` from the constants in the code and `tests/limits/rows/`; not to be edited by " +
  "hand.";

const INTRODUCTION =
  "Every queue, line, name, list and time has a bound. A bound is a named constant, listed " +
  "under its table; the end of its name is its unit. `chatterbox serve --help` lists the flags that change one. " +
  "Two checks keep this page true: a test for each row fails if the bound does not hold, and a test fails if " +
  "the page is not what `deno task limits` writes.";

/** Held against tests/hub/memory_bounds_test.ts by its own budgets. */
const SUM =
  "Most bounds are for one connection or one address. `tests/hub/memory_bounds_test.ts` adds them up " +
  "from the constants: one address with all its connections can make the server hold at most {address}, all " +
  "addresses together {all}. The ring, the accounts and the connections themselves come on top (idle, over " +
  "WebSocket 8 to 10 KiB each, over TLS 44 KiB: `deno task compare`). Not in the sum:";

const NOT_IN_THE_SUM = [
  "socket buffers of the kernel, on Linux up to 4 MiB a connection (`net.ipv4.tcp_wmem`, bounded by " +
  "`net.ipv4.tcp_mem`);",
  "the positions of joins, parts and nick changes in the history of each room: about ten times the ring's bytes " +
  "at worst, after hours of nick changes in 100 rooms.",
];

const MEMORY_TEST = "tests/hub/memory_bounds_test.ts";

/** The whole page, in Markdown. */
export function limitsPage(sections: readonly Section[]): string {
  return [
    "# Limits\n",
    wrap(ORIGIN) + "\n",
    wrap(INTRODUCTION) + "\n",
    ...sections.flatMap(({ title, note, limits }) => [
      `## ${title}\n`,
      ...note === undefined ? [] : [wrap(note) + "\n"],
      table(["What", "Bound", "Beyond it"], limits.map(cellsOf)) + "\n",
      constantList(limits) + "\n",
    ]),
    "## The sum\n",
    wrap(
      SUM.replace("{address}", valueIn(MEMORY_TEST, "MAX_ADDRESS_BYTES"))
        .replace("{all}", valueIn(MEMORY_TEST, "MAX_ALL_BYTES")),
    ) + "\n",
    ...NOT_IN_THE_SUM.map((text) => wrap(`- ${text}`, "  ")),
  ].join("\n") + "\n";
}

/** The row of `limit`: its words, with the values of its constants. */
export function cellsOf({ what, bound, beyond, flag, constants = {} }: Limit): string[] {
  const values = new Map<string, string>();
  for (const [path, names] of Object.entries(constants)) {
    for (const name of names) {
      const value = valueIn(path, name);
      assert((values.get(name) ?? value) === value, `${what}: the constants called ${name} differ`);
      values.set(name, value);
    }
  }
  const fill = (text: string) =>
    text.replace(/\{([\w.]+)\}/g, (_, name: string) => {
      const value = values.get(name);
      assert(value !== undefined, `${what}: ${name} is not one of its constants`);
      return value;
    });
  return [fill(what), fill(bound) + (flag === undefined ? "" : ` (\`${flag}\`)`), fill(beyond)];
}

function valueIn(path: string, name: string): string {
  return formatValue(name, constantOf(path, name));
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, at) =>
    Math.max(title.length, ...rows.map((row) => (row[at] ?? "").length))
  );
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, at) => cell.padEnd(widths[at] ?? 0));
    return `| ${padded.join(" | ")} |`;
  };
  return [line(header), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/** The files of a section, each with its constants. */
function constantList(limits: readonly Limit[]): string {
  const files = new Map<string, Set<string>>();
  for (const { constants = {}, source = {} } of limits) {
    for (const path of Object.keys(source)) files.set(path, files.get(path) ?? new Set());
    for (const [path, names] of Object.entries(constants)) {
      files.set(path, (files.get(path) ?? new Set()).union(new Set(names)));
    }
  }
  return [...files].map(([path, names]) => {
    const list = [...names].map((name) => `\`${name}\``).join(", ");
    return wrap(`- \`${path}\`${list === "" ? "" : `: ${list}`}`, "  ");
  }).join("\n");
}

/** `text` in lines of at most {@link WIDTH} columns; code is not broken. */
function wrap(text: string, indent = ""): string {
  const lines = [""];
  for (const word of text.match(/`[^`]*`\S*|\S+/g) ?? []) {
    const last = lines.at(-1) ?? "";
    if (last.trim() === "") lines[lines.length - 1] = last + word;
    else if (last.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(indent + word);
  }
  return lines.join("\n");
}
