/**
 * TLS over a socket, for server and client. `Deno.listenTls` and `Deno.connectTls` would need less code, but their
 * sockets cannot turn off waiting for acknowledgements between small writes (every second line would be 40 ms late),
 * their listener has one certificate for its lifetime, and their client cannot see the server's certificate.
 *
 * Load it only where TLS is used: the platform's `node:tls` takes 30 ms to load.
 */
import * as tls from "node:tls";
import { encodeUtf8 } from "../../base/bytes.ts";
import { nextLoopIteration } from "../../base/event_loop.ts";
import type { Conn, TcpSocketConn } from "../conn.ts";
import { isProxyHeaderStart } from "../proxy/proxy_header.ts";
import { NOT_TLS_CODE, RawStream, TlsError } from "./raw_stream.ts";
import { type ServerCertificate, verifyServerCertificate } from "./server_certificate.ts";

/** RFC 8996: older versions are not secure. */
const MIN_VERSION = "TLSv1.2";

/** Certificate chain and private key, each as PEM. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

export type TlsOutcome =
  | { readonly kind: "secured"; readonly conn: TlsConn; readonly certificate: ServerCertificate }
  /** `speaksTls`: as far as is known; false if the peer is not a TLS server. */
  | { readonly kind: "failed"; readonly speaksTls: boolean; readonly why: string };

const NOT_TLS_LAST_LINE = encodeUtf8("ERROR :Closing Link: this port speaks TLS\r\n");
const PROXY_HEADER_LAST_LINE = encodeUtf8(
  "ERROR :Closing Link: PROXY headers are accepted from trusted proxies only: serve --trust-proxy ADDRESS\r\n",
);

/**
 * Returns a function that serves TLS under `identity` on accepted connections; the handshake starts by itself.
 * `onProxyHeader` is called if a PROXY header arrives in place of the handshake.
 */
export function makeTlsWrapper(
  { cert, key }: TlsIdentity,
): (conn: TcpSocketConn, onProxyHeader?: () => void) => TlsConn {
  const secureContext = tls.createSecureContext({ cert, key, minVersion: MIN_VERSION });
  return (conn, onProxyHeader) => {
    conn.setNoDelay(true);
    const raw = new RawStream(conn, (start) => {
      if (!isProxyHeaderStart(start)) return NOT_TLS_LAST_LINE;
      onProxyHeader?.();
      return PROXY_HEADER_LAST_LINE;
    });
    // Despite its type, the socket may be any Duplex
    // (https://nodejs.org/api/tls.html#new-tlstlssocketsocket-options).
    return new TlsConn(new tls.TLSSocket(raw as never, { isServer: true, secureContext }), raw);
  };
}

/**
 * Connects with TLS to a server at `host` over `conn`. It is certain that the server has the key to its certificate;
 * the caller decides whether to trust the certificate. `ca` (PEM): trusted authorities in place of this machine's.
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
      why: speaksTls ? failure.message : "the server does not speak TLS",
    };
  }
  const shown = socket.getPeerCertificate(true);
  return {
    kind: "secured",
    conn: secured,
    certificate: {
      fingerprint: shown.fingerprint256,
      expiresAt: Date.parse(shown.valid_to),
      ...verifyServerCertificate(socket, host, shown, Date.now()),
    },
  };
}

/** The root certificates of this machine, or the platform's own if it has none. */
function trustedRoots(): string[] | undefined {
  const system = tls.getCACertificates("system");
  return system.length > 0 ? system : undefined;
}

/** Both directions end together: after the peer has ended its side, nothing can be written to it either. */
class TlsConn implements Conn {
  /** Written bytes are encrypted at once and wait as ciphertext. */
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

  /** Resolves once the handshake is complete, with the reason if it failed. */
  handshake(event: "secureConnect" | "secure"): Promise<Error | undefined> {
    return new Promise((resolve) => {
      this.#socket.once(event, () => {
        this.#wake = undefined;
        resolve(undefined);
      });
      this.#wake = () => {
        if (this.#error !== undefined || this.#over) {
          resolve(this.#error ?? new TlsError("the connection was closed during the handshake"));
        }
      };
    });
  }

  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    for (;;) {
      const length = Math.min(this.#socket.readableLength, buffer.length);
      const chunk: Uint8Array | null = this.#socket.read(length); // a length of 0 only requests more
      if (chunk !== null && length > 0) {
        buffer.set(chunk);
        this.#raw.resumeReading();
        return length;
      }
      if (this.#error !== undefined) throw this.#error;
      if (this.#over) return null;
      if (this.#raw.readableEnded) {
        // The platform (Deno 2.9.6) may not report the end; data before it is delivered in this turn.
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
