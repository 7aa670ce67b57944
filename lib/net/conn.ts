/** A byte stream that carries lines: a socket, or TLS or WebSocket over one. */
export interface Conn {
  /**
   * Reads into the start of `buffer`; resolves with the number of bytes, or null at the end. 0: input arrived but
   * held no bytes for `buffer`; a connection over another one reports it so that its reader can count it. Rejects if
   * the connection breaks.
   */
  read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null>;
  /** For protocols with frames: number of frames that the last {@link read} consumed, with or without text. */
  readonly frames?: number;
  /** Resolves with the number of accepted bytes. Rejects if the connection breaks. */
  write(bytes: Uint8Array): Promise<number>;
  /** Bytes accepted by the network, for connections that pass a write on in parts: shows its progress. */
  readonly taken?: number;
  /** Number of copies, in another form, held of a write in progress; absent: none. */
  readonly copies?: number;
  /** Tells the peer that nothing more will be sent. */
  closeWrite(): Promise<void>;
  /** Closes at once; pending reads and writes settle. */
  close(): void;
}

/** What connections of the platform and those of a passed socket have in common. */
export interface SocketConn extends Conn {
  readonly localAddr: Deno.Addr;
  readonly remoteAddr: Deno.Addr;
}

/** A TCP connection. */
export interface TcpSocketConn extends SocketConn {
  /** A write does not wait until the peer has acknowledged the one before. */
  setNoDelay(noDelay?: boolean): void;
}

/** A listener of the platform, or on a passed socket. */
export interface SocketListener {
  /** Rejects with `BadResource` or `Interrupted` once the listener is closed. */
  accept(): Promise<SocketConn>;
  close(): void;
}

/** Closes `conn` even if it is closed already. */
export function closeQuietly(conn: Pick<Conn, "close">): undefined {
  try {
    conn.close();
  } catch {
    // already closed
  }
}

/** Writes `bytes` to the end. Rejects if the connection breaks. */
export async function writeAll(conn: Pick<Conn, "write">, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
}
