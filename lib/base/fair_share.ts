/**
 * Max-min fair sharing: a budget is divided so that no demand gets less because another one is larger.
 * https://en.wikipedia.org/wiki/Max-min_fairness
 */

/** The largest level for which the sum of `min(demand, level)` is at most `budget`; Infinity if all demands fit. */
export function fairLevel(demands: readonly number[], budget: number): number {
  let left = budget;
  const sorted = Float64Array.from(demands).sort();
  for (let at = 0; at < sorted.length; at++) {
    const demand = sorted[at]!;
    const level = left / (sorted.length - at);
    if (demand > level) return Math.max(0, level);
    left -= demand;
  }
  return Infinity;
}
