/** The sync worker on a slow disk: each fsync lasts until the file that the worker is named after can be locked. */
import "../../lib/store/sync/sync_worker.ts";

const gate = (globalThis as unknown as { name: string }).name;
const sync = Deno.FsFile.prototype.syncDataSync;

Deno.FsFile.prototype.syncDataSync = function () {
  using file = Deno.openSync(gate, { read: true, write: true });
  file.lockSync(true);
  sync.call(this);
};
