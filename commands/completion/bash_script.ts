/** The completion script of bash: a table for the functions in `engine.bash`. */
import type { Candidates } from "../../lib/cli/command_syntax.ts";
import { listSpellings } from "./completed_command.ts";
import type { CompletedCommand } from "./completed_command.ts";
import { fillEngine } from "./engine.ts";

export async function formatBashScript(commands: readonly CompletedCommand[]): Promise<string> {
  const words = commands.map(({ name }) => name).filter((name) => !name.includes(" "));
  const rows: Row[] = [
    ["':1'", words.join(" ")],
    ["':flags'", "--help --version"],
    ...commands.flatMap(listRows),
  ];
  const table = rows.map(([pattern, candidates]) => `    ${pattern}) candidates='${candidates}' ;;\n`).join(
    "",
  );
  return await fillEngine("bash", { TABLE: table });
}

/** The pattern of a key, and its candidates: words of `[a-z0-9-]` and sources. */
type Row = readonly [pattern: string, candidates: string];

function listRows({ name, flags, operands, lastRepeats }: CompletedCommand): Row[] {
  const long = flags.flatMap(listSpellings).filter((spelling) => spelling.startsWith("--"));
  return [
    [`'${name}:flags'`, long.join(" ")],
    ...flags.flatMap((flag) => {
      const { value } = flag;
      return value === undefined
        ? []
        : listSpellings(flag).map((spelling): Row => [`'${name}:${spelling}'`, formatCandidates(value)]);
    }),
    ...operands.map((operand, nth): Row => {
      const isOpen = lastRepeats && nth === operands.length - 1;
      return [isOpen ? `'${name}:'[0-9]*` : `'${name}:${nth + 1}'`, formatCandidates(operand)];
    }),
  ];
}

/** `open off @people @rooms`. */
function formatCandidates({ words = [], sources = [] }: Candidates): string {
  return [...words, ...sources.map((source) => `@${source}`)].join(" ");
}
