/** `chatterbox mcp`: the chat as tools of a language model, over the Model Context Protocol. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Command, Io } from "../../lib/cli/command.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import { CLIENT_PERMISSIONS, defineCommand, UsageError } from "../../lib/cli/flags/command_definition.ts";
import { CLIENT_FLAGS } from "../support/client_options.ts";
import type { ClientFlags } from "../support/client_options.ts";
import { readClientLogin } from "../support/client_login.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { withStopSignal } from "../support/stop_signal.ts";
import { AllowList } from "./allow_list.ts";

export const command: Command = defineCommand({
  name: "mcp",
  summary: "Give a language model tools to read, say and ask (MCP, stdio).",
  synopsis: "--from NAME [--allow-room ROOM]… [--allow-person NAME]…",
  examples: [
    ["chatterbox mcp --from helper --allow-room '#ops'", "reads and writes in #ops, and nowhere else"],
    [
      "chatterbox mcp --from helper --allow-room '#ops' --allow-person bob",
      "may also write to bob, and ask them",
    ],
    ["chatterbox mcp --from reader --allow-room '#ops' --read-only", "reads only"],
    [
      "chatterbox mcp --from helper --allow-room '#ops' --allow-sender bob",
      "of what is said in #ops it gets what bob says",
    ],
  ],
  flags: {
    from: {
      type: "string",
      value: "NAME",
      completes: { sources: ["names"] },
      help: "name of the agent, its own and not yours; also CHATTERBOX_NAME",
    },
    "allow-room": {
      type: "string",
      value: "ROOM",
      repeatable: true,
      completes: { sources: ["rooms"] },
      help: "a room that it may read and write in",
    },
    "allow-person": {
      type: "string",
      value: "NAME",
      repeatable: true,
      completes: { sources: ["people"] },
      help:
        "a person: it may write to them, ask them, read their direct messages (account:NAME: if they are logged in)",
    },
    "allow-sender": {
      type: "string",
      value: "NAME",
      repeatable: true,
      completes: { sources: ["people"] },
      help:
        "in rooms, show it the messages of this person, or of account:NAME, and of no others (default: of all)",
    },
    "read-only": { type: "boolean", help: "without the tools that send" },
    ...CLIENT_FLAGS,
  },
  notes: [
    "A program for MCP clients, which start it: standard input and output are the protocol, reports are on standard error. " +
    "The tools are say, ask, read_since, wait_for, search and who; the rooms are resources. Without --allow-room and " +
    "--allow-person every call is refused.",
    "The agent is a user like others: it is in its rooms, marked as a bot, and what it says is in the log under its name, " +
    "which is registered with a key of its own. While the server cannot be reached the tools say so, and it connects again.",
    "Messages are given to the model as data, each with its sender; what others write cannot pass for another message. That " +
    "a model does nothing that a message says is up to the model: allow no more than it needs.",
    "At the end of standard input, and at SIGTERM, open questions are withdrawn, unless they are kept (keep).",
  ],
  permissions: CLIENT_PERMISSIONS,
  exitCodes: [
    ["0", "the client has closed standard input, or was given up, which is reported"],
    ["64", "wrong usage"],
    ["78", "bad configuration, or other users can read a secret file"],
    ["129, 130, 143", "interrupted; open questions are withdrawn"],
  ],
}, async (flags, words, io) => {
  if (words.length > 0) throw new UsageError(`no words are expected: ${words[0]}`);
  if (flags.from === undefined && io.env("CHATTERBOX_NAME") === undefined) {
    throw new UsageError(
      "give --from NAME, or set CHATTERBOX_NAME: an agent has a name of its own, not that of a person",
    );
  }
  const allowed = new AllowList({
    rooms: flags["allow-room"],
    people: flags["allow-person"],
    senders: flags["allow-sender"],
  });
  const clientFlags: ClientFlags = { ...flags, name: flags.from, nameFlag: "--from NAME" };
  const found = await readClientLogin(io, clientFlags, "make");
  if (found.kind === "failed") return found.code;
  return await withStopSignal(
    io,
    (signal) => serveAgent(found.access, allowed, flags["read-only"], io, signal),
  );
});

async function serveAgent(
  access: ClientLogin,
  allowed: AllowList,
  isReadOnly: boolean,
  io: Io,
  signal: AbortSignal,
): Promise<number> {
  const { AgentRun }: typeof import("./agent_run.ts") = await import(import.meta.resolve("./agent_run.ts"));
  const report = (text: string) => io.stderr.write(`chatterbox mcp: ${toPrintable(text)}\n`);
  if (io.stdin.isTerminal) {
    report("this program is for MCP clients, which write to its standard input (docs/agents.md)");
  }
  await new AgentRun({ access, allowed, isReadOnly, clock: io.clock, report, signal }).run();
  return signal.aborted ? exitCodeForSignal(signal) : EXIT.ok;
}
