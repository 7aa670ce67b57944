/** `chatterbox completion`: prints a script by which a shell completes the command line of the program. */
import { toPrintable } from "../lib/base/printable_text.ts";
import type { Command, Io } from "../lib/cli/command.ts";
import { EXIT } from "../lib/cli/exit_codes.ts";
import {
  defineCommand,
  LOGIN_NAME_PERMISSIONS,
  NETWORK_PERMISSIONS,
  UsageError,
} from "../lib/cli/flags/command_definition.ts";
import type { CompletedCommand } from "./completion/completed_command.ts";

type ScriptWriter = (commands: readonly CompletedCommand[]) => Promise<string>;

const SHELLS: Readonly<Record<string, () => Promise<ScriptWriter>>> = {
  bash: async () => (await import("./completion/bash_script.ts")).formatBashScript,
  zsh: async () => (await import("./completion/zsh_script.ts")).formatZshScript,
  fish: async () => (await import("./completion/fish_script.ts")).formatFishScript,
};

/** `completion candidates SOURCES WORD…`: what the scripts ask for while a line is typed; not in the help. */
const CANDIDATES_WORD = "candidates";

const definition = defineCommand({
  name: "completion",
  summary: "Print a script by which a shell completes commands, flags, people and rooms.",
  synopsis: "bash|zsh|fish",
  permissions: ["read", ...NETWORK_PERMISSIONS, ...LOGIN_NAME_PERMISSIONS],
  examples: [
    ['eval "$(chatterbox completion bash)"', "in ~/.bashrc"],
    ['eval "$(chatterbox completion zsh)"', "in ~/.zshrc, after compinit"],
    ["chatterbox completion fish | source", "in ~/.config/fish/config.fish"],
  ],
  flags: {},
  operands: [{ words: Object.keys(SHELLS) }],
  notes: [
    "At Tab the script offers subcommands, flags and their values, files, and the people and rooms of the server that " +
    "the line names (--server, or the default). For these it connects as list does: no other user sees it, it makes " +
    "no key and writes no file. It waits for at most a second, and offers nothing if the server does not answer, " +
    "or has a certificate that this machine does not know yet.",
    "Rooms are offered with the quotes that the shell needs: '#lobby', or \\#lobby. fish, and zsh with " +
    "interactive_comments, take a # at the beginning of a word for a comment: type '# there, then Tab.",
    "The script may also be in a file that the shell loads when it needs it: chatterbox in a folder of bash-completion, " +
    "_chatterbox in one of fpath (zsh), chatterbox.fish in ~/.config/fish/completions. Write it again after an upgrade.",
  ],
  exitCodes: [["0", "done"], ["64", "wrong usage"]],
}, async (_flags, words, io) => {
  io.revoke(["net"]);
  const [shell, ...more] = words;
  if (shell === undefined) throw new UsageError(`name the shell: ${Object.keys(SHELLS).join(", ")}`);
  if (more[0] !== undefined) throw new UsageError(`unexpected argument ${toPrintable(more[0])}`);
  const load = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
  if (load === undefined) {
    throw new UsageError(
      `there is no completion for ${toPrintable(shell)}; there is for ${Object.keys(SHELLS).join(", ")}`,
    );
  }
  const { listCompletedCommands } = await import("./completion/completed_command.ts");
  const format = await load();
  io.stdout.write(await format(listCompletedCommands(await io.commands())));
  return EXIT.ok;
});

export const command: Command = {
  ...definition,
  async run(args: string[], io: Io) {
    if (args[0] !== CANDIDATES_WORD) return await definition.run(args, io);
    const { printCandidates } = await import("./completion/candidate_lookup.ts");
    return await printCandidates(args.slice(1), io);
  },
};
