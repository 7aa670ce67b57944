import { assertEquals, assertMatch } from "@std/assert";
import { formatProgramHelp } from "../../lib/cli/flags/program_help.ts";
import { FakeIo } from "../cli/fake_io.ts";

const COMMANDS = [
  "serve",
  "join",
  "send",
  "logs",
  "list",
  "register",
  "unregister",
  "token",
  "key",
  "admin",
  "archive",
  "backup",
  "restore",
  "bench",
];
/** Commands of two words, by the word that leads to them. */
const BENCHES = ["ipc", "load"];

async function allHelp(): Promise<string[]> {
  return await Promise.all([
    ...COMMANDS.map((name) => helpOf(name)),
    ...BENCHES.map((word) => helpOf("bench", word)),
  ]);
}

async function helpOf(name: string, ...words: readonly string[]): Promise<string> {
  const { command } = await import(`../../commands/${name}.ts`);
  const io = new FakeIo();
  assertEquals(await command.run([...words, "--help"], io), 0);
  await io.flush();
  return io.out;
}

Deno.test("help: every flag that a help text names is one of a command", async () => {
  const texts = await allHelp();
  const flags = new Set(
    texts.flatMap((text) => text.match(/^ {2}(?:-\w, | {4})--.*$/gm) ?? [])
      .flatMap((line) => /^ *((?:-\w, )?--[\w-]+(?:, --[\w-]+)*)/.exec(line)![1]!.match(/--[\w-]+/g)!),
  );
  for (const [nth, text] of texts.entries()) {
    const unknown = (text.match(/(?<![\w-])--[A-Za-z][\w-]*/g) ?? []).filter((flag) => !flags.has(flag));
    assertEquals(unknown, [], [...COMMANDS, ...BENCHES][nth]);
  }
});

Deno.test("help: no line is wider than 80 columns", async () => {
  const commands = await Promise.all(
    COMMANDS.map(async (name) => (await import(`../../commands/${name}.ts`)).command),
  );
  const texts = [formatProgramHelp(commands), ...await allHelp()];
  const wide = texts.flatMap((text) => text.split("\n")).filter((line) => line.length > 80);
  assertEquals(wide, []);
});

Deno.test("help: each command ends with the table of its exit codes", async () => {
  for (const [nth, text] of (await allHelp()).entries()) {
    const [, rows] = /\nExit codes:\n((?: {2,}\S.*\n)+)$/.exec(text) ?? [];
    assertMatch(rows ?? "", /^ {2}0 +\S/, COMMANDS[nth]);
  }
});
