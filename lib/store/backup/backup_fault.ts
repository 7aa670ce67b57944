/** Why a backup cannot be made, or not be restored. */
import { diskErrorText } from "../disk/disk_file.ts";

/**
 * `taken`: a folder is not empty, in use, or cannot be made. `io`: reading or writing failed. `unsound`: the files of
 * the server, or those of the backup, are damaged, not complete or of a newer version. `changing`: the server's files
 * changed meanwhile. `interrupted`: by the caller.
 */
export type BackupFaultKind = "taken" | "io" | "unsound" | "changing" | "interrupted";

export class BackupFault extends Error {
  override readonly name = "BackupFault";

  /** `isForeign`: the file is another program's, or another version's. */
  constructor(readonly kind: BackupFaultKind, why: string, readonly isForeign = false) {
    super(why);
  }
}

/** Runs `act`; an error of the disk becomes a {@link BackupFault} that names `path`. */
export async function withPath<T>(
  path: string,
  act: () => T | Promise<T>,
  kind: BackupFaultKind = "io",
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof BackupFault) throw error;
    const isMissing = error instanceof Deno.errors.NotFound;
    throw new BackupFault(kind, `${path}: ${isMissing ? "no such file" : diskErrorText(error)}`);
  }
}
