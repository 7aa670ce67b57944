/** What the archive is asked in the bench: each kind with queries of its own, the same for the same seed. */
import { toWordSequence } from "../../../lib/base/search_terms.ts";
import type {
  ArchiveQuery,
  ConversationKey,
  PageQuery,
  RecordQuery,
  SearchQuery,
  SearchTerm,
  TargetsQuery,
} from "../../../lib/log/archive.ts";
import type { Random } from "../../irc/property.ts";
import { nickOf, ownerOf, PEOPLE, roomName, ROOMS } from "./chat_generator.ts";
import { type Language, languageOf, Vocabulary } from "./vocabulary.ts";

/** Messages of a page, and of a search: what clients ask for. */
const PAGE_MESSAGES = 100;
const SEARCH_MESSAGES = 50;
/** Rooms of a person that is in many. */
const MANY_ROOMS = 50;
const PAGE_BYTES = 1024 * 1024;
const DAY_MS = 86_400_000;

/** The archive, as far as queries depend on it. */
export interface ArchiveRange {
  /** Below the first number that it does not hold. */
  readonly until: number;
  /** Time of its last record, milliseconds since the epoch. */
  readonly lastTime: number;
  /** Time of a record. */
  readonly timeOf: (seq: number) => number;
}

export interface QueryKind {
  readonly title: string;
  /** A plain table is searched for the same with `LIKE` ({@link likeOf}). */
  readonly hasPeer?: boolean;
  readonly make: (random: Random, range: ArchiveRange) => ArchiveQuery;
}

const channel = (nth: number): ConversationKey => ({ kind: "channel", name: roomName(nth) });

/** The conversation of a person with one that it has many messages with. */
function direct(random: Random): ConversationKey {
  const nth = random.below(PEOPLE);
  return { kind: "direct", owner: ownerOf(nth), name: nickOf((nth + 1) % PEOPLE) };
}

const page = (conversation: ConversationKey, rest: Partial<PageQuery>): PageQuery => ({
  kind: "page",
  conversation,
  shows: ["message"],
  anchors: [],
  before: PAGE_MESSAGES,
  after: 0,
  maxBytes: PAGE_BYTES,
  ...rest,
});

/** In the older half of the archive. */
const deep = (random: Random, { until }: ArchiveRange) => 1 + random.below(Math.floor(until / 2));
const bySeq = (seq: number) => [{ by: "seq", seq } as const];
const byTime = (time: number) => [{ by: "time", time, recent: {} } as const];

export const PAGES: readonly QueryKind[] = [
  { title: "LATEST", make: (random) => page(channel(random.below(ROOMS)), {}) },
  {
    title: "BEFORE an id, in the older half",
    make: (random, range) => page(channel(random.below(ROOMS)), { anchors: bySeq(deep(random, range)) }),
  },
  {
    title: "BEFORE a time, in the older half",
    make: (random, range) =>
      page(channel(random.below(ROOMS)), { anchors: byTime(range.timeOf(deep(random, range))) }),
  },
  {
    title: "AROUND an id, events too",
    make: (random, range) =>
      page(channel(random.below(ROOMS)), {
        anchors: bySeq(deep(random, range)),
        shows: ["message", "event", "redaction", "rename"],
        before: PAGE_MESSAGES / 2,
        after: PAGE_MESSAGES / 2,
      }),
  },
  {
    title: "BEFORE an id, direct",
    make: (random, range) => page(direct(random), { anchors: bySeq(deep(random, range)) }),
  },
  {
    title: `TARGETS, ${MANY_ROOMS} rooms`,
    make: (random, { lastTime }): TargetsQuery => ({
      kind: "targets",
      owner: ownerOf(random.below(PEOPLE)),
      channels: manyRooms(random).map(roomName),
      after: lastTime - 30 * DAY_MS,
      before: lastTime,
      newestFirst: true,
      limit: PAGE_MESSAGES,
    }),
  },
  {
    title: "one record",
    make: (random, { until }): RecordQuery => ({ kind: "record", seq: 1 + random.below(until - 1) }),
  },
];

function manyRooms(random: Random): number[] {
  const rooms = new Set<number>();
  while (rooms.size < MANY_ROOMS) rooms.add(random.below(ROOMS));
  return [...rooms];
}

const search = (conversations: readonly ConversationKey[], rest: Partial<SearchQuery>): SearchQuery => ({
  kind: "search",
  conversations,
  terms: [],
  excluded: [],
  from: [],
  hasLink: false,
  limit: SEARCH_MESSAGES,
  ...rest,
});

/** Many rooms, and the direct conversations of one person. */
const many = (random: Random, rest: Partial<SearchQuery>) =>
  search(manyRooms(random).map(channel), { owner: ownerOf(random.below(PEOPLE)), ...rest });

const vocabularies = new Map<Language, Vocabulary>();

function wordsOf(language: Language): readonly string[] {
  let vocabulary = vocabularies.get(language);
  if (vocabulary === undefined) vocabularies.set(language, vocabulary = new Vocabulary(language));
  return vocabulary.words;
}

/** A word of a rank in that part of all ranks. */
function wordBetween(random: Random, from: number, until: number, language: Language = "english"): string {
  const words = wordsOf(language);
  const [first, end] = [Math.floor(from * words.length), Math.floor(until * words.length)];
  return words[first + random.below(end - first)]!;
}

const rare = (random: Random) => term(wordBetween(random, 0.9, 1));
const common = (random: Random) => term(wordBetween(random, 0, 0.0005));
const usual = (random: Random) => wordBetween(random, 0.0005, 0.01);
const missing = (random: Random) => term(`zzq${random.below(1e9)}`);

function term(text: string, isPrefix = false): SearchTerm {
  return toWordSequence(text, isPrefix)!;
}

/** A room of that language. */
function roomOf(language: Language, random: Random): ConversationKey {
  for (;;) {
    const nth = random.below(ROOMS);
    if (languageOf(nth) === language) return channel(nth);
  }
}

/** Two characters that are a word, which is in the middle of a sentence without separators; or the first of them. */
function han(random: Random, characters: number): SearchTerm {
  for (;;) {
    const word = wordBetween(random, 0.02, 1, "chinese");
    if (word.length === 2) return term(word.slice(0, characters));
  }
}

export const SEARCHES: readonly QueryKind[] = [
  { title: "rare word", hasPeer: true, make: (random) => many(random, { terms: [rare(random)] }) },
  { title: "common word", hasPeer: true, make: (random) => many(random, { terms: [common(random)] }) },
  { title: "no match", hasPeer: true, make: (random) => many(random, { terms: [missing(random)] }) },
  {
    title: "two common words",
    make: (random) => many(random, { terms: [common(random), common(random)] }),
  },
  {
    title: "two usual words, seldom together",
    make: (random) => many(random, { terms: [term(usual(random)), term(usual(random))] }),
  },
  {
    title: "phrase of two usual words",
    make: (random) => many(random, { terms: [term(`${usual(random)} ${usual(random)}`)] }),
  },
  {
    title: "prefix of 4 letters",
    make: (random) => many(random, { terms: [term(wordBetween(random, 0.1, 1).slice(0, 4), true)] }),
  },
  {
    title: "common word, not another",
    make: (random) => many(random, { terms: [common(random)], excluded: [common(random)] }),
  },
  {
    title: "common word, with a link",
    make: (random) => many(random, { terms: [common(random)], hasLink: true }),
  },
  {
    title: "usual word, of one person",
    make: (random) => many(random, { terms: [term(usual(random))], from: [nickOf(random.below(PEOPLE))] }),
  },
  {
    title: "rare word, of the last 30 days",
    make: (random, { lastTime }) => many(random, { terms: [rare(random)], after: lastTime - 30 * DAY_MS }),
  },
  { title: "two Chinese characters", make: (random) => many(random, { terms: [han(random, 2)] }) },
  {
    title: "one room: rare word",
    hasPeer: true,
    make: (random) => search([roomOf("english", random)], { terms: [rare(random)] }),
  },
  {
    title: "one room: common word",
    hasPeer: true,
    make: (random) => search([roomOf("english", random)], { terms: [common(random)] }),
  },
  {
    title: "one room: no match",
    make: (random) => search([roomOf("english", random)], { terms: [missing(random)] }),
  },
  {
    title: "one room: two Chinese characters",
    make: (random) => search([roomOf("chinese", random)], { terms: [han(random, 2)] }),
  },
  {
    title: "one room: one Chinese character",
    make: (random) => search([roomOf("chinese", random)], { terms: [han(random, 1)] }),
  },
];

/** A pattern for `LIKE` with which a plain table is searched for the same; of one term that is no phrase. */
export function likeOf({ terms }: SearchQuery): string {
  return `%${terms[0]!.words[0]!}%`;
}
