/**
 * How names compare: in ASCII without letter case; beyond it as Unicode's NFKC_Casefold does (UAX #15, UTS #18
 * "Default Caseless Matching"), so that Élise is élise, ＢＯＢ is bob and straße is STRASSE.
 *
 * To clients we say CASEMAPPING=ascii: of the mappings that they know it is the one that never takes two of our
 * names for the same. That we see more names as the same than they do harms nobody, because every line of ours
 * spells a name as its holder does. The brackets of RFC 1459's own mapping are left alone, so that a name is what
 * it looks like.
 */

/** The form of `name` under which it is compared and looked up; that of a folded name is itself. */
export function casefold(name: string): string {
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    if (unit >= 0x41 && (unit <= 0x5a || unit >= 0x80)) return foldFrom(name, i);
  }
  return name;
}

/** True when `a` and `b` name the same user or channel. */
export function isSameName(a: string, b: string): boolean {
  return a === b || casefold(a) === casefold(b);
}

function foldFrom(name: string, first: number): string {
  let folded = name.slice(0, first);
  for (let i = first; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    if (unit >= 0x80) return foldUnicode(name);
    folded += unit >= 0x41 && unit <= 0x5a ? String.fromCharCode(unit | 0x20) : name[i];
  }
  return folded;
}

/** Folded forms of names that came lately: the same few channels and people are named all the time. */
const foldCache = new Map<string, string>();
/** Names that {@link foldCache} holds before it starts anew. */
const MAX_FOLD_CACHE = 256;
/** What is longer is no name but a text, and is not kept. */
const MAX_CACHED_LENGTH = 64;

function foldUnicode(name: string): string {
  const known = foldCache.get(name);
  if (known !== undefined) return known;
  let folded = name;
  for (let round = 0; round < MAX_FOLD_ROUNDS; round++) {
    const before = folded;
    folded = foldOnce(before);
    if (folded === before) break;
  }
  if (name.length > MAX_CACHED_LENGTH) return folded;
  if (foldCache.size >= MAX_FOLD_CACHE) foldCache.clear();
  foldCache.set(Array.from(name).join(""), folded); // a copy: a cut of a read would keep all of it in memory
  return folded;
}

/** One round is enough for nearly all; ẞ becomes ß, then ss. */
const MAX_FOLD_ROUNDS = 4;

/**
 * The way over the capitals is the platform's nearest to full case folding. What it leaves: the final sigma, and the
 * dot that stays of İ, which on an i cannot be seen (Turkish ı becomes i as well: nobody is told from another by a dot).
 */
function foldOnce(name: string): string {
  return name.normalize("NFKC").toUpperCase().toLowerCase()
    .replaceAll("ς", "σ")
    .replace(DOT_ON_DOTTED, "$1")
    .normalize("NFKC");
}

const DOT_ON_DOTTED = /(\p{Soft_Dotted}\p{M}*?)\u0307/gu;
