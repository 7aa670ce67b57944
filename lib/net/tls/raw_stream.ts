/** The socket under a TLS connection, as a stream for the platform's `node:tls`. */
import { Duplex } from "node:stream";
import { closeQuietly } from "../conn.ts";

/** Ciphertext is read in pieces: small ones while little comes, up to this size. A TLS record has at most 16 KiB. */
const READ_MIN_BYTES = 512;
const READ_MAX_BYTES = 64 * 1024;
/** With so many decrypted bytes unread, nothing is read from the socket: the network holds the peer back. */
const MAX_UNREAD_BYTES = 64 * 1024;
/**
 * Ciphertext in a row without a byte of data: twice the largest handshake message that the platform takes (64 KiB). Records
 * that carry nothing are legal (RFC 8446 §5.1), and cost work that no line limit sees.
 */
const MAX_EMPTY_BYTES = 128 * 1024;
/** First byte of a client's first record: "handshake" (RFC 8446 §5.1). */
const HANDSHAKE = 0x16;

/** The handshake, or a record after it, was not as TLS has it. */
export class TlsError extends Error {
  override readonly name = "TlsError";

  /** `code` is the platform's, where it gives one. */
  constructor(message: string, readonly code = "") {
    super(message);
  }
}

/** What came is no TLS record. */
export const NOT_TLS_CODE = "ERR_SSL_WRONG_VERSION_NUMBER";

/** The socket beneath, as the platform's `node:tls` wants it. One read and one write are under way at a time. */
export class RawStream extends Duplex {
  /** Bytes decrypted and not read. The platform (Deno 2.9.6) decrypts all that is pushed, at once and however much is unread. */
  unreadBytes: () => number = () => 0;
  /** Bytes of ciphertext that the network has taken. */
  taken = 0;
  #buffer = new Uint8Array(READ_MIN_BYTES);
  #lastLineFor: ((start: Uint8Array) => Uint8Array) | undefined;
  /** A read was asked for and waits until there is space. */
  #paused = false;
  /** Bytes read since the last that brought data. */
  #emptyBytes = 0;

  /** `goodbye` is what a peer gets to read that begins with `start`, which is no handshake. */
  constructor(readonly conn: Deno.Conn, goodbye?: (start: Uint8Array) => Uint8Array) {
    super();
    this.#lastLineFor = goodbye;
  }

  override _read(): void {
    if (this.unreadBytes() >= MAX_UNREAD_BYTES) this.#paused = true;
    else this.#fetch();
  }

  /** Something decrypted has been read: there may be space again. */
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
    const goodbye = this.#lastLineFor;
    this.#lastLineFor = undefined;
    if (goodbye !== undefined && this.#buffer[0] !== HANDSHAKE) {
      const end = () => this.destroy(new TlsError("no TLS was spoken", NOT_TLS_CODE));
      return void this.conn.write(goodbye(this.#buffer.subarray(0, length))).then(end, end);
    }
    const full = length === this.#buffer.length;
    const piece = this.#buffer.slice(0, length);
    if (full && length < READ_MAX_BYTES) this.#buffer = new Uint8Array(length * 4);
    else if (length * 16 < this.#buffer.length) this.#buffer = new Uint8Array(READ_MIN_BYTES);
    const before = this.unreadBytes();
    this.push(piece);
    // Beside a full buffer of unread bytes the platform decrypts nothing: what came then may well hold data.
    const isEmpty = this.readableLength === 0 && before < MAX_UNREAD_BYTES && this.unreadBytes() === before;
    this.#emptyBytes = isEmpty ? this.#emptyBytes + length : 0;
    if (this.#emptyBytes > MAX_EMPTY_BYTES) {
      this.destroy(new TlsError(`${MAX_EMPTY_BYTES} bytes of TLS came without data`));
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
    this.conn.closeWrite().then(() => done(), () => done()); // the peer was faster
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    closeQuietly(this.conn);
    done(error);
  }
}
