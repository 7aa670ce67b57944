/**
 * What is to happen later unless it is called off. The platform's `setTimeout` takes 6 ms to load when it is first used (Deno
 * 2.9.6), a tenth of a whole `chatterbox send`; `AbortSignal.timeout` does not, but it can't be called off: there is one of them at
 * a time, for what comes first.
 */
interface Deadline {
  /** As `performance.now()`. */
  readonly at: number;
  readonly run: () => void;
}

const pendingDeadlines = new Set<Deadline>();
/** When the next look is. */
let nextCheckAt = Infinity;

/** Calls `run` in `ms` milliseconds, unless the answer is called before. Keeps no process alive. */
export function callAfter(ms: number, run: () => void): () => void {
  const deadline = { at: performance.now() + ms, run };
  pendingDeadlines.add(deadline);
  scheduleCheck(deadline.at);
  return () => void pendingDeadlines.delete(deadline);
}

function scheduleCheck(at: number): void {
  if (at >= nextCheckAt) return;
  nextCheckAt = at;
  const ms = Math.max(0, Math.ceil(at - performance.now()));
  AbortSignal.timeout(ms).addEventListener("abort", () => runDueDeadlines(at));
}

/** It is `at` now, or a little later. */
function runDueDeadlines(at: number): void {
  if (nextCheckAt === at) nextCheckAt = Infinity;
  const now = Math.max(at, performance.now());
  const due = [...pendingDeadlines].filter((deadline) => deadline.at <= now).sort((a, b) => a.at - b.at);
  const soonest = [...pendingDeadlines].reduce(
    (first, { at }) => at > now ? Math.min(first, at) : first,
    Infinity,
  );
  if (soonest < Infinity) scheduleCheck(soonest);
  for (const deadline of due) {
    if (pendingDeadlines.delete(deadline)) deadline.run(); // one before it may have called it off
  }
}
