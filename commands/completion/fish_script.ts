/** The completion script of fish: `complete` lines for the functions in `engine.fish`. */
import type { Candidates } from "../../lib/cli/command_syntax.ts";
import { listSpellings } from "./completed_command.ts";
import type { CompletedCommand, CompletedFlag } from "./completed_command.ts";
import { fillEngine } from "./engine.ts";

export async function formatFishScript(commands: readonly CompletedCommand[]): Promise<string> {
  const valued = commands.flatMap(({ name, flags }) =>
    flags.filter(({ value }) => value !== undefined).flatMap(listSpellings).map((flag) => `${name} ${flag}`)
  );
  const parts = commands.map(({ name }) => name).filter((name) => name.includes(" "));
  const sets = [["valued", valued], ["parts", parts]] as const;
  const completions = [
    `complete -c chatterbox -n '__chatterbox_at ""' -s h -l help -d 'show the help'\n`,
    `complete -c chatterbox -n '__chatterbox_at ""' -s V -l version -d 'show the version'\n`,
    ...commands.map(formatWord),
    ...commands.flatMap(formatCommand),
  ];
  return await fillEngine("fish", {
    SETS: sets.map(([name, words]) => `set -g __chatterbox_${name} ${words.map(quote).join(" ")}\n`).join(""),
    COMPLETIONS: completions.join(""),
  });
}

/** The word of the command itself. */
function formatWord({ name, summary }: CompletedCommand): string {
  const [first, second] = name.split(" ");
  const [before, word] = second === undefined ? ['""', first!] : [`${first} 1`, second];
  return `complete -c chatterbox -n '__chatterbox_at ${before}' -a ${word} -d ${quote(summary)}\n`;
}

function formatCommand({ name, flags, operands, lastRepeats }: CompletedCommand): string[] {
  const at = name.includes(" ") ? `"${name}"` : name;
  const place = (nth: number) => lastRepeats && nth === operands.length - 1 ? `${nth + 1}-` : `${nth + 1}`;
  return [
    ...flags.map((flag) => `complete -c chatterbox -n '__chatterbox_at ${at}' ${formatFlag(flag)}\n`),
    ...operands.map((operand, nth) => {
      const offered = formatCandidates(operand);
      return `complete -c chatterbox -n '__chatterbox_at ${at} ${place(nth)}'${offered}\n`;
    }),
  ];
}

function formatFlag({ long, short, summary, value }: CompletedFlag): string {
  const names = [...short === undefined ? [] : [`-s ${short}`], ...long.map((name) => `-l ${name}`)];
  const takes = value === undefined
    ? ""
    : `${value.sources?.includes("files") ? " -r" : " -x"}${formatCandidates(value)}`;
  return `${names.join(" ")}${takes} -d ${quote(summary)}`;
}

/** `-F`: files; `-a`: what it lists. */
function formatCandidates({ words = [], sources = [] }: Candidates): string {
  const asked = sources.filter((source) => source !== "files" && source !== "folders");
  const listed = [
    ...words,
    ...sources.includes("folders") ? ["(__fish_complete_directories (commandline -ct))"] : [],
    ...asked.length > 0 ? [`(__chatterbox_candidates ${asked.join(",")})`] : [],
  ];
  const files = sources.includes("files") ? " -F" : "";
  return files + (listed.length === 0 ? "" : ` -a ${quote(listed.join(" "))}`);
}

/** In single quotes fish reads a backslash only before another one and before a quote. */
function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
