import { assertEquals, assertMatch } from "@std/assert";
import type { Command } from "../../lib/cli/command.ts";
import { formatHelp } from "../../lib/cli/flags/command_help.ts";
import { listWithParts } from "../../lib/cli/flags/flag_owners.ts";
import { formatHelpExamples, helpColumns } from "../../lib/cli/flags/help_layout.ts";
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
  "doctor",
  "completion",
  "man",
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
    texts.flatMap((text) => text.match(/^ {2}(?:-\w, | {4})?--.*$/gm) ?? [])
      .flatMap((line) => /^ *((?:-\w, )?--[\w-]+(?:, --[\w-]+)*)/.exec(line)![1]!.match(/--[\w-]+/g)!),
  );
  for (const [nth, text] of texts.entries()) {
    const unknown = (text.match(/(?<![\w-])--[A-Za-z][\w-]*/g) ?? []).filter((flag) => !flags.has(flag));
    assertEquals(unknown, [], [...COMMANDS, ...BENCHES][nth]);
  }
});

async function loadCommands(): Promise<Command[]> {
  return await Promise.all(
    COMMANDS.map(async (name) => (await import(`../../commands/${name}.ts`)).command),
  );
}

Deno.test("help: no line is wider than the terminal, from 40 columns on, nor than 80 columns", async () => {
  const commands = await loadCommands();
  for (const columns of [40, 41, 60, 79, 80, 200]) {
    const output = { size: () => ({ columns }) };
    const folded = helpColumns(output);
    assertEquals(folded, Math.min(80, columns));
    const texts = [
      formatProgramHelp(commands, folded),
      ...commands.flatMap(listWithParts).map(({ help }) => formatHelp(help, folded)),
    ];
    const wide = texts.flatMap((text) => text.split("\n")).filter((line) => line.length > folded);
    assertEquals(wide, [], `at ${columns} columns`);
  }
  assertEquals(helpColumns({ size: () => ({ columns: 20 }) }), 40);
  assertEquals(helpColumns({ size: () => undefined }), 80);
});

Deno.test("help: a command folds it to its terminal", async () => {
  const { command } = await import("../../commands/send.ts");
  const io = new FakeIo({ terminal: true, size: () => ({ columns: 50, rows: 20 }) });
  await command.run(["--help"], io);
  await io.flush();
  assertEquals(io.out, formatHelp(command.help, 50));
});

Deno.test("help: an example that is folded is one command for a shell", async () => {
  for (const { help } of (await loadCommands()).flatMap(listWithParts)) {
    const folded = formatHelpExamples(help.examples, 40).replaceAll(" \\\n      ", " ");
    for (const [line] of help.examples) assertEquals(folded.includes(`  ${line}\n`), true, line);
  }
});

Deno.test("help of serve: the flags of every day come first, the others below headings", async () => {
  const text = await helpOf("serve");
  const headings = Array.from(text.matchAll(/\n\n(\S.*):\n(?= )/g), ([, heading]) => heading!.split(" (")[0]);
  assertEquals(headings.slice(2), [
    "Flags",
    "TLS",
    "Web",
    "Accounts",
    "History",
    "What clients and the log show",
    "Unix socket",
    "Behind a proxy",
    "Notifications of pages",
    "Several processes",
    "Cluster",
    "Limits",
    "Exit codes",
  ]);
  const [, daily = ""] = /^Flags:\n((?: .*\n)+)/m.exec(text) ?? [];
  assertEquals(Array.from(daily.matchAll(/ --([\w-]+)(?= [A-Z]| {2})/g), ([, name]) => name), [
    "listen",
    "data-dir",
    "password-file",
    "oper",
    "name",
    "motd-file",
    "config",
    "help",
  ]);
});

Deno.test("help: each command ends with the table of its exit codes", async () => {
  for (const [nth, text] of (await allHelp()).entries()) {
    const [, rows] = /\nExit codes:\n((?: {2,}\S.*\n)+)$/.exec(text) ?? [];
    assertMatch(rows ?? "", /^ {2}0 +\S/, COMMANDS[nth]);
  }
});
