/** What lines go over: a socket, or TLS over one. */
export interface Conn {
  /** Into the beginning of `buffer`; how many bytes, or null at the end. Rejects when the connection breaks. */
  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null>;
  /** How many of `bytes` were taken. Rejects when the connection breaks. */
  write(bytes: Uint8Array): Promise<number>;
  /** Tells the peer that nothing more will come. */
  closeWrite(): Promise<void>;
  /** At once; a read or write that waits is settled. */
  close(): void;
}
