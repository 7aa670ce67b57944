/**
 * Skeletons of names, which are equal for names that look alike (UTS #39 section 4, "Confusable Detection"), so that
 * no name can pass for another.
 *
 * Within ASCII only the capital I is confusable, with the small l. That 0 looks like O, 1 like l, and rn like m is
 * ignored: the users of `bob0`, `user1` and `kern` mean no harm, clients add digits to a name that is in use, and
 * terminal fonts distinguish these. Names that look alike only in this way are refused if they are reserved
 * (reserved_names.ts).
 */
import { casefold } from "./casemap.ts";
import { CONFUSABLES } from "./confusables.ts";

const NO_SKELETONS: readonly string[] = [];
const BEYOND_ASCII = /[^\0-\x7f]/;

/**
 * Confusable character → what it looks like. Created on first use: most names are ASCII, and it takes a millisecond.
 */
let confusableTable: ReadonlyMap<string, string> | undefined;

function makeConfusableTable(): ReadonlyMap<string, string> {
  const characters = (codes: string, separator: string) =>
    codes.split(separator).map((code) => String.fromCodePoint(parseInt(code, 16)));
  const looks = new Map(
    CONFUSABLES.trim().split(" ").flatMap((group) => {
      const [look = "", members = ""] = group.split(":");
      const text = characters(look, "+").join("");
      return characters(members, ",").map((char) => [char, text] as const);
    }),
  );
  // UTS #39 gives i for the small palochka; fonts draw a bar, as for the capital one.
  return looks.set("\u04cf", "l");
}

/** Skeleton of `text`, in small letters: two texts with the same skeleton look alike. */
export function makeSkeleton(text: string): string {
  if (!BEYOND_ASCII.test(text)) return text.replaceAll("I", "l").toLowerCase();
  const looks = confusableTable ??= makeConfusableTable();
  let look = "";
  for (const char of text.normalize("NFKD")) {
    const small = char === "I" ? "l" : char.toLowerCase();
    look += looks.get(char) ?? looks.get(small) ?? small;
  }
  return look.normalize("NFKD");
}

/**
 * Skeletons of `name`, as spelled and in small letters, without the one that equals the folded name. Two names look
 * alike if one of these, or the folded name, of the one is among those of the other.
 */
export function makeSkeletons(name: string): readonly string[] {
  const isAscii = !BEYOND_ASCII.test(name);
  if (isAscii && !name.includes("I")) return NO_SKELETONS;
  const folded = casefold(name);
  const looks = new Set([makeSkeleton(name), makeSkeleton(folded)]);
  looks.delete(folded);
  return looks.size === 0 ? NO_SKELETONS : [...looks];
}
