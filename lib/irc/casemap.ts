/**
 * CASEMAPPING=ascii (modern, "RPL_ISUPPORT Parameters"): A–Z and a–z are the same letters, all else is
 * itself. The brackets of RFC 1459's own mapping are left alone, so that a name is what it looks like.
 */

/** The form of `name` under which it is compared and looked up. */
export function casefold(name: string): string {
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    if (unit >= 0x41 && unit <= 0x5a) return foldFrom(name, i);
  }
  return name;
}

/** True when `a` and `b` name the same user or room. */
export function sameName(a: string, b: string): boolean {
  return a === b || casefold(a) === casefold(b);
}

/**
 * `toLowerCase` would also fold letters beyond ASCII (K, the Kelvin sign, becomes k): only A–Z may change.
 */
function foldFrom(name: string, first: number): string {
  let folded = name.slice(0, first);
  for (let i = first; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    folded += unit >= 0x41 && unit <= 0x5a ? String.fromCharCode(unit | 0x20) : name[i];
  }
  return folded;
}
