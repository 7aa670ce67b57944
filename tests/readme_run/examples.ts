/**
 * Commands in the pages for people: those of their `sh` and `console` fences, of `text` fences that begin with a
 * prompt, of files with a name (`files.ts`), and of indented blocks of ours. A `console` fence that begins with none goes on at the terminal of the last
 * `chatterbox join`.
 */

import { commandsOf } from "./files.ts";

export interface Example {
  /** `README.md:12`. */
  readonly place: string;
  /** As it stands there; lines that `\` continues are one. */
  readonly command: string;
  /** In a block with prompts, the lines shown below the command; undefined in all others. */
  readonly output?: readonly string[];
}

/** Commands that stand together. */
export type Block = readonly Example[];

/** Four backquotes where the lines have three. */
const FENCE = /^`{3,4}(\w*)(?: (\S+))?$/;

/** The blocks of the page `text`, in order. */
export function parseExamples(page: string, text: string): Block[] {
  const lines = text.split("\n");
  const blocks: Block[] = [];
  const lastJoin = () => blocks.flat().findLast(({ command }) => /^chatterbox join\b/.test(command))?.command;
  for (let at = 0; at < lines.length; at++) {
    const [, language, file] = FENCE.exec(lines[at]!) ?? [];
    if (language === undefined) {
      if (!/^ {4}(\$ )?chatterbox /.test(lines[at]!)) continue;
      const end = findEnd(lines, at, (line) => !line.startsWith("    "));
      blocks.push(readCommands(page, at, lines.slice(at, end).map((line) => line.slice(4))));
      at = end - 1;
    } else {
      const end = findEnd(lines, at + 1, (line) => FENCE.test(line));
      const inner = lines.slice(at + 1, end);
      if (file !== undefined) blocks.push(readFile(`${page}:${at + 1}`, language, inner.join("\n")));
      else if (language === "sh") blocks.push(readCommands(page, at + 1, inner));
      if (language === "console" || inner[0]?.startsWith("$ ")) {
        blocks.push(readConsole(page, at + 1, inner, lastJoin()));
      }
      at = end;
    }
  }
  return blocks;
}

function readFile(place: string, language: string, text: string): Block {
  return commandsOf(language, text).map((command) => ({ place, command }));
}

function findEnd(lines: readonly string[], from: number, ends: (line: string) => boolean): number {
  const found = lines.findIndex((line, at) => at >= from && ends(line));
  return found === -1 ? lines.length : found;
}

function readCommands(page: string, first: number, lines: readonly string[]): Block {
  const block: Example[] = [];
  let [command, start] = ["", 0];
  lines.forEach((line, at) => {
    if (command === "") start = at;
    command += line.replace(/\\$/, "");
    if (line.endsWith("\\")) return;
    if (command.trim() !== "" && !command.startsWith("#")) {
      block.push({ place: `${page}:${first + start + 1}`, command: command.trim() });
    }
    command = "";
  });
  return block;
}

/** `open`: the command of the terminal in which the lines before the first command are. */
function readConsole(page: string, first: number, lines: readonly string[], open: string | undefined): Block {
  const block: { place: string; command: string; output: string[] }[] = [];
  lines.forEach((line, at) => {
    const place = `${page}:${first + at + 1}`;
    if (line.startsWith("$ ")) {
      block.push({ place, command: line.slice(2).trim(), output: [] });
      return;
    }
    if (line.trim() === "") return;
    if (block.length === 0 && open !== undefined) block.push({ place, command: open, output: [] });
    block.at(-1)?.output.push(line.trimEnd());
  });
  return block;
}

/** Before a row of a chat at a terminal: the time, which is there where the minute changes, or its space. */
export const ROW_TIME = /^(?:\d\d:\d\d| {5}) {2}/;

/**
 * The lines that have the form of `line`: other times, months, numbers, durations and hashes of git, other spaces between
 * columns, rules of another length, another home. A cursor (█) stands for nothing.
 */
export function formOf(line: string): RegExp {
  const form = line.replace("█", "").replace(ROW_TIME, "").trimEnd()
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    .replace(/\/home\/\w+/g, "\\S+?")
    .replace(/\b(?=[a-f]*\d)[\da-f]{7}\b/g, "[\\da-f]+")
    .replace(/\d+[smhd]\b/g, "[\\dsmhd ]+")
    .replace(/\d+/g, "\\d+")
    .replace(/─+/g, "─+")
    .replace(/\\d\+ [A-Z][a-z]{2} \\d\+/g, "\\d+ [A-Z][a-z]{2} \\d+")
    .replace(/ +/g, " +");
  return new RegExp(`^${ROW_TIME.test(line) ? "(?:\\d\\d:\\d\\d|     )  " : ""}${form}$`);
}

/** Whether `lines` has a line of each form, in that order. */
export function hasInOrder(lines: readonly string[], forms: readonly RegExp[]): boolean {
  let at = 0;
  for (const line of lines) if (forms[at]?.test(line.trimEnd()) === true) at++;
  return at === forms.length;
}
