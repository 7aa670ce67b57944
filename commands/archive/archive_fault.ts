/** Why an action of `chatterbox archive` has failed. */

/**
 * `none`: there is no archive. `taken`: a server uses the data folder, or it cannot be locked. `damaged`: the archive. `unsound`: a file is
 * malformed, or for something else. `no_room`: the archive has no such room. `io`: a file cannot be read or written. `stopped`: by a signal, or
 * because nothing reads the output any more.
 */
export type ArchiveFaultKind = "none" | "taken" | "damaged" | "unsound" | "no_room" | "io" | "stopped";

export class ArchiveFault extends Error {
  override readonly name = "ArchiveFault";

  constructor(readonly kind: ArchiveFaultKind, message: string) {
    super(message);
  }
}
