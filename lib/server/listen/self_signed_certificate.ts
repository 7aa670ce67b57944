/**
 * Self-signed certificate of a server that has no other one. It is made once and kept in the data folder, so that
 * clients recognize the server by it.
 *
 *     <data dir>/tls/key.pem            private key, PKCS #8; file 0600, folder 0700
 *     <data dir>/tls/certificate.pem    valid for ten years
 */
import { DAY_MS } from "../../base/values/time_unit.ts";
import type { TlsIdentity } from "../../net/tls/tls_conn.ts";
import { replaceFile } from "../../store/disk/atomic_file.ts";
import { CERTIFICATE_FILE, CERTIFICATE_KEY_FILE } from "../../store/disk/data_dir.ts";
import type { CertificateFiles } from "../settings/tls_flags.ts";
import { describeUnusable } from "./certificate.ts";

const VALID_MS = 3650 * DAY_MS;
/** Margin for clients with slow clocks. */
const BACKDATED_MS = DAY_MS;

export type SelfSignedOutcome =
  | { readonly kind: "ok"; readonly files: CertificateFiles; readonly created: boolean }
  | { readonly kind: "bad"; readonly path: string; readonly why: string };

/**
 * The certificate in `dataDir`; if there is none, it is made for `hosts` (names and addresses). `now`: ms since the
 * epoch.
 */
export async function loadOrMakeSelfSigned(
  dataDir: string,
  hosts: readonly string[],
  now: number,
): Promise<SelfSignedOutcome> {
  const files = { cert: `${dataDir}/${CERTIFICATE_FILE}`, key: `${dataDir}/${CERTIFICATE_KEY_FILE}` };
  const folder = files.key.slice(0, files.key.lastIndexOf("/"));
  try {
    const [cert, key] = [await fileExists(files.cert), await fileExists(files.key)];
    if (cert && key) return { kind: "ok", files, created: false };
    if (cert) {
      const why =
        `its key (${files.key}) is missing; restore it, or remove the certificate so that a new one is made, ` +
        "which clients that know this one refuse until their users accept it";
      return { kind: "bad", path: files.cert, why };
    }
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    const made = await makeCertificate(hosts, now);
    replaceFile(files.key, made.key); // first: a key without a certificate is replaced at the next start
    replaceFile(files.cert, made.cert);
    return { kind: "ok", files, created: true };
  } catch (error) {
    return { kind: "bad", path: folder, why: describeUnusable(error) };
  }
}

/** A self-signed certificate for `hosts` and the loopback of this machine. */
export async function makeCertificate(hosts: readonly string[], now: number): Promise<TlsIdentity> {
  await import("reflect-metadata"); // a polyfill that the library below requires when it is loaded
  const x509 = await import("@peculiar/x509");
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const names = [...new Set(["localhost", "127.0.0.1", "::1", ...hosts])];
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [hosts[0] ?? "localhost"] }],
    notBefore: new Date(now - BACKDATED_MS),
    notAfter: new Date(now + VALID_MS),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isAddress(value) ? "ip" as const : "dns" as const, value })),
      ),
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ],
  });
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    cert: certificate.toString("pem") + "\n",
    key: x509.PemConverter.encode(key, "PRIVATE KEY") + "\n",
  };
}

function isAddress(host: string): boolean {
  return host.includes(":") || /^[\d.]+$/.test(host);
}

async function fileExists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
