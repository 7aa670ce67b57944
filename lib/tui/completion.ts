/** Completion of the word before the cursor (Tab). Pure. */
import { casefold } from "../irc/names/casemap.ts";
import type { CompletionWords } from "../client/conversation/chat.ts";
import { CHANNEL_PREFIX, isChannelName } from "../irc/names/name_rules.ts";
import type { EditorLine } from "./terminal/line_editor.ts";
import { HELP_TOPICS } from "../client/commands/slash_command.ts";
import { SLASH_WORDS } from "../client/commands/slash_commands.ts";

/** The words that may follow a command, where they are no names; `/join` takes none but channels. */
const FIXED_ARGUMENTS: ReadonlyMap<string, readonly string[]> = new Map([
  ["/help", [...HELP_TOPICS, ...SLASH_WORDS]],
  ["/list", ["people", "rooms"]],
  ["/join", []],
]);

/** Commands that take the name of a view. */
const VIEW_ARGUMENT = /^\/(?:go|close)\s+$/i;

export type Completion =
  | { readonly kind: "none" }
  /** The line, completed as far as all candidates agree. */
  | { readonly kind: "line"; readonly line: EditorLine }
  /** The candidates differ from here on. */
  | { readonly kind: "choices"; readonly choices: readonly string[] };

/**
 * Completes commands and addressed names (`alice: `) at the start of the line, names and channels anywhere; behind
 * a command also channels without their prefix, and the words that `/help` and `/list` take.
 */
export function complete(line: EditorLine, known: CompletionWords): Completion {
  const before = line.text.slice(0, line.cursor);
  const start = before.search(/\S*$/);
  const word = before.slice(start);
  const { words, ending } = listCandidates(word, before.slice(0, start), known);
  let choices = filterByPrefix(words, word);
  if (choices.length === 0 && before.startsWith("/")) {
    choices = filterByPrefix(known.channels, CHANNEL_PREFIX + word);
  }
  if (choices.length === 0) return { kind: "none" };
  if (choices.length === 1) return { kind: "line", line: replace(line, start, choices[0]! + ending) };
  const common = commonPrefix(choices);
  if (common.length <= word.length) return { kind: "choices", choices };
  return { kind: "line", line: replace(line, start, common) };
}

/** `before`: the line up to `word`. */
function listCandidates(
  word: string,
  before: string,
  known: CompletionWords,
): { words: Iterable<string>; ending: string } {
  const atStart = before === "";
  if (atStart && word.startsWith("/")) return { words: SLASH_WORDS.map((name) => "/" + name), ending: " " };
  if (isChannelName(word)) return { words: known.channels, ending: " " };
  if (VIEW_ARGUMENT.test(before)) return { words: [...known.channels, ...known.people ?? []], ending: " " };
  const fixed = FIXED_ARGUMENTS.get(before.trimEnd().toLowerCase());
  if (fixed !== undefined) return { words: fixed, ending: " " };
  return { words: known.names, ending: atStart ? ": " : " " };
}

function filterByPrefix(words: Iterable<string>, word: string): string[] {
  const folded = casefold(word);
  return Array.from(new Set(words)).filter((candidate) => casefold(candidate).startsWith(folded)).sort();
}

/** The longest beginning of the first that all share, whatever the case of its letters. */
function commonPrefix(choices: readonly string[]): string {
  const folded = choices.map(casefold);
  let prefix = "";
  for (const char of choices[0] ?? "") {
    const next = casefold(prefix + char); // folded, it may have another length
    if (!folded.every((choice) => choice.startsWith(next))) break;
    prefix += char;
  }
  return prefix;
}

function replace(line: EditorLine, start: number, text: string): EditorLine {
  const after = line.text.slice(line.cursor);
  const inserted = after.startsWith(" ") ? text.trimEnd() : text;
  return { text: line.text.slice(0, start) + inserted + after, cursor: start + inserted.length };
}
