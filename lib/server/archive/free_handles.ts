/**
 * Whether a worker can be started. The runtime needs some file handles for it, and where there are none the whole
 * process ends (Deno 2.9 panics), so at the limit of `ulimit -n` none is started.
 */

/** A worker takes 7, and while it starts some connections may be accepted. */
const WORKER_HANDLES = 24;

/** Whether so many more files can be opened; `path` is one that can be read. */
export function canStartWorker(path: string, handles = WORKER_HANDLES): boolean {
  const open: Deno.FsFile[] = [];
  try {
    while (open.length < handles) open.push(Deno.openSync(path, { read: true }));
    return true;
  } catch (error) {
    // Windows opens no folder, but has no such limit.
    return !/os error (24|23|10024)\b/.test(String(error)); // as in net/listener.ts
  } finally {
    for (const file of open) file.close();
  }
}
