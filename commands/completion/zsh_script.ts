/** The completion script of zsh: specifications for `_arguments` (zshcompsys(1)), for the functions in `engine.zsh`. */
import type { Candidates } from "../../lib/cli/command_syntax.ts";
import { listSpellings } from "./completed_command.ts";
import type { CompletedCommand, CompletedFlag } from "./completed_command.ts";
import { fillEngine } from "./engine.ts";

export async function formatZshScript(commands: readonly CompletedCommand[]): Promise<string> {
  const whole = commands.filter(({ name }) => !name.includes(" "));
  const described = whole.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}\n`);
  const branches = whole.map((command) => {
    const parts = commands.filter(({ name }) => name.startsWith(`${command.name} `));
    const body = parts.length === 0 ? formatArguments(command) : formatParts(parts);
    return `    ${command.name})\n${body}      ;;\n`;
  });
  return await fillEngine("zsh", { COMMANDS: described.join(""), BRANCHES: branches.join("") });
}

/** The second word of a command chooses between `parts`. */
function formatParts(parts: readonly CompletedCommand[]): string {
  const words = parts.map(({ name, summary }) => quote(`${name.split(" ")[1]}:${summary}`));
  const branches = parts.map((part) =>
    `        ${part.name.split(" ")[1]})\n${formatArguments(part)}        ;;\n`
  );
  return [
    "      if (( CURRENT == 2 )); then\n",
    `        local -a parts=(${words.join(" ")})\n`,
    "        _describe -t commands command parts\n",
    "        return\n",
    "      fi\n",
    "      shift words\n      (( CURRENT-- ))\n",
    "      case $words[1] in\n",
    ...branches,
    "      esac\n",
  ].join("");
}

function formatArguments({ flags, operands, lastRepeats }: CompletedCommand): string {
  const specs = [
    ...flags.flatMap(formatFlag),
    ...operands.map((operand, nth) => {
      const place = lastRepeats && nth === operands.length - 1 ? "*" : String(nth + 1);
      return quote(`${place}: :${formatAction(operand)}`);
    }),
  ];
  return `      _arguments -s -S${specs.map((spec) => ` \\\n        ${spec}`).join("")}\n`;
}

/** A specification for each spelling; those of a flag that is given once exclude each other. */
function formatFlag(flag: CompletedFlag): string[] {
  const { long, summary, isRepeatable, placeholder, value } = flag;
  const spellings = listSpellings(flag);
  const isHelp = long.includes("help");
  const before = isHelp ? "(- *)" : isRepeatable ? "*" : `(${spellings.join(" ")})`;
  const text = summary.replace(/[[\]\\]/g, "\\$&");
  const after = value === undefined
    ? `[${text}]`
    : `[${text}]:${placeholder.replace(/[:\\]/g, "\\$&")}:${formatAction(value)}`;
  return spellings.map((spelling) => {
    const takes = value === undefined ? "" : spelling.startsWith("--") ? "=" : "+";
    return quote(`${before}${spelling}${takes}${after}`);
  });
}

/** The blank before the name of the function keeps `_arguments` from adding arguments of its own. */
function formatAction({ words = [], sources = [] }: Candidates): string {
  if (words.length === 0 && sources.length === 0) return " ";
  return ` _chatterbox_offer ${[sources.join(",") || "-", ...words].join(" ")}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
