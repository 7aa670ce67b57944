/** Completion of the word before the cursor (Tab). Pure. */
import { findEmoji } from "../base/values/emoji.ts";
import { HELP_WORDS } from "../client/commands/help_pages.ts";
import { SLASH_WORDS } from "../client/commands/slash_commands.ts";
import type { CompletionWords } from "../client/conversation/chat.ts";
import {
  CHAT_SETTING_NAMES,
  CHAT_SETTINGS,
  findSetting,
} from "../client/conversation/model/chat_settings.ts";
import { casefold } from "../irc/names/casemap.ts";
import { CHANNEL_PREFIX, isChannelName } from "../irc/names/name_rules.ts";
import type { EditorLine } from "./terminal/line/editor_line.ts";

/** The words that may follow a command, where they are no names. */
const FIXED_ARGUMENTS: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["/help", [...HELP_WORDS, ...SLASH_WORDS].sort()],
  ["/list", ["people", "rooms"]],
  ["/set", CHAT_SETTING_NAMES],
]);

/** Commands that take the name of a view. */
const VIEW_ARGUMENT = /^\/(?:go|close)\s+$/i;

/** What follows is an answer, or the number of the question. */
const ANSWER_ARGUMENT = /^\/answer\s+(?:\d+\s+)?$/i;

export type Completion =
  | { readonly kind: "none" }
  /** The line, completed as far as all candidates agree. */
  | { readonly kind: "line"; readonly line: EditorLine }
  /** The candidates differ from here on. */
  | { readonly kind: "choices"; readonly choices: readonly string[] };

/** What may stand in the place of the word before the cursor. */
interface Candidates {
  /** Where the word begins. */
  readonly start: number;
  readonly words: readonly string[];
  /** What follows each of them. */
  readonly ending: string;
  /** The words as they are offered, where they do not begin with what was typed; left out: as they are. */
  readonly labels?: readonly string[];
}

/** Behind it comes the name of a channel that one is not in. */
export const JOIN_ARGUMENT = /^\/j(?:oin)?\s+$/i;

/** The beginning of an emoji's name. */
const EMOJI_NAME = /^:[a-z0-9_+-]+$/i;

/**
 * Completes commands and addressed names (`alice: `) at the start of the line, names (also `@alice`) and channels
 * anywhere; behind a command also channels without their prefix, and the words that `/help`, `/list` and `/set` take;
 * `:thumbsup` to 👍.
 */
export function complete(line: EditorLine, known: CompletionWords): Completion {
  const candidates = findCandidates(line, known);
  const { start, words } = candidates;
  if (words.length === 0) return { kind: "none" };
  if (words.length === 1) return { kind: "line", line: insert(line, candidates, 0) };
  const common = commonPrefix(words);
  return common.length <= line.cursor - start
    ? { kind: "choices", choices: words }
    : { kind: "line", line: replace(line, start, common) };
}

/** Repeated Tab: the candidates one after the other, and back with Shift-Tab. */
export class CompletionCycle {
  #from: { readonly line: EditorLine; readonly candidates: Candidates } | undefined;
  #shown: EditorLine | undefined;
  #at = -1;

  /** The candidates of the last completion, if there are several. */
  get choices(): readonly string[] {
    const { words = [], labels } = this.#from?.candidates ?? {};
    return labels ?? words;
  }

  /** The line after another Tab (`steps` 1) or Shift-Tab (-1); undefined: it stays as it is. */
  press(line: EditorLine, known: CompletionWords, steps: 1 | -1): EditorLine | undefined {
    if (this.#from !== undefined && isSameLine(line, this.#shown)) return this.#step(this.#from, steps);
    this.end();
    const completion = complete(line, known);
    if (completion.kind === "none") return undefined;
    const shown = completion.kind === "line" ? completion.line : line;
    const candidates = findCandidates(line, known);
    if (candidates.words.length > 1) this.#from = { line, candidates };
    this.#shown = shown;
    if (this.#from !== undefined && candidates.labels !== undefined) return this.#step(this.#from, steps);
    return shown;
  }

  /** Another key was pressed. */
  end(): void {
    this.#from = undefined;
    this.#shown = undefined;
    this.#at = -1;
  }

  #step(
    { line, candidates }: { readonly line: EditorLine; readonly candidates: Candidates },
    steps: 1 | -1,
  ): EditorLine {
    const { length } = candidates.words;
    this.#at = this.#at < 0 && steps < 0 ? length - 1 : (this.#at + steps + length) % length;
    this.#shown = insert(line, candidates, this.#at);
    return this.#shown;
  }
}

function findCandidates(line: EditorLine, known: CompletionWords): Candidates {
  const before = line.text.slice(0, line.cursor);
  const start = before.search(/\S*$/);
  const word = before.slice(start);
  if (EMOJI_NAME.test(word)) {
    const found = findEmoji(word.slice(1));
    const labels = found.map(({ emoji, names: [name] }) => `${emoji} ${name}`);
    return { start, words: found.map(({ emoji }) => emoji), ending: " ", labels };
  }
  const { words, ending } = listCandidates(word, before.slice(0, start), known);
  let choices = filterByPrefix(words, word);
  if (choices.length === 0 && before.startsWith("/")) {
    choices = filterByPrefix(listChannels(before.slice(0, start), known), CHANNEL_PREFIX + word);
  }
  return { start, words: choices, ending };
}

/** `before`: the line up to `word`. */
function listCandidates(
  word: string,
  before: string,
  known: CompletionWords,
): { readonly words: readonly string[]; readonly ending: string } {
  const atStart = before === "";
  if (atStart && word.startsWith("/")) {
    return { words: SLASH_WORDS.map((name) => "/" + name).sort(), ending: " " };
  }
  if (isChannelName(word)) return { words: listChannels(before, known), ending: " " };
  if (JOIN_ARGUMENT.test(before)) return { words: [], ending: " " };
  if (word.startsWith("@")) return { words: listNames(known).map((name) => "@" + name), ending: " " };
  if (VIEW_ARGUMENT.test(before)) {
    return { words: [...known.channels, ...known.people ?? []].sort(), ending: " " };
  }
  const command = before.trimEnd().toLowerCase();
  if (ANSWER_ARGUMENT.test(before)) return { words: known.answers ?? [], ending: " " };
  const fixed = FIXED_ARGUMENTS.get(command) ?? listSettingValues(command);
  if (fixed !== undefined) return { words: fixed, ending: " " };
  return { words: listNames(known), ending: atStart ? ": " : " " };
}

function listChannels(before: string, { channels, joinable = channels }: CompletionWords): string[] {
  return Array.from(JOIN_ARGUMENT.test(before) ? joinable : channels).sort();
}

/** The values of the setting that `command` (`/set NAME`) changes, where they are words; undefined: it is no such command. */
function listSettingValues(command: string): readonly string[] | undefined {
  const [, name = ""] = /^\/set\s+(\S+)$/.exec(command) ?? [];
  const setting = findSetting(name);
  return setting === undefined
    ? undefined
    : CHAT_SETTINGS[setting].usage.split("|").filter((value) => /^[a-z]+$/.test(value));
}

/** Those who have spoken last come first, then all others in alphabetical order. */
function listNames({ names, speakers = [] }: CompletionWords): string[] {
  const present = new Map(Array.from(names, (name) => [casefold(name), name]));
  const spoken = Array.from(speakers).map((name) => present.get(casefold(name))).filter((name) =>
    name !== undefined
  );
  return [...spoken, ...Array.from(present.values()).sort()];
}

function filterByPrefix(words: Iterable<string>, word: string): string[] {
  const folded = casefold(word);
  return Array.from(new Set(words)).filter((candidate) => casefold(candidate).startsWith(folded));
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

function insert(line: EditorLine, { start, words, ending }: Candidates, at: number): EditorLine {
  return replace(line, start, words[at]! + ending);
}

function replace(line: EditorLine, start: number, text: string): EditorLine {
  const after = line.text.slice(line.cursor);
  const inserted = after.startsWith(" ") ? text.trimEnd() : text;
  return { text: line.text.slice(0, start) + inserted + after, cursor: start + inserted.length };
}

function isSameLine(a: EditorLine, b: EditorLine | undefined): boolean {
  return b !== undefined && a.text === b.text && a.cursor === b.cursor;
}
