/** The server's TLS certificate: read from files, checked before use, and reloaded while the server runs. */
import { nodeModules } from "../../base/platform/node_modules.ts";
import { DAY_MS } from "../../base/values/time_unit.ts";
import { formatUtcSecond } from "../../base/values/timestamp.ts";
import { readSmallFile } from "../../cli/files/small_file.ts";
import type { Conn, TcpSocketConn } from "../../net/conn.ts";
import type { TlsIdentity } from "../../net/tls/tls_conn.ts";
import type { CertificateFiles } from "../settings/tls_flags.ts";

/**
 * Starts TLS on an accepted connection. Called once per connection, so that a reloaded certificate applies to later
 * ones.
 */
export type TlsWrapper = (conn: TcpSocketConn, onProxyHeader?: () => void) => Conn;

export interface LoadedCertificate extends TlsIdentity {
  /** Fingerprint of the server's own certificate: `SHA256:AB:CD:…`. */
  readonly fingerprint: string;
  /** Period of validity, milliseconds since the epoch. */
  readonly validFrom: number;
  readonly expiresAt: number;
}

export type CertificateOutcome =
  | { readonly kind: "ok"; readonly certificate: LoadedCertificate }
  /** `exposed`: other users can read the key. */
  | { readonly kind: "bad"; readonly path: string; readonly why: string; readonly exposed: boolean };

class ExposedKeyError extends Error {}

/** The server log warns this long before the certificate expires. */
const EXPIRES_SOON_MS = 14 * DAY_MS;
const PEM_CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
/** A certificate chain has a few KiB. */
const MAX_FILE_BYTES = 256 * 1024;

/** Reads both files and checks that the key belongs to the certificate. */
export async function readCertificate(files: CertificateFiles): Promise<CertificateOutcome> {
  let path = files.cert;
  try {
    const cert = await readPem(files.cert, false);
    const [own] = (cert.match(PEM_CERTIFICATES) ?? []).map((text) =>
      new nodeModules.crypto.X509Certificate(text)
    );
    if (own === undefined) return { kind: "bad", path, why: "it contains no certificate", exposed: false };
    path = files.key;
    const key = await readPem(files.key, true);
    // Throws the error that handshakes would fail with.
    Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key }).close();
    const fingerprint = `SHA256:${own.fingerprint256}`;
    const [validFrom, expiresAt] = [Date.parse(own.validFrom), Date.parse(own.validTo)];
    return { kind: "ok", certificate: { cert, key, fingerprint, validFrom, expiresAt } };
  } catch (error) {
    const why = describeUnusable(error);
    if (error instanceof ExposedKeyError) return { kind: "bad", path, why, exposed: true };
    const mismatch = why.includes("KeyMismatch");
    return {
      kind: "bad",
      path,
      exposed: false,
      why: mismatch ? `this is not the key of the certificate in ${files.cert}` : why,
    };
  }
}

async function readPem(path: string, isSecret: boolean): Promise<string> {
  const read = await readSmallFile(path, MAX_FILE_BYTES, isSecret);
  if (read.kind === "bad") {
    throw read.fault === "exposed" ? new ExposedKeyError(read.why) : new Error(read.why);
  }
  if (!read.text.includes("-----BEGIN ")) throw new TypeError("not PEM (-----BEGIN …)");
  return read.text;
}

export function describeUnusable(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "no such file";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return error instanceof Error ? error.message : String(error);
}

/**
 * Warning if the certificate is not valid now, or expires soon; undefined: neither. `now`: milliseconds since the
 * epoch.
 */
export function describeValidity(
  { validFrom, expiresAt }: LoadedCertificate,
  now: number,
): string | undefined {
  const clock = `the clock of this machine says ${formatUtcSecond(now)}`;
  if (now < validFrom) {
    return `the certificate is not valid before ${
      formatUtcSecond(validFrom)
    }, and ${clock}: clients refuse it or warn`;
  }
  if (now >= expiresAt) {
    return `the certificate has expired at ${
      formatUtcSecond(expiresAt)
    }, and ${clock}: clients refuse it or warn`;
  }
  return expiresAt - now > EXPIRES_SOON_MS
    ? undefined
    : `the certificate expires at ${formatUtcSecond(expiresAt)}`;
}

/** Starts TLS with the certificate in force. */
export class TlsAcceptor {
  readonly files: CertificateFiles;
  readonly #make: (identity: TlsIdentity) => TlsWrapper;
  #secure: TlsWrapper;
  certificate: LoadedCertificate;

  private constructor(
    files: CertificateFiles,
    certificate: LoadedCertificate,
    make: (identity: TlsIdentity) => TlsWrapper,
  ) {
    this.files = files;
    this.#make = make;
    this.certificate = certificate;
    this.#secure = make(certificate);
  }

  static async open(
    files: CertificateFiles,
  ): Promise<{ kind: "ok"; acceptor: TlsAcceptor } | CertificateOutcome & { kind: "bad" }> {
    const read = await readCertificate(files);
    if (read.kind === "bad") return read;
    const { makeTlsWrapper } = await import("../../net/tls/tls_conn.ts");
    return { kind: "ok", acceptor: new TlsAcceptor(files, read.certificate, makeTlsWrapper) };
  }

  /** Starts TLS on an accepted connection. */
  readonly wrap: TlsWrapper = (conn, onProxyHeader) => this.#secure(conn, onProxyHeader);

  /**
   * Rereads the files. Open connections are not affected; if a file is bad, the previous certificate stays in
   * force.
   */
  async reload(): Promise<CertificateOutcome> {
    const read = await readCertificate(this.files);
    if (read.kind === "ok") {
      this.certificate = read.certificate;
      this.#secure = this.#make(read.certificate);
    }
    return read;
  }
}
