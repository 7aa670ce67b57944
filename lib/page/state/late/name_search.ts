/** Names of rooms and people by some of their letters. Pure. */
import { casefold } from "../../../irc/names/casemap.ts";

/** Those of `names` that have `text` in them, those that begin with it first; never `own`. A # counts for nothing. */
export function findNames(text: string, names: readonly string[], own: string): string[] {
  const wanted = fold(text.trim());
  const byName = new Map(names.map((name) => [casefold(name), name]));
  byName.delete(casefold(own));
  const found = [...byName.values()].filter((name) => fold(name).includes(wanted));
  const startsSo = (name: string) => fold(name).startsWith(wanted) ? 0 : 1;
  return found.sort((a, b) => startsSo(a) - startsSo(b));
}

function fold(name: string): string {
  return casefold(name).replace(/^#/, "");
}
