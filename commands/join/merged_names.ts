/** Merges lists of names (of users or rooms) that several processes change. Pure. */
import { casefold } from "../../lib/irc/names/casemap.ts";

/**
 * What is in `kept` after the change from `before` to `now`, of a process that has never seen what others have made of
 * `kept`: in the order of `now`, with what others have added behind it, and without what they have removed.
 */
export function mergeNames(
  before: readonly string[],
  now: readonly string[],
  kept: readonly string[],
): readonly string[] {
  const [ours, present, theirs] = [before, now, kept].map((names) => new Set(names.map(casefold)));
  const isRemoved = (name: string) => ours!.has(casefold(name)) && !theirs!.has(casefold(name));
  const isAdded = (name: string) => !ours!.has(casefold(name)) && !present!.has(casefold(name));
  return [...now.filter((name) => !isRemoved(name)), ...kept.filter(isAdded)];
}
