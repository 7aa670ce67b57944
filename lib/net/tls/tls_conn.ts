/**
 * TLS over a socket, on either side. The platform's `Deno.listenTls` and `Deno.connectTls` would be leaner, but a socket of
 * theirs can't be told not to wait for acknowledgements between small writes (each second line would come 40 ms late), a
 * listener of theirs has one certificate for its life, and a client of theirs is not shown the server's.
 *
 * Loaded where TLS is asked for only: the platform's `node:tls` takes 30 ms to load.
 */
import * as tls from "node:tls";
import { encodeUtf8 } from "../../base/bytes.ts";
import { nextLoopIteration } from "../../base/event_loop.ts";
import type { Conn } from "../conn.ts";
import { isProxyHeaderStart } from "../proxy/proxy_header.ts";
import { NOT_TLS_CODE, RawStream, TlsError } from "./raw_stream.ts";
import { type ServerCertificate, verifyServerCertificate } from "./server_certificate.ts";

/** RFC 8996: what is older is not safe. */
const MIN_VERSION = "TLSv1.2";

/** Certificate chain and private key, each as PEM. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

export type TlsOutcome =
  | { readonly kind: "secured"; readonly conn: TlsConn; readonly certificate: ServerCertificate }
  /** `speaksTls`: so far as is known; what answers may be something else altogether. */
  | { readonly kind: "failed"; readonly speaksTls: boolean; readonly why: string };

const NOT_TLS_LAST_LINE = encodeUtf8("ERROR :Closing Link: this port speaks TLS\r\n");
const PROXY_HEADER_LAST_LINE = encodeUtf8(
  "ERROR :Closing Link: a PROXY header is taken from trusted proxies only: serve --trust-proxy ADDRESS\r\n",
);

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
