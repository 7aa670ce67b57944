/** The sync worker, with a bug in its way as soon as the file exists that it is named after. */
import "../../lib/store/sync/sync_worker.ts";

const bug = (globalThis as unknown as { name: string }).name;
const write = Deno.FsFile.prototype.writeSync;

Deno.FsFile.prototype.writeSync = function (bytes) {
  let there = true;
  try {
    Deno.statSync(bug);
  } catch {
    there = false;
  }
  if (there) throw new TypeError("a bug in the worker");
  return write.call(this, bytes);
};
