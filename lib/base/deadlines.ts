/**
 * A call that is due later unless it is cancelled. The platform's `setTimeout` takes 6 ms to load on first use (Deno
 * 2.9.6), a tenth of a whole `chatterbox send`. `AbortSignal.timeout` does not, but it cannot be cancelled; so one
 * signal at a time is pending, for the earliest deadline.
 */
interface Deadline {
  /** As `performance.now()`. */
  readonly at: number;
  readonly run: () => void;
}

const pendingDeadlines = new Set<Deadline>();
/** Time of the next check. */
let nextCheckAt = Infinity;

/** Calls `run` in `ms` milliseconds unless the returned function is called before. Keeps no process alive. */
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

/** Runs every deadline that is due. The time is `at` or a little later. */
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
    if (pendingDeadlines.delete(deadline)) deadline.run(); // a deadline that ran before may have cancelled it
  }
}
