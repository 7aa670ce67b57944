/** What a piece of one line of text consists of: words, links, names, code, and marks of emphasis. Linear in time. Pure. */
import { CHANNEL_PREFIX, channelFault } from "../../../irc/names/name_rules.ts";

export interface NameContext {
  /** Our nick. */
  readonly nick: string;
  /** Whether `name` is the nick of a person in the conversation, us included. */
  isMember(name: string): boolean;
}

export type EmphasisMark = "**" | "__" | "*" | "_" | "~~";

export type InlineToken =
  | { readonly kind: "text" | "code" | "room" | "mention"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string }
  | {
    readonly kind: "mark";
    readonly text: EmphasisMark;
    readonly canOpen: boolean;
    readonly canClose: boolean;
  };

const LINK_PATTERN = /(?:https?:\/\/|mailto:)[^\s<>"`\p{Cc}\p{Cf}]+/iuy;
const LINK_PROTOCOLS: ReadonlySet<string> = new Set(["http:", "https:", "mailto:"]);
/** What a sentence puts behind a link, and a link seldom ends with. */
const TRAILING_PUNCTUATION = ".,;:!?'*_~…";
const CLOSING_BRACKETS: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** Characters of nicks (as in `mention.ts`) but the backquote. */
const WORD_PATTERN = /[\p{L}\p{M}\p{N}[\]\\_^{|}-]+/uy;
const ROOM_PATTERN = /#[^\s,:;!?'"()<>`*~]+/uy;
const IS_WORD = /[\p{L}\p{M}\p{N}]/u;
const MARK_PATTERN = /\*+|_+|~+/y;
const MARKS: Readonly<Record<string, readonly EmphasisMark[]>> = {
  "*": ["*"],
  "**": ["**"],
  "***": ["**", "*"],
  "_": ["_"],
  "__": ["__"],
  "___": ["__", "_"],
  "~~": ["~~"],
};
const CODE_PATTERN = /`+/y;
/** Backquotes around code; more of them are text. */
const MAX_FENCE_LENGTH = 3;

export function readInlineTokens(text: string, names: NameContext): InlineToken[] {
  return new InlineReader(text, names).read();
}

class InlineReader {
  readonly #text: string;
  readonly #names: NameContext;
  readonly #tokens: InlineToken[] = [];
  #at = 0;
  /** Where the text begins that is not in a token yet. */
  #start = 0;

  constructor(text: string, names: NameContext) {
    this.#text = text;
    this.#names = names;
  }

  read(): InlineToken[] {
    while (this.#at < this.#text.length) this.#readNext();
    this.#flush(this.#at);
    return this.#tokens;
  }

  #readNext(): void {
    switch (this.#text.charAt(this.#at)) {
      case "`":
        return this.#readCode();
      case "*":
      case "_":
      case "~":
        return this.#readMark();
      case CHANNEL_PREFIX:
        return this.#isWordBefore ? this.#skip(1) : this.#readRoom();
      default:
        return this.#readWord();
    }
  }

  get #isWordBefore(): boolean {
    return isWordAt(this.#text, this.#at - 1);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text);
  }

  /** The next `length` units are plain text. */
  #skip(length: number): void {
    this.#at += length;
  }

  #flush(end: number): void {
    if (end > this.#start) this.#tokens.push({ kind: "text", text: this.#text.slice(this.#start, end) });
  }

  /** The next `length` units are `tokens`. */
  #take(length: number, ...tokens: readonly InlineToken[]): void {
    this.#flush(this.#at);
    this.#tokens.push(...tokens);
    this.#at += length;
    this.#start = this.#at;
  }

  #readCode(): void {
    const fence = this.#match(CODE_PATTERN)![0];
    const open = this.#at + fence.length;
    const close = fence.length > MAX_FENCE_LENGTH ? -1 : this.#findFence(fence, open);
    if (close < 0) return this.#skip(fence.length);
    const code = this.#text.slice(open, close);
    this.#take(close + fence.length - this.#at, {
      kind: "code",
      text: code.trim() === "" ? code : code.trim(),
    });
  }

  /** Where the next fence of the length of `fence` is; -1: there is none, and so behind it there is none to look for. */
  #findFence(fence: string, from: number): number {
    for (let at = this.#text.indexOf(fence, from); at >= 0; at = this.#text.indexOf(fence, at)) {
      let end = at;
      while (this.#text.charAt(end) === "`") end++;
      if (end - at === fence.length) return at;
      at = end;
    }
    return -1;
  }

  #readMark(): void {
    const run = this.#match(MARK_PATTERN)![0];
    const marks = MARKS[run];
    const [before, after] = [this.#at - 1, this.#at + run.length];
    const canOpen = isSolidAt(this.#text, after) && !isWordAt(this.#text, before);
    const canClose = isSolidAt(this.#text, before) && !isWordAt(this.#text, after);
    if (marks === undefined || !canOpen && !canClose) return this.#skip(run.length);
    const ordered = canOpen ? marks : marks.toReversed();
    this.#take(run.length, ...ordered.map((text) => ({ kind: "mark" as const, text, canOpen, canClose })));
  }

  #readRoom(): void {
    const found = this.#match(ROOM_PATTERN)?.[0] ?? "";
    const name = trimEnd(found, TRAILING_PUNCTUATION);
    if (name === "" || /^#\d*$/.test(name) || channelFault(name) !== undefined) {
      return this.#skip(Math.max(1, found.length));
    }
    this.#take(name.length, { kind: "room", text: name });
  }

  #readWord(): void {
    if (!this.#isWordBefore && /[hm]/i.test(this.#text.charAt(this.#at))) {
      const link = this.#match(LINK_PATTERN)?.[0];
      if (link !== undefined) return this.#readLink(link);
    }
    const word = this.#match(WORD_PATTERN)?.[0];
    if (word === undefined) return this.#skip(1);
    const name = this.#names.isMember(word) ? word : trimEnd(word, "_-");
    if (name !== "" && !this.#isWordBefore && this.#names.isMember(name)) {
      return this.#take(name.length, { kind: "mention", text: name });
    }
    this.#skip(name === "" ? word.length : name.length);
  }

  #readLink(found: string): void {
    const text = trimLink(found);
    const href = readHref(text);
    if (href === undefined) return this.#skip(found.length);
    this.#take(text.length, { kind: "link", text, href });
  }
}

/** Whether there is a letter or a digit at `index`. */
function isWordAt(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  if (Number.isNaN(unit)) return false;
  // Either half of a surrogate pair: mathematical letters and emoji alike are no part of a word.
  return IS_WORD.test(text.charAt(index));
}

/** Whether there is something else than white space at `index`. */
function isSolidAt(text: string, index: number): boolean {
  const char = text.charAt(index);
  return char !== "" && char.trim() !== "";
}

/** `text` without those of the characters `chars` that it ends with. */
function trimEnd(text: string, chars: string): string {
  let end = text.length;
  while (end > 0 && chars.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** The link without what a sentence puts behind it: punctuation, and brackets that it does not open. */
function trimLink(text: string): string {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let end = text.length;
  for (; end > 0; end--) {
    const char = text.charAt(end - 1);
    const opening = CLOSING_BRACKETS[char];
    const isUnopened = opening !== undefined && (counts.get(char) ?? 0) > (counts.get(opening) ?? 0);
    if (isUnopened) counts.set(char, counts.get(char)! - 1);
    else if (!TRAILING_PUNCTUATION.includes(char)) break;
  }
  return text.slice(0, end);
}

/** What `text` links to; undefined: it is no link. */
function readHref(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !LINK_PROTOCOLS.has(url.protocol)) return undefined;
  if (url.protocol === "mailto:") return /^mailto:[^@\s]+@[^@\s]+$/.test(url.href) ? url.href : undefined;
  return url.hostname === "" ? undefined : url.href;
}
