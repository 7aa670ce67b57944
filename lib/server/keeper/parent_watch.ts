/** Notices the end of the process that started this one, by SIGKILL too: then another process is the parent. */

/** Interval between looks at the parent. */
const PARENT_CHECK_MS = 500;

/** Calls `onEnded` once the parent is not `parent` any more. Returns a function that ends the watch. */
export function watchParent(parent: number, onEnded: () => void): () => void {
  const timer = setInterval(() => {
    if (Deno.ppid === parent) return;
    clearInterval(timer);
    onEnded();
  }, PARENT_CHECK_MS);
  return () => clearInterval(timer);
}
