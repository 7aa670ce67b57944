/** What lines go over: a socket, or TLS over one. */
export interface Conn {
  /**
   * Into the beginning of `buffer`; how many bytes, or null at the end. 0: input has come, and there is nothing in it for
   * `buffer`; a connection over others tells so, in order that its reader can count it. Rejects when the connection breaks.
   */
  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null>;
  /** Where the protocol has frames: how many of them the last {@link read} has taken in, with or without text. */
  readonly frames?: number;
  /** How many of `bytes` were taken. Rejects when the connection breaks. */
  write(bytes: Uint8Array): Promise<number>;
  /** Bytes that the network has taken, where a write may be taken in several parts: shows whether it moves. */
  readonly taken?: number;
  /** How many copies of a write under way are held, in another form; none where left out. */
  readonly copies?: number;
  /** Tells the peer that nothing more will come. */
  closeWrite(): Promise<void>;
  /** At once; a read or write that waits is settled. */
  close(): void;
}

/** Closes `conn`, also when it is closed already. */
export function closeQuietly(conn: Pick<Conn, "close">): undefined {
  try {
    conn.close();
  } catch {
    // closed before
  }
}
