/** tests/bench/archive.ts, as `deno task bench:archive` runs it, with a small archive. No figure is asserted. */
import { assert, assertEquals } from "@std/assert";
import { programTest } from "../commands/program.ts";
import { outputOf } from "../support/guard.ts";
import { PAGES, SEARCHES } from "./archive/queries.ts";

programTest(
  "archive.ts: every kind of query of a small archive, and some in a plain table",
  {},
  async (dir) => {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-q", "--allow-read", "--allow-write", "--allow-env", `${import.meta.dirname}/archive.ts`],
        ...["--messages=2000", "--queries=2", "--peer=1", `--dir=${dir}`, `--json=${dir}/figures.json`],
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const { code, out, err } = await outputOf("archive.ts", child);
    assertEquals(code, 0, `${out}${err}`);
    const { fill, sizes, pages, searches, plain } = JSON.parse(
      await Deno.readTextFile(`${dir}/figures.json`),
    );
    assertEquals(fill.messages, 2000);
    assertEquals(sizes.totalBytes, (await Deno.stat(`${dir}/archive.sqlite`)).size);
    assertEquals([pages.length, searches.length], [PAGES.length, SEARCHES.length]);
    assertEquals(plain.length, SEARCHES.filter(({ hasPeer }) => hasPeer).length);
    assert(out.includes("bytes a message"), out);
  },
);
