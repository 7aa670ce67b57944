/** The archive cannot be read, or not to its end; the message says why. */
export class UnreadableArchive extends Error {
  override readonly name = "UnreadableArchive";
}
