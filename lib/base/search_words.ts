/**
 * The words of a text, as searches compare them. The index of the archive holds them, and a search is taken apart by
 * the same functions, so that both always agree. Of words joined by spaces FTS5's tokenizer `ascii` takes each as it is.
 *
 * Compared are letters, digits and marks of all scripts, without case (Unicode's NFKC_Casefold) and without
 * diacritics: `Élise` is found by `elise`, `Ёлка` by `елка`, `ＢＯＢ` by `bob`. The vowel signs of Indic scripts and the
 * voicing of kana are no diacritics. Everything else divides words: `foo_bar`, `issue-4711` and `https://a.example/b`
 * are found by their parts.
 *
 * An emoji is a word of its own, without skin tone; one that is joined of several (👩‍💻, 🇩🇪) is its parts, which follow
 * each other.
 *
 * Some scripts don't divide words (Han, kana, Thai, Lao, Khmer, Myanmar and related ones), and in Korean a word carries
 * its particles. Their runs become overlapping pairs of characters and the last character alone: 東京都 is 東京, 京都, 都.
 * So every substring of two or more characters is a sequence of pairs, and a single character is the beginning of a
 * pair or the last character (search_terms.ts).
 */
import { FORMATTING } from "./printable_text.ts";

export interface SearchToken {
  /** As it is compared. */
  readonly word: string;
  /** Where it is in the text: offsets in UTF-16 code units, the end excluded. */
  readonly start: number;
  readonly end: number;
  /** `pair` and `last`: part of a run without separators; `last` is its last character. */
  readonly kind: "word" | "pair" | "last";
}

/** Code points of a word. A longer one is several words that follow each other. */
export const MAX_SEARCH_WORD = 64;

/** The words of `text` in order, without formatting and the framing of CTCP. A CTCP message other than ACTION has none. */
export function searchWords(text: string): string[] {
  if (PLAIN_ASCII.test(text)) return text.toLowerCase().match(ASCII_WORD) ?? [];
  return searchTokens(text).map(({ word }) => word);
}

/** {@link searchWords} with their places. */
export function searchTokens(text: string): SearchToken[] {
  if (PLAIN_ASCII.test(text)) return asciiTokens(text);
  const collector = new TokenCollector();
  const from = text.startsWith(CTCP) ? actionText(text) : 0;
  if (from === undefined) return [];
  CLUSTER.lastIndex = from;
  for (let match = CLUSTER.exec(text); match !== null; match = CLUSTER.exec(text)) {
    const [cluster, omitted] = match;
    if (omitted !== undefined) continue;
    const end = match.index + cluster.length;
    for (const letter of foldCluster(cluster)) collector.add(letter, match.index, end);
  }
  return collector.finish();
}

/** Whether `text` contains a link: `https://…`, `irc://…` or `www.…`. */
export function hasLink(text: string): boolean {
  return LINK.test(text);
}

const LINK = /[a-z]:\/\/[\p{L}\p{N}[]|(?<![\p{L}\p{N}])www\.[\p{L}\p{N}]/iu;

const PLAIN_ASCII = /^[\t\n -~]*$/;
const ASCII_WORD = new RegExp(`[a-z0-9]{1,${MAX_SEARCH_WORD}}`, "g");

function asciiTokens(text: string): SearchToken[] {
  return Array.from(text.toLowerCase().matchAll(ASCII_WORD), ({ 0: word, index: start }) => {
    return { word, start, end: start + word.length, kind: "word" };
  });
}

const CTCP = "\x01";
const ACTION = "\x01ACTION ";

/** Where the text of a CTCP ACTION begins; undefined: another CTCP message. */
function actionText(text: string): number | undefined {
  return text.startsWith(ACTION) ? ACTION.length : undefined;
}

/**
 * What is normalized as a whole: a character with its marks (halfwidth kana and emoji have marks of their own), or the
 * parts of a syllable in Hangul. Formatting, and what is invisible, is omitted (the first group).
 */
const CLUSTER = new RegExp(
  `(${FORMATTING.source}|\\p{Default_Ignorable_Code_Point}+)` +
    "|[\\u1100-\\u11ff\\ua960-\\ua97f\\ud7b0-\\ud7ff]+" +
    "|[^][\\p{M}\\p{Emoji_Modifier}\\uff9e\\uff9f]*",
  "gu",
);

/** A folded character. `run`: of a script without separators; `emoji`: a whole word; `separator`: of no word. */
interface Letter {
  readonly char: string;
  readonly kind: "word" | "run" | "emoji" | "separator";
}

/** Folded forms of recently read clusters: a chat uses the same few hundred letters all the time. */
const foldCache = new Map<string, readonly Letter[]>();
/** Clusters in {@link foldCache} before it is cleared. */
const MAX_FOLD_CACHE = 4096;
/** A longer cluster is no letter that returns. */
const MAX_CACHED_LENGTH = 8;

function foldCluster(cluster: string): readonly Letter[] {
  const known = foldCache.get(cluster);
  if (known !== undefined) return known;
  const folded = Array.from(withoutDiacritics(withoutDiacritics(cluster)), classify);
  if (cluster.length > MAX_CACHED_LENGTH) return folded;
  if (foldCache.size >= MAX_FOLD_CACHE) foldCache.clear();
  foldCache.set(Array.from(cluster).join(""), folded); // a copy: a slice would keep the whole text in memory
  return folded;
}

function classify(char: string): Letter {
  if (EMOJI.test(char)) return { char, kind: "emoji" };
  if (!WORD_CHAR.test(char)) return { char, kind: "separator" };
  return { char, kind: UNSEGMENTED.test(char) ? "run" : "word" };
}

/** One round of folding. A second one is needed for letters that are several in upper case (ẞ, ſt). */
function withoutDiacritics(text: string): string {
  return text.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKD")
    .replace(DIACRITIC, "")
    .normalize("NFC")
    .replace(STROKED, (letter) => STROKES[letter]!);
}

/** Marks that readers leave out, the Arabic tatweel, which only stretches a word, and the skin tones of emoji. */
const DIACRITIC = new RegExp(
  "[[\\p{M}&&[\\p{sc=Zinh}\\p{sc=Latn}\\p{sc=Grek}\\p{sc=Cyrl}\\p{sc=Hebr}\\p{sc=Arab}\\p{sc=Syrc}]]--[\\u3099\\u309a]]" +
    "|[\\p{Default_Ignorable_Code_Point}\\p{Emoji_Modifier}\\u0640]",
  "gv",
);
/** Letters that Unicode doesn't take apart, and that are typed without their stroke. */
const STROKES: Readonly<Record<string, string>> = { "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ς": "σ" };
const STROKED = /[łøđħς]/g;

/** Joins letters to words, and runs of scripts without separators to pairs. */
class TokenCollector {
  readonly #tokens: SearchToken[] = [];
  /** The word, or the last character of the run, that is not in {@link #tokens} yet; "": none. */
  #open = "";
  #isRun = false;
  #start = 0;
  #end = 0;
  /** Code points of {@link #open}. */
  #length = 0;

  add({ char, kind }: Letter, start: number, end: number): void {
    if (kind === "separator") return this.#close();
    if (kind === "emoji") {
      this.#close();
      this.#tokens.push({ word: char, start, end, kind: "word" });
      return;
    }
    const isRun = kind === "run";
    if (this.#isRun !== isRun || this.#length === MAX_SEARCH_WORD) this.#close();
    if (isRun && this.#length > 0) {
      this.#tokens.push({ word: this.#open + char, start: this.#start, end, kind: "pair" });
    }
    if (isRun || this.#length === 0) {
      this.#open = "";
      this.#length = 0;
      this.#start = start;
    }
    this.#isRun = isRun;
    this.#open += char;
    this.#length++;
    this.#end = end;
  }

  finish(): SearchToken[] {
    this.#close();
    return this.#tokens;
  }

  #close(): void {
    if (this.#length === 0) return;
    const kind = this.#isRun ? "last" : "word";
    this.#tokens.push({ word: this.#open, start: this.#start, end: this.#end, kind });
    this.#open = "";
    this.#length = 0;
  }
}

/** Pictures, and the letters of flags, which are two each. */
const EMOJI = /[\p{Extended_Pictographic}\p{Regional_Indicator}]/u;
const WORD_CHAR = /[\p{L}\p{N}\p{M}\p{Co}]/u;
/** Scripts in which spaces do not, or not usefully, divide words. */
const UNSEGMENTED = new RegExp(
  `[${
    ["Han", "Hira", "Kana", "Bopo", "Hang", "Thai", "Laoo", "Khmr", "Mymr", "Lana", "Talu", "Tale"]
      .map((script) => `\\p{scx=${script}}`).join("")
  }]`,
  "u",
);
