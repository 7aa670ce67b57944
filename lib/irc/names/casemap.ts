/**
 * Comparison of names: ASCII without letter case; beyond ASCII by Unicode's NFKC_Casefold (UAX #15, UTS #18 "Default
 * Caseless Matching"), so that Élise equals élise, ＢＯＢ equals bob and straße equals STRASSE.
 *
 * The server advertises CASEMAPPING=ascii: of the mappings that clients know, it is the only one that never treats
 * two different names of this server as equal. Clients may see two names as different that the server treats as
 * equal; this does no harm, because every line from the server spells a name as its user does. The brackets of RFC
 * 1459's mapping are not folded, so that a name is what it looks like.
 */

/** The form of `name` under which it is compared and looked up. Folding a folded name changes nothing. */
export function casefold(name: string): string {
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    if (unit >= 0x41 && (unit <= 0x5a || unit >= 0x80)) return foldFrom(name, i);
  }
  return name;
}

/** Whether `a` and `b` name the same user or channel. */
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

/** Folded forms of recently used names: the same few channels and users are named all the time. */
const foldCache = new Map<string, string>();
/** Names in {@link foldCache} before it is cleared. */
const MAX_FOLD_CACHE = 256;
/** Longer text is not a name and is not cached. */
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
  foldCache.set(Array.from(name).join(""), folded); // a copy: a slice would keep the whole text that was read in memory
  return folded;
}

/** One round is enough for nearly all names; ẞ becomes ß, then ss. */
const MAX_FOLD_ROUNDS = 4;

/**
 * Upper-casing first is the closest that the platform offers to full case folding. It leaves the final sigma and the
 * dot of İ, which is not visible on an i (Turkish ı becomes i as well: names are not told apart by a dot).
 */
function foldOnce(name: string): string {
  return name.normalize("NFKC").toUpperCase().toLowerCase()
    .replaceAll("ς", "σ")
    .replace(DOT_ON_DOTTED, "$1")
    .normalize("NFKC");
}

const DOT_ON_DOTTED = /(\p{Soft_Dotted}\p{M}*?)\u0307/gu;
