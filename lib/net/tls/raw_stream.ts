/** The socket under a TLS connection, as a stream for the platform's `node:tls`. */
import { Duplex } from "node:stream";
import { closeQuietly, type Conn } from "../conn.ts";

/**
 * Bounds of a read of ciphertext: small while little arrives, up to the larger size. A TLS record has at most 16 KiB.
 */
const READ_MIN_BYTES = 512;
const READ_MAX_BYTES = 64 * 1024;
/** With this many decrypted bytes unread, reading from the socket stops, and the network holds the peer back. */
const MAX_UNREAD_BYTES = 64 * 1024;
/**
 * Bound on consecutive ciphertext without data: twice the largest handshake message that the platform accepts (64
 * KiB). Records without data are legal (RFC 8446 §5.1), and cost work that no line limit counts.
 */
const MAX_EMPTY_BYTES = 128 * 1024;
/** First byte of a client's first record: "handshake" (RFC 8446 §5.1). */
const HANDSHAKE = 0x16;

/** The handshake, or a record after it, violates TLS. */
export class TlsError extends Error {
  override readonly name = "TlsError";

  /** `code`: of the platform, if it gives one. */
  constructor(message: string, readonly code = "") {
    super(message);
  }
}

/** The input is not a TLS record. */
export const NOT_TLS_CODE = "ERR_SSL_WRONG_VERSION_NUMBER";

/**
 * The socket as a Duplex stream, in the form that `node:tls` needs. At most one read and one write are in progress.
 */
export class RawStream extends Duplex {
  /**
   * Decrypted bytes that are unread. The platform (Deno 2.9.6) decrypts at once everything that is pushed, however
   * much is unread.
   */
  unreadBytes: () => number = () => 0;
  /** Bytes of ciphertext accepted by the network. */
  taken = 0;
  #buffer = new Uint8Array(READ_MIN_BYTES);
  #lastLineFor: ((start: Uint8Array) => Uint8Array) | undefined;
  /** A read was requested and waits for space. */
  #paused = false;
  /** Bytes read since the last ones that contained data. */
  #emptyBytes = 0;

  /** `lastLineFor`: the reply to a peer that begins with `start`, which is not a handshake. */
  constructor(readonly conn: Conn, lastLineFor?: (start: Uint8Array) => Uint8Array) {
    super();
    this.#lastLineFor = lastLineFor;
  }

  override _read(): void {
    if (this.unreadBytes() >= MAX_UNREAD_BYTES) this.#paused = true;
    else this.#fetch();
  }

  /** To be called after decrypted bytes were read: there may be space again. */
  resumeReading(): void {
    if (!this.#paused || this.unreadBytes() >= MAX_UNREAD_BYTES) return;
    this.#paused = false;
    this.#fetch();
  }

  #fetch(): void {
    this.conn.read(this.#buffer).then((length) => this.#handleRead(length), (error) => this.destroy(error));
  }

  #handleRead(length: number | null): void {
    if (length === null) return void this.push(null);
    const lastLineFor = this.#lastLineFor;
    this.#lastLineFor = undefined;
    if (lastLineFor !== undefined && this.#buffer[0] !== HANDSHAKE) {
      const end = () => this.destroy(new TlsError("the peer does not speak TLS", NOT_TLS_CODE));
      return void this.conn.write(lastLineFor(this.#buffer.subarray(0, length))).then(end, end);
    }
    const full = length === this.#buffer.length;
    const piece = this.#buffer.slice(0, length);
    if (full && length < READ_MAX_BYTES) this.#buffer = new Uint8Array(length * 4);
    else if (length * 16 < this.#buffer.length) this.#buffer = new Uint8Array(READ_MIN_BYTES);
    const before = this.unreadBytes();
    this.push(piece);
    // With a full buffer of unread bytes the platform decrypts nothing, so this input may contain data.
    const isEmpty = this.readableLength === 0 && before < MAX_UNREAD_BYTES && this.unreadBytes() === before;
    this.#emptyBytes = isEmpty ? this.#emptyBytes + length : 0;
    if (this.#emptyBytes > MAX_EMPTY_BYTES) {
      this.destroy(new TlsError(`${MAX_EMPTY_BYTES} bytes of TLS without data`));
    }
  }

  override _write(bytes: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    this.conn.write(bytes).then((length) => {
      this.taken += length;
      if (length === bytes.length) done();
      else this._write(bytes.subarray(length), "", done);
    }, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.conn.closeWrite().then(() => done(), () => done()); // the peer closed first
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    closeQuietly(this.conn);
    done(error);
  }
}
