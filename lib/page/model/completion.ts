/** What the word before the caret can be completed to: names, rooms, emoji and commands. Pure. */
import { casefold } from "../../irc/names/casemap.ts";
import { findEmoji } from "../../base/values/emoji.ts";

export interface CompletionWords {
  /** Of people. */
  readonly names: readonly string[];
  /** With their #. */
  readonly rooms: readonly string[];
  readonly commands: readonly { readonly usage: string; readonly summary: string }[];
}

export interface CompletionItem {
  /** As it is listed. */
  readonly label: string;
  /** What it is, in words. */
  readonly hint: string;
  /** What takes the place of the word, with what follows it. */
  readonly insert: string;
}

export interface Completions {
  /** Index in the text where the word begins, its mark included. */
  readonly start: number;
  readonly items: readonly CompletionItem[];
  /** The word is whole, and Enter sends. */
  readonly isWhole: boolean;
}

/** Names, rooms or emoji that are offered at once. */
const MAX_OFFERED_WORDS = 8;

/**
 * What is offered where the caret is behind `before`; undefined: nothing. `isAsked`: by Tab, which completes the name of a
 * person without a mark before it.
 */
export function listCompletions(
  before: string,
  words: CompletionWords,
  isAsked = false,
): Completions | undefined {
  if (/^\/\w*$/.test(before)) return finish(0, before, listCommands(before.toLowerCase(), words));
  const query = findCompletion(before);
  if (query !== undefined) return finish(query.start, before, listWords(query, words));
  const word = isAsked ? /[^\s@#:]+$/.exec(before)?.[0] : undefined;
  if (word === undefined) return undefined;
  const start = before.length - word.length;
  return finish(start, before, listNames(word, start, words.names));
}

function finish(start: number, before: string, items: readonly CompletionItem[]): Completions | undefined {
  const word = casefold(before.slice(start).replace(/^@/, ""));
  const isWhole = items.some(({ insert }) => casefold(insert.replace(/:? $/, "")) === word);
  return items.length === 0 ? undefined : { start, items, isWhole };
}

function listCommands(typed: string, { commands }: CompletionWords): CompletionItem[] {
  return commands.filter(({ usage }) => usage.startsWith(typed)).map(({ usage, summary }) => ({
    label: usage,
    hint: summary,
    insert: `${usage.split(" ")[0]} `,
  }));
}

function listWords(
  { kind, text, start }: NonNullable<ReturnType<typeof findCompletion>>,
  { names, rooms }: CompletionWords,
): CompletionItem[] {
  switch (kind) {
    case "name":
      return listNames(text, start, names);
    case "room":
      return findByBeginning(`#${text}`, rooms).map((room) => ({
        label: room,
        hint: "",
        insert: `${room} `,
      }));
    case "emoji":
      return findEmoji(text).slice(0, MAX_OFFERED_WORDS).map(({ emoji, names: [name] }) => ({
        label: `${emoji} :${name}:`,
        hint: "",
        insert: `${emoji} `,
      }));
  }
}

/** At the beginning of a text a name is followed by a colon: it is spoken to. */
function listNames(text: string, start: number, names: readonly string[]): CompletionItem[] {
  const end = start === 0 ? ": " : " ";
  return findByBeginning(text, names).map((name) => ({ label: name, hint: "", insert: name + end }));
}

function findByBeginning(text: string, words: readonly string[]): string[] {
  const wanted = casefold(text);
  const found = words.filter((word) => casefold(word).startsWith(wanted));
  return found.sort((a, b) => casefold(a) < casefold(b) ? -1 : 1).slice(0, MAX_OFFERED_WORDS);
}

/** What is typed before the caret that names or emoji are offered for. */
export interface CompletionQuery {
  readonly kind: "name" | "room" | "emoji";
  /** Without the `@`, `#` or `:`. */
  readonly text: string;
  /** Index in the text where it begins, its mark included. */
  readonly start: number;
}

/** Longest word that is completed. */
const MAX_QUERY_LENGTH = 40;
const QUERY_PATTERN = /(?:^|[\s([{"'])([@#:])([^\s@#:]*)$/u;
const QUERY_KINDS: Readonly<Record<string, CompletionQuery["kind"]>> = {
  "@": "name",
  "#": "room",
  ":": "emoji",
};

/** What is to be completed where the caret is behind `before`; undefined: nothing. An emoji needs two letters. */
export function findCompletion(before: string): CompletionQuery | undefined {
  const tail = before.slice(-MAX_QUERY_LENGTH - 2);
  const found = QUERY_PATTERN.exec(tail);
  if (found === null) return undefined;
  const [, mark = "", text = ""] = found;
  if (mark === ":" && text.length < 2) return undefined;
  return { kind: QUERY_KINDS[mark]!, text, start: before.length - text.length - 1 };
}
