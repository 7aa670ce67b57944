/**
 * What people search for, in words and filters (docs/protocol/search.md):
 *
 *     deploy* "went wrong" -staging from:bob,carol in:#dev since:1w until:2026-01-31 has:link
 *
 * Clients read it from the command line of `/search` and `logs --search`, the server from the attribute `text` of
 * SEARCH. A word that only looks like a filter (`http://…`, `a:b`) is a word.
 */
import { parseInstant } from "../../base/values/instant.ts";
import { toWordSequence } from "../../base/search_terms.ts";
import type { WordSequence } from "../../base/search_terms.ts";
import { isTargetName } from "../names/name_rules.ts";

/** A word, the beginning of one, or a phrase. */
export interface RequestedTerm {
  /** Without quotes and asterisk. */
  readonly text: string;
  readonly isPrefix: boolean;
}

export interface SearchRequest {
  /** All of these are in the message, */
  readonly terms: readonly RequestedTerm[];
  /** and none of these. */
  readonly excluded: readonly RequestedTerm[];
  /** Nicks of senders, one of which it is; empty: any. */
  readonly from: readonly string[];
  /** Rooms, and nicks for direct conversations, in one of which it is; empty: everywhere. */
  readonly in: readonly string[];
  /** Milliseconds since the epoch: from this time on, and before this time. */
  readonly since?: number;
  readonly until?: number;
  readonly hasLink: boolean;
}

export interface SearchFault {
  /** What is wrong, and where: a sentence without a full stop. */
  readonly fault: string;
}

/** Most words, phrases and values of filters in one request. */
export const MAX_SEARCH_PARTS = 32;

/**
 * Most beginnings of words among them. Of each the index gathers all messages with any of its words before one is
 * found: about 0.1 s in a part of the index.
 */
export const MAX_SEARCH_PREFIXES = 4;
/** Characters of the beginning of a word, where spaces divide words. */
export const MIN_SEARCH_PREFIX = 2;

/**
 * The request in `text`, where blank text asks for all messages. A time without an offset is local, `1w` counts back
 * from `now`.
 */
export function parseSearchRequest(text: string, now: number): SearchRequest | SearchFault {
  const parts = splitParts(text);
  if ("fault" in parts) return parts;
  const found = { terms: [], excluded: [], from: [], in: [], hasLink: false } as ReadRequest;
  for (const part of parts) {
    const fault = readPart(part, found, now);
    if (fault !== undefined) return { fault };
  }
  const { terms, excluded, from, in: places, since, until } = found;
  if (terms.length + excluded.length + from.length + places.length > MAX_SEARCH_PARTS) {
    return { fault: `a search has at most ${MAX_SEARCH_PARTS} words and names` };
  }
  const prefixes = [...toSequences(terms), ...toSequences(excluded)].filter(({ isPrefix }) => isPrefix);
  if (prefixes.length > MAX_SEARCH_PREFIXES) {
    return { fault: `a search has at most ${MAX_SEARCH_PREFIXES} beginnings of words and single characters` };
  }
  if (since !== undefined && until !== undefined && since >= until) {
    return { fault: "since: must be before until:" };
  }
  return found;
}

/** The request as text that {@link parseSearchRequest} reads back. */
export function formatSearchRequest(request: SearchRequest): string {
  const { terms, excluded, from, in: places, since, until, hasLink } = request;
  return [
    ...terms.map(formatTerm),
    ...excluded.map((term) => `-${formatTerm(term)}`),
    ...from.length === 0 ? [] : [`from:${from.join(",")}`],
    ...places.length === 0 ? [] : [`in:${places.join(",")}`],
    ...since === undefined ? [] : [`since:${new Date(since).toISOString()}`],
    ...until === undefined ? [] : [`until:${new Date(until).toISOString()}`],
    ...hasLink ? ["has:link"] : [],
  ].join(" ");
}

/** The word sequences of `terms`, each once: what is compared with messages. */
export function toSequences(terms: readonly RequestedTerm[]): WordSequence[] {
  const sequences = terms.flatMap(({ text, isPrefix }) => toWordSequence(text, isPrefix) ?? []);
  const byText = new Map(
    sequences.map((each) => [`${each.words.join(" ")}${each.isPrefix ? "*" : ""}`, each]),
  );
  return [...byText.values()];
}

type ReadRequest = {
  -readonly [Key in keyof SearchRequest]: SearchRequest[Key] extends readonly (infer Item)[] ? Item[]
    : SearchRequest[Key];
};

interface Part {
  /** As it was written. */
  readonly source: string;
  readonly isExcluded: boolean;
  readonly term: RequestedTerm;
  readonly isQuoted: boolean;
}

/** `-"a phrase"*`, or everything up to the next space. */
const PART = /(?<excluded>-?)(?:"(?<phrase>[^"]*)"(?<open>\*?)(?!\S)|(?<word>\S+))/gu;

function splitParts(text: string): Part[] | SearchFault {
  const parts: Part[] = [];
  for (const { 0: source, groups } of text.matchAll(PART)) {
    const { excluded, phrase, open, word = "" } = groups!;
    if (phrase === undefined && word.startsWith('"')) return { fault: `${source}: the closing " is missing` };
    const isPrefix = phrase === undefined ? word.endsWith("*") : open !== "";
    const term = { text: phrase ?? (isPrefix ? word.slice(0, -1) : word), isPrefix };
    parts.push({ source, isExcluded: excluded !== "", term, isQuoted: phrase !== undefined });
  }
  return parts;
}

/** Adds `part` to `found`, or returns what is wrong with it. */
function readPart(
  { source, isExcluded, term, isQuoted }: Part,
  found: ReadRequest,
  now: number,
): string | undefined {
  const filter = isQuoted ? null : FILTER.exec(source);
  if (filter !== null) {
    const [, sign, name, value] = filter;
    if (sign !== "") return `${source}: only words can be left out`;
    return readFilter(name!.toLowerCase() as FilterName, value!, found, now);
  }
  const sequence = toWordSequence(term.text);
  if (sequence === undefined) return `${source}: a word has a letter, a digit or an emoji`;
  if (term.isPrefix && !sequence.isPrefix && [...sequence.words.at(-1)!].length < MIN_SEARCH_PREFIX) {
    return `${source}: the beginning of a word has at least ${MIN_SEARCH_PREFIX} characters`;
  }
  (isExcluded ? found.excluded : found.terms).push(term);
  return undefined;
}

const FILTER = /^(-?)(from|in|since|until|has):(.*)$/iu;
type FilterName = "from" | "in" | "since" | "until" | "has";

function readFilter(name: FilterName, value: string, found: ReadRequest, now: number): string | undefined {
  switch (name) {
    case "from":
    case "in": {
      const names = value.split(",").filter((each) => each !== "");
      if (names.length === 0) {
        return `${name}: needs a name, such as ${name === "in" ? "in:#dev" : "from:bob"}`;
      }
      const wrong = names.find((each) => !isTargetName(each));
      if (wrong !== undefined) return `${name}:${wrong}: not a name`;
      found[name].push(...names);
      return undefined;
    }
    case "since":
    case "until": {
      const time = parseInstant(value, now);
      if (time === undefined) return `${name}:${value}: not a time, such as 1w, 13:00 or 2026-01-31`;
      if (found[name] !== undefined) return `${name}: is given twice`;
      found[name] = time;
      return undefined;
    }
    case "has":
      if (value.toLowerCase() !== "link") return `${name}:${value}: only has:link is known`;
      found.hasLink = true;
      return undefined;
  }
}

/** In quotes where the text alone would be read as something else. */
function formatTerm({ text, isPrefix }: RequestedTerm): string {
  const isPlain = /^[^\s"*-][^\s"*]*$/u.test(text) && !FILTER.test(text);
  return (isPlain ? text : `"${text.replaceAll('"', " ")}"`) + (isPrefix ? "*" : "");
}
