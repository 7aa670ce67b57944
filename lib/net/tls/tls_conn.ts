/**
 * TLS over a socket, on either side. The platform's `Deno.listenTls` and `Deno.connectTls` would be leaner, but a socket of
 * theirs can't be told not to wait for acknowledgements between small writes (each second line would come 40 ms late), a
 * listener of theirs has one certificate for its life, and a client of theirs is not shown the server's.
 *
 * Loaded where TLS is asked for only: the platform's `node:tls` takes 30 ms to load.
 */
import { Duplex } from "node:stream";
import * as tls from "node:tls";
import { encodeUtf8 } from "../../base/bytes.ts";
import { nextLoopIteration } from "../../base/event_loop.ts";
import { formatUtcSecond } from "../../base/timestamp.ts";
import type { Conn } from "../conn.ts";
import { isProxyHeaderStart } from "../proxy/proxy_header.ts";

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
/** RFC 8996: what is older is not safe. */
const MIN_VERSION = "TLSv1.2";

/** Certificate chain and private key, each as PEM. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

/** What a server has shown. */
export interface ServerCertificate {
  /** SHA-256 of the certificate (DER), as `AB:CD:…`. */
  readonly fingerprint: string;
  /** Why nobody that we trust vouches for it as that of the host we wanted, in a few words; undefined: somebody does. */
  readonly problem: string | undefined;
  /** By the clock of this machine it is not valid yet, or no more: that is the problem, whatever else may be. */
  readonly isOutOfTime?: boolean;
}

export type TlsOutcome =
  | { readonly kind: "secured"; readonly conn: TlsConn; readonly certificate: ServerCertificate }
  /** `speaksTls`: so far as is known; what answers may be something else altogether. */
  | { readonly kind: "failed"; readonly speaksTls: boolean; readonly why: string };

/** The handshake, or a record after it, was not as TLS has it. */
export class TlsError extends Error {
  override readonly name = "TlsError";

  /** `code` is the platform's, where it gives one. */
  constructor(message: string, readonly code = "") {
    super(message);
  }
}

/** What came is no TLS record. */
const NOT_TLS_CODE = "ERR_SSL_WRONG_VERSION_NUMBER";
const NOT_TLS_LAST_LINE = encodeUtf8("ERROR :Closing Link: this port speaks TLS\r\n");
const PROXY_HEADER_LAST_LINE = encodeUtf8(
  "ERROR :Closing Link: a PROXY header is taken from trusted proxies only: serve --trust-proxy ADDRESS\r\n",
);
/** First byte of a client's first record: "handshake" (RFC 8446 §5.1). */
const HANDSHAKE = 0x16;

/**
 * Serves TLS under `identity` on connections that were accepted; the handshake begins by itself. `onProxyHeader` is called where
 * a PROXY header came in its place.
 */
export function makeTlsWrapper(
  { cert, key }: TlsIdentity,
): (conn: Deno.TcpConn, onProxyHeader?: () => void) => TlsConn {
  const secureContext = tls.createSecureContext({ cert, key, minVersion: MIN_VERSION });
  return (conn, onProxyHeader) => {
    conn.setNoDelay(true);
    const raw = new RawStream(conn, (start) => {
      if (!isProxyHeaderStart(start)) return NOT_TLS_LAST_LINE;
      onProxyHeader?.();
      return PROXY_HEADER_LAST_LINE;
    });
    // What the types call a Socket may be any Duplex (https://nodejs.org/api/tls.html#new-tlstlssocketsocket-options).
    return new TlsConn(new tls.TLSSocket(raw as never, { isServer: true, secureContext }), raw);
  };
}

/**
 * TLS with a server at `host` over `conn`. Who the server is remains to be judged by the caller; that it has the key to its
 * certificate is certain. `ca` (PEM): who is trusted in place of those whom this machine trusts.
 */
export async function connectTls(
  conn: Deno.TcpConn,
  host: string,
  ca: string | undefined,
): Promise<TlsOutcome> {
  const raw = new RawStream(conn);
  const isName = !/^[\d.]+$|:/.test(host);
  const socket = tls.connect({
    socket: raw as never,
    host,
    servername: isName ? host : "", // RFC 6066 §3: "Literal IPv4 and IPv6 addresses are not permitted"
    rejectUnauthorized: false,
    minVersion: MIN_VERSION,
    ca: ca ?? trustedRoots(),
  });
  const secured = new TlsConn(socket, raw);
  const failure = await secured.handshake("secureConnect");
  if (failure !== undefined) {
    secured.close();
    const speaksTls = !(failure instanceof TlsError && failure.code === NOT_TLS_CODE);
    return {
      kind: "failed",
      speaksTls,
      why: speaksTls ? failure.message : "what answers there does not speak TLS",
    };
  }
  const shown = socket.getPeerCertificate(true);
  return {
    kind: "secured",
    conn: secured,
    certificate: {
      fingerprint: shown.fingerprint256,
      ...verifyServerCertificate(socket, host, shown, Date.now()),
    },
  };
}

/** The roots of this machine; where it has none, those that the platform brings along. */
function trustedRoots(): string[] | undefined {
  const system = tls.getCACertificates("system");
  return system.length > 0 ? system : undefined;
}

const PROBLEMS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed",
  ERR_TLS_CERT_ALTNAME_INVALID: "it is for another host",
};

/** Where the server's own certificate is valid, and one between it and the authority is not. */
const OUT_OF_TIME: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "one that it depends on has expired",
  CERT_NOT_YET_VALID: "one that it depends on is not valid yet",
};

/** What is wrong with what the server has shown, as of `now` (milliseconds since the epoch). */
function verifyServerCertificate(
  socket: tls.TLSSocket,
  host: string,
  shown: tls.PeerCertificate,
  now: number,
): Omit<ServerCertificate, "fingerprint"> {
  if (socket.authorized && tls.checkServerIdentity(host, shown) === undefined) return { problem: undefined };
  const said: unknown = socket.authorizationError ?? "ERR_TLS_CERT_ALTNAME_INVALID";
  const code = said instanceof Error && "code" in said ? String(said.code) : String(said);
  const [from, to] = [Date.parse(shown.valid_from), Date.parse(shown.valid_to)];
  const why = now < from
    ? `it is not valid before ${formatUtcSecond(from)}`
    : now > to
    ? `it expired at ${formatUtcSecond(to)}`
    : OUT_OF_TIME[code];
  if (why !== undefined) {
    return {
      problem: `${why}, and the clock of this machine says ${formatUtcSecond(now)}`,
      isOutOfTime: true,
    };
  }
  return { problem: PROBLEMS[code] ?? "nobody that is trusted here has signed it" };
}

/** Both ways end together: once the peer has said that nothing more will come, nothing can be written to it either. */
export class TlsConn implements Conn {
  /** What is written is encrypted at once, and waits as ciphertext. */
  readonly copies = 1;
  readonly #socket: tls.TLSSocket;
  readonly #raw: RawStream;
  #error: Error | undefined;
  #over = false;
  #wake: (() => void) | undefined;

  /** For {@link makeTlsWrapper} and {@link connectTls}. */
  constructor(socket: tls.TLSSocket, raw: RawStream) {
    this.#socket = socket;
    this.#raw = raw;
    const wake = () => this.#wake?.();
    const fail = (error: Error) => {
      this.#error ??= asTlsError(error);
      wake();
    };
    const end = () => {
      this.#over = true;
      wake();
    };
    raw.unreadBytes = () => socket.readableLength;
    socket.on("readable", wake).on("end", end).on("close", end).on("error", fail);
    raw.on("end", wake).on("close", end).on("error", fail);
  }

  /** Resolves once the handshake is done, or with why it can't be. */
  handshake(event: "secureConnect" | "secure"): Promise<Error | undefined> {
    return new Promise((resolve) => {
      this.#socket.once(event, () => {
        this.#wake = undefined;
        resolve(undefined);
      });
      this.#wake = () => {
        if (this.#error !== undefined || this.#over) {
          resolve(this.#error ?? new TlsError("the connection was closed within the handshake"));
        }
      };
    });
  }

  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    for (;;) {
      const length = Math.min(this.#socket.readableLength, buffer.length);
      const chunk: Uint8Array | null = this.#socket.read(length); // of 0: no more than the wish for more
      if (chunk !== null && length > 0) {
        buffer.set(chunk);
        this.#raw.resumeReading();
        return length;
      }
      if (this.#error !== undefined) throw this.#error;
      if (this.#over) return null;
      if (this.#raw.readableEnded) {
        // The platform (Deno 2.9.6) may keep the end to itself; what came before it, it hands over in this turn.
        await nextLoopIteration();
        if (this.#socket.readableLength > 0) continue;
        this.#over = true;
        continue;
      }
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = undefined;
    }
  }

  get taken(): number {
    return this.#raw.taken;
  }

  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => {
        if (error) reject(this.#error ?? asTlsError(error));
        else resolve(bytes.length);
      });
    });
  }

  closeWrite(): Promise<void> {
    return new Promise((resolve) => this.#socket.end(() => resolve()));
  }

  close(): void {
    this.#over = true;
    this.#socket.destroy();
    this.#raw.destroy();
    this.#wake?.();
  }
}

function asTlsError(error: Error): Error {
  if (error instanceof TlsError) return error;
  const code = "code" in error ? String(error.code) : "";
  return code.startsWith("ERR_SSL") || code.startsWith("ERR_TLS")
    ? new TlsError(`TLS failed (${code})`, code)
    : error;
}

/** The socket beneath, as the platform's `node:tls` wants it. One read and one write are under way at a time. */
class RawStream extends Duplex {
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
    try {
      this.conn.close();
    } catch {
      // closed before
    }
    done(error);
  }
}
