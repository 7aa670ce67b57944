import { assertEquals, assertMatch } from "@std/assert";
import { tempDirTest } from "../support/test.ts";
import { outputOf } from "../support/guard.ts";
import { needs } from "../tools.ts";
import { program, programTest } from "./program.ts";

/** Runs a tool on a page, and answers what it writes. */
async function tool(name: string, args: readonly string[]): Promise<{ out: string; err: string }> {
  const child = new Deno.Command(name, {
    args: [...args],
    env: { MANWIDTH: "80", LC_ALL: "C.UTF-8", MAN_KEEP_FORMATTING: "" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { out, err } = await outputOf(`${name} ${args.join(" ")}`, child);
  return { out, err };
}

tempDirTest(
  "man: a page for the program and each command, which man and mandoc read without a warning",
  { permissions: "inherit", ...needs("man", "mandoc") },
  async (home) => {
    const dir = `${home}/man1`;
    const { code, out } = await program(["man", "--dir", dir], home);
    const pages = Array.from(Deno.readDirSync(dir), ({ name }) => name).sort();
    assertEquals([code, out], [0, `${pages.length} pages are in ${dir}\n`]);
    const { out: help } = await program(["--help"], home);
    const listed = help.slice(help.indexOf("\nCommands"), help.indexOf("\nEnvironment")).match(
      /^ {2}(\w+)/gm,
    )!;
    const expected = [
      "chatterbox.1",
      ...["bench-ipc", "bench-load", ...listed.map((word) => word.trim())].map((name) =>
        `chatterbox-${name}.1`
      ),
    ];
    assertEquals(pages, expected.sort());
    for (const page of pages) {
      const path = `${dir}/${page}`;
      const { err } = await tool("man", ["--warnings", "-E", "UTF-8", "-l", path]);
      assertEquals(err, "", page);
      assertEquals(await tool("mandoc", ["-T", "lint", "-W", "style", path]), { out: "", err: "" }, page);
    }
  },
);

tempDirTest(
  "man: the page of a command has what its help says",
  { permissions: "inherit", ...needs("man") },
  async (home) => {
    const { out } = await program(["man", "send"], home);
    await Deno.writeTextFile(`${home}/page.1`, out);
    const { out: read } = await tool("man", ["-l", `${home}/page.1`]);
    const shown = read.replace(/[\s\u2010-]+/g, " ");
    const headings = read.match(/^[A-Z].*$/gm)!.slice(1);
    assertEquals(headings, [
      "NAME",
      "SYNOPSIS",
      "EXAMPLES",
      "DESCRIPTION",
      "OPTIONS",
      "EXIT STATUS",
      "SEE ALSO",
    ]);
    for (
      const text of [
        "chatterbox-send - send one message",
        "chatterbox send '#lobby' hello everybody",
        "chatterbox send TARGET [TEXT…]",
        "--wait WHAT state of the message to wait for",
        "-q, --quiet print and ask nothing",
        "64 wrong usage",
        "chatterbox(1)",
      ]
    ) assertEquals(shown.includes(text.replace(/[\s-]+/g, " ")), true, `${text} in ${read}`);
  },
);

programTest("man: names of pages, and usage", {}, async (home) => {
  const titleOf = async (...words: string[]) => (await program(["man", ...words], home)).out.split("\n")[0]!;
  assertMatch(await titleOf(), /^\.TH "CHATTERBOX" 1 \d{4}-\d\d-\d\d "chatterbox .*" "ChatterBox Manual"$/);
  for (const words of [["send"], ["chatterbox-send"], ["chatterbox", "send"]]) {
    assertMatch(await titleOf(...words), /^\.TH "CHATTERBOX\\-SEND" 1 /);
  }
  for (const words of [["bench", "ipc"], ["bench-ipc"]]) {
    assertMatch(await titleOf(...words), /^\.TH "CHATTERBOX\\-BENCH\\-IPC" 1 /);
  }
  const unknown = await program(["man", "sned"], home);
  assertEquals([unknown.code, unknown.err.split("\n")[0]], [
    64,
    "chatterbox man: there is no page chatterbox-sned(1); did you mean send?",
  ]);
  assertEquals((await program(["man", "send", "--dir", home], home)).code, 64);
  await Deno.writeTextFile(`${home}/file`, "");
  const failed = await program(["man", "--dir", `${home}/file/man1`], home);
  assertEquals([failed.code, failed.out], [73, ""]);
  assertMatch(failed.err, /^chatterbox: .*\/file\/man1: /);
  if (Deno.build.os !== "linux") return;
  const system = await program(["man", "--dir", "/proc/x"], home);
  assertEquals([system.code, system.err.split("\n").length], [73, 2]);
  assertMatch(system.err, /^chatterbox: \/proc\/x: /);
});

programTest("man: the date of the pages is SOURCE_DATE_EPOCH, where a package is built", {}, async (home) => {
  const { out } = await program(["man", "send"], home, { env: { SOURCE_DATE_EPOCH: "86400" } });
  assertMatch(out, /^\.TH .*1970-01-02/m);
});
