import { assertEquals } from "@std/assert";
import type { Command } from "../../lib/cli/command.ts";
import type { FlagTable } from "../../lib/cli/command_syntax.ts";
import { defineCommand } from "../../lib/cli/flags/command_definition.ts";
import { pureTest } from "../support/test.ts";
import { FakeIo } from "./fake_io.ts";

function define(name: string, flags: FlagTable): Command {
  const table = { name, summary: "", synopsis: "", examples: [], flags };
  return defineCommand(table, () => Promise.resolve(0));
}

const list = define("list", { rooms: { type: "boolean", help: "" } });
const COMMANDS: readonly Command[] = [
  list,
  define("send", { timeout: { type: "duration", help: "" }, quiet: { type: "boolean", help: "" } }),
  define("logs", { follow: { type: "boolean", aliases: ["tail"], help: "" } }),
  { ...define("bench", {}), parts: { load: define("bench load", { quiet: { type: "boolean", help: "" } }) } },
];

async function faultOf(...args: string[]): Promise<string> {
  return await faultIn(list, ...args);
}

async function faultIn(command: Command, ...args: string[]): Promise<string> {
  const io = new FakeIo({ commands: COMMANDS });
  assertEquals(await command.run(args, io), 64);
  await io.flush();
  return io.err.split("\n")[0]!;
}

pureTest("a flag of another command: the error names the command", async () => {
  assertEquals(
    await faultOf("--timeout", "5s"),
    "chatterbox list: unknown flag --timeout; it is a flag of send",
  );
  assertEquals(await faultOf("--tail"), "chatterbox list: unknown flag --tail; it is a flag of logs");
  assertEquals(
    await faultOf("--quiet"),
    "chatterbox list: unknown flag --quiet; it is a flag of send and bench load",
  );
});

pureTest("the flag for the own name: how the command has it", async () => {
  const name = { type: "string", value: "NAME", help: "" } as const;
  const send = define("send", { from: name });
  assertEquals(
    await faultIn(send, "--name", "al"),
    "chatterbox send: unknown flag --name; did you mean --from?",
  );
  const logs = define("logs", { name });
  assertEquals(
    await faultIn(logs, "--user=al"),
    "chatterbox logs: unknown flag --user; did you mean --name?",
  );
  assertEquals(
    await faultIn(define("join", {}), "--name", "al"),
    "chatterbox join: unknown flag --name; the name comes without a flag: chatterbox join NAME",
  );
  assertEquals(await faultOf("--nick"), "chatterbox list: unknown flag --nick");
});

pureTest("a flag of no command is unknown, without advice that does not help", async () => {
  assertEquals(await faultOf("--xyzzy"), "chatterbox list: unknown flag --xyzzy");
  assertEquals(await faultOf("--room"), "chatterbox list: unknown flag --room; did you mean --rooms?");
  const version = "; for the version: chatterbox --version";
  assertEquals(await faultOf("--version"), `chatterbox list: unknown flag --version${version}`);
  assertEquals(await faultOf("-V"), `chatterbox list: unknown flag -V${version}`);
});
