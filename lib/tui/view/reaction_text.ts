/** The reactions to a message, behind its text: `👍 2  🎉 alice`. Pure. */
import { casefold } from "../../irc/names/casemap.ts";
import { toPrintableText } from "../../base/printable_text.ts";
import { makeDim } from "./spans.ts";
import type { StyledSpan } from "./styled_line.ts";

/** Different reactions that are shown behind a message; what is new beyond them has a line of its own. */
export const MAX_SHOWN_REACTIONS = 8;
/** People kept of one reaction. */
export const MAX_REACTING_PEOPLE = 1000;

/** The nicks of the people, by folded nick, for each reaction. */
export type ReactionCounts = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** `counts` with a reaction more, or less; undefined: there are too many, or it takes back what is not there. */
export function countReaction(
  counts: ReactionCounts,
  { from, text, removed }: { readonly from: string; readonly text: string; readonly removed: boolean },
): ReactionCounts | undefined {
  const people = new Map(counts.get(text));
  if (removed && !people.delete(casefold(from))) return undefined;
  if (!removed) people.set(casefold(from), from);
  if (people.size > MAX_REACTING_PEOPLE) return undefined;
  const changed = new Map(counts);
  if (people.size === 0) changed.delete(text);
  else changed.set(text, people);
  return changed.size > MAX_SHOWN_REACTIONS ? undefined : changed;
}

export function renderReactions(counts: ReactionCounts = new Map()): StyledSpan[] {
  return [...counts].map(([text, people]) => {
    const [first = ""] = people.values();
    const who = people.size === 1 ? first : String(people.size);
    return makeDim(`  ${toPrintableText(text)} ${toPrintableText(who)}`);
  });
}
