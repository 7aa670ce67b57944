/** The archive as `serve` runs it. */
import { nodeModules } from "../../lib/base/platform/node_modules.ts";
import { formatSize } from "../../lib/base/values/size.ts";
import { archiveBytes } from "../../lib/store/archive/archive_files.ts";
import { ArchiveService } from "../../lib/server/archive/archive_service.ts";
import type { ArchiveServiceOptions } from "../../lib/server/archive/archive_service.ts";
import type { ServerLog } from "../../lib/server/server_log.ts";
import { defaultArchiveBounds } from "../../lib/server/settings/archive_flags.ts";
import type { ServeSettings } from "../../lib/server/settings/settings.ts";
import type { Storage } from "../../lib/server/storage.ts";

/** The archive of the data folder, not started yet; undefined: `--archive off`. */
export function makeArchive(
  { archive }: Pick<ServeSettings, "archive">,
  storage: Pick<Storage, "ring" | "archivePath" | "logId" | "makeDurable">,
  log: ServerLog,
  hooks: Pick<ArchiveServiceOptions, "tellOperators" | "onOrdered">,
): ArchiveService | undefined {
  const { ring, archivePath: path, logId } = storage;
  if (archive === "off") {
    const bytes = archiveBytes(path);
    const text = `--archive off: ${path} (${formatSize(bytes)}) is neither written nor read`;
    if (bytes > 0) log.info("archive", text, { path });
    return undefined;
  }
  // What the archive has taken already counts as free, so that the bound stays the same from start to start.
  const bounds = archive === "default" ? defaultArchiveBounds(spaceFor(path)) : archive;
  const sync = () => storage.makeDurable();
  return new ArchiveService({ ring, path, logId, bounds, log, sync, ...hooks });
}

/** Bytes that the archive could take; undefined: that is unknown. */
function spaceFor(path: string): number | undefined {
  try {
    const { bavail, bsize } = nodeModules.fs.statfsSync(path.slice(0, path.lastIndexOf("/")));
    return bavail * bsize + archiveBytes(path);
  } catch {
    return undefined;
  }
}
