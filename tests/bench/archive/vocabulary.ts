/**
 * Made-up words of several scripts, the same for the same seed. As in a language, the word of rank r is used in
 * proportion to 1/r (Zipf), and frequent words are short.
 */
import { Random } from "../../irc/property.ts";

/** What the syllables of a script are made of: each syllable takes a letter of every row. */
interface Script {
  readonly letters: readonly string[];
  /** Between two words. */
  readonly separator: string;
  /** Syllables of a word at most. */
  readonly syllables: number;
  readonly words: number;
}

const range = (first: number, count: number) =>
  Array.from({ length: count }, (_, nth) => String.fromCodePoint(first + nth)).join("");

const CONSONANTS = "bcdfghjklmnprstvw";
const SCRIPTS = {
  english: { letters: [CONSONANTS, "aeiou", " nrst"], separator: " ", syllables: 4, words: 60_000 },
  german: { letters: [CONSONANTS, "aeiouäöü", " nrstß"], separator: " ", syllables: 4, words: 30_000 },
  russian: { letters: ["бвгджзклмнпрст", "аеиоуыя", " йнст"], separator: " ", syllables: 4, words: 30_000 },
  arabic: { letters: ["بتجحدرسشعفقكلمن", "اوي "], separator: " ", syllables: 4, words: 20_000 },
  korean: { letters: [range(0xac00, 2350)], separator: " ", syllables: 4, words: 20_000 },
  chinese: { letters: [range(0x4e00, 2500)], separator: "", syllables: 2, words: 20_000 },
  japanese: { letters: [range(0x3042, 70) + range(0x5200, 900)], separator: "", syllables: 3, words: 20_000 },
  thai: { letters: ["กขคจชดตทนบปพมรลวส", "าิีุเแ", " นงม"], separator: "", syllables: 3, words: 10_000 },
} satisfies Record<string, Script>;

export type Language = keyof typeof SCRIPTS;

/** How many of a hundred rooms, and people, use a language. */
const SHARES: Readonly<Record<Language, number>> = {
  english: 62,
  german: 10,
  russian: 8,
  chinese: 6,
  japanese: 5,
  korean: 3,
  arabic: 3,
  thai: 3,
};

/** The language of the `nth` room or person. */
export function languageOf(nth: number): Language {
  let place = nth * 37 % 100; // prime to 100: neighbours differ
  for (const [language, share] of Object.entries(SHARES)) {
    if ((place -= share) < 0) return language as Language;
  }
  throw new Error("the shares are a hundred");
}

export class Vocabulary {
  /** By rank, the most frequent first. */
  readonly words: readonly string[];
  readonly separator: string;

  constructor(language: Language) {
    const script: Script = SCRIPTS[language];
    this.words = makeWords(script, new Random(script.words + language.length));
    this.separator = script.separator;
  }

  /** A word as often as it is used. */
  pick(random: Random): string {
    const share = random.below(0x1_0000_0000) / 0x1_0000_0000;
    // Ranks with a logarithm that is evenly spread have the frequencies 1/r.
    return this.words[Math.floor(this.words.length ** share) - 1]!;
  }

  /** `count` words. */
  sentence(random: Random, count: number): string {
    return Array.from({ length: count }, () => this.pick(random)).join(this.separator);
  }
}

function makeWords(script: Script, random: Random): string[] {
  const words = new Set<string>();
  for (let tries = 0; words.size < script.words; tries++) {
    // The number of short words is small, and so is the rank at which they end.
    const length = Math.min(script.syllables, 1 + Math.floor(Math.log10(1 + tries / 8)));
    const word = Array.from({ length }, () => makeSyllable(script, random)).join("");
    words.add(word);
  }
  return [...words];
}

function makeSyllable({ letters }: Script, random: Random): string {
  return letters.map((row) => random.pick(row)).join("").trimEnd();
}
