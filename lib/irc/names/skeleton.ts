/**
 * What names look like, so that none can pass for another: the skeletons of UTS #39 section 4, "Confusable Detection".
 *
 * Within ASCII only the capital I counts, which looks like the small l. That 0 looks like O, 1 like l, and rn like m is left
 * out: the holders of `bob0`, `user1` and `kern` mean no harm, clients add digits to a name that is in use, and a terminal's
 * font tells these apart. Names that only look alike by these are refused where they are reserved (reserved_names.ts).
 */
import { casefold } from "./casemap.ts";
import { CONFUSABLES } from "./confusables.ts";

const NO_SKELETONS: readonly string[] = [];
const BEYOND_ASCII = /[^\0-\x7f]/;

/** What each confusable character looks like. Made when first needed: most names are ASCII, and it takes a millisecond. */
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

/** What `text` looks like, in small letters: two texts with the same skeleton look alike. */
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
 * The skeletons of `name`, as it is spelled and in small letters, without the one that is the folded name itself. Two
 * names look alike where one of these, or the folded name, of the one is among those of the other.
 */
export function makeSkeletons(name: string): readonly string[] {
  const isAscii = !BEYOND_ASCII.test(name);
  if (isAscii && !name.includes("I")) return NO_SKELETONS;
  const folded = casefold(name);
  const looks = new Set([makeSkeleton(name), makeSkeleton(folded)]);
  looks.delete(folded);
  return looks.size === 0 ? NO_SKELETONS : [...looks];
}
