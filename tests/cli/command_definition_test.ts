import { assertEquals } from "@std/assert";
import { defineCommand, UsageError } from "../../lib/cli/flags/command_definition.ts";
import { formatHelp } from "../../lib/cli/flags/command_help.ts";
import { pureTest } from "../support/test.ts";
import { FakeIo } from "./fake_io.ts";

const greet = defineCommand({
  name: "greet",
  summary: "Say hello.",
  synopsis: "NAME",
  examples: [["chatterbox greet bob", "say hello to bob"]],
  flags: {
    loud: { type: "boolean", short: "l", help: "in capitals" },
    times: { type: "integer", value: "N", default: "1", min: 1, help: "so often" },
  },
  notes: ["That is all."],
}, ({ loud, times }, [name], io) => {
  if (name === undefined) throw new UsageError("whom?");
  if (name === "bug") throw new TypeError("a bug");
  const text = `hello ${name}\n`.repeat(times);
  io.stdout.write(loud ? text.toUpperCase() : text);
  return Promise.resolve(0);
});

async function run(...args: string[]) {
  const io = new FakeIo();
  const code = await greet.run(args, io);
  await io.flush();
  return { code, out: io.out, err: io.err };
}

pureTest("a command gets its flags and words", async () => {
  assertEquals(await run("bob", "-l", "--times=2"), { code: 0, out: "HELLO BOB\nHELLO BOB\n", err: "" });
});

pureTest("help: what it does, examples first, then every flag with its default", async () => {
  assertEquals(await run("--help"), {
    code: 0,
    err: "",
    out: `Say hello.

Examples:
  chatterbox greet bob  say hello to bob

Usage:
  chatterbox greet NAME

Flags:
  -l, --loud     in capitals
      --times N  so often (default 1)
  -h, --help     show this help

That is all.
`,
  });
});

pureTest("flags that belong together stand together, behind those of no group", async () => {
  const command = defineCommand({
    name: "x",
    summary: "X.",
    synopsis: "",
    examples: [],
    flags: {
      rate: { type: "rate", group: "Limits", help: "how often" },
      plain: { type: "boolean", help: "no group" },
      most: { type: "integer", value: "N", group: "Limits", help: "how many" },
    },
  }, () => Promise.resolve(0));
  const io = new FakeIo();
  await command.run(["--help"], io);
  await io.flush();
  assertEquals(
    io.out.slice(io.out.indexOf("Flags:")),
    `Flags:
      --plain  no group
  -h, --help   show this help

Limits:
      --rate RATE  how often
      --most N     how many
`,
  );
});

pureTest(
  "wrong usage, in the flags or in the command's own eyes, is one line, a way on, and 64",
  async () => {
    const wayOn = "(for usage: chatterbox greet --help)\n";
    assertEquals(await run(), { code: 64, out: "", err: `chatterbox greet: whom?\n${wayOn}` });
    assertEquals(await run("--lod"), {
      code: 64,
      out: "",
      err: `chatterbox greet: unknown flag --lod; did you mean --loud?\n${wayOn}`,
    });
    assertEquals(
      (await run("--\x1b[2J")).err.split("; ")[0],
      "chatterbox greet: unknown flag --\u241b[2J",
    );
  },
);

pureTest("a bug is not taken for wrong usage", async () => {
  const outcome = await run("bug").catch((error) => error.message);
  assertEquals(outcome, "a bug");
});

pureTest("the help of a flag has its choices once, its bounds, and one pair of brackets", () => {
  const text = formatHelp({
    name: "x",
    summary: "",
    synopsis: "",
    examples: [["x", ""]],
    flags: {
      who: { type: "string", value: "a|b", choices: ["a", "b"], help: "which (default a)" },
      form: { type: "string", choices: ["c", "d"], help: "how (default c)" },
      size: { type: "size", min: 65_536, max: 1024 ** 3, help: "much (default 1MiB)" },
      to: { type: "string", repeatable: true, help: "where (default here)" },
    },
  });
  for (
    const row of [
      "which (default a)",
      "how (c or d; default c)",
      "much (64KiB to 1GiB; default 1MiB)",
      "where (repeatable; default here)",
    ]
  ) assertEquals(text.split("\n").some((line) => line.endsWith(`  ${row}`)), true, `${row} in ${text}`);
});
