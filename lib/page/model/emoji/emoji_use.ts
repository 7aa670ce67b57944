/** How often emoji are used. Pure. */

type Use = readonly [emoji: string, count: number];

/** Emoji that are counted: the one that is used least goes. */
export const MAX_COUNTED_EMOJI = 64;
/** Emoji that are offered first. */
const MAX_OFFERED_EMOJI = 16;

/** The uses in `kept`, which comes from a disk, the most frequent first. */
function parseUses(kept: unknown): Use[] {
  const isUse = (each: unknown): each is Use =>
    Array.isArray(each) && typeof each[0] === "string" && typeof each[1] === "number";
  return Array.isArray(kept) ? kept.filter(isUse).sort((a, b) => b[1] - a[1]) : [];
}

/** `kept` with one more use of `emoji`. */
export function countUse(kept: unknown, emoji: string): Use[] {
  const uses = parseUses(kept);
  const count = uses.find(([each]) => each === emoji)?.[1] ?? 0;
  // The newest one is never the one that goes.
  return [[emoji, count + 1] as const, ...uses.filter(([each]) => each !== emoji)].slice(
    0,
    MAX_COUNTED_EMOJI,
  );
}

export function listMostUsed(kept: unknown): string[] {
  return parseUses(kept).slice(0, MAX_OFFERED_EMOJI).map(([emoji]) => emoji);
}
