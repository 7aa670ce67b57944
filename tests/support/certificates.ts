/** Certificates for tests, made when they are needed: by themselves, or by an authority that nobody knows. */
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { DAY_MS } from "../../lib/base/values/time_unit.ts";
import type { TlsIdentity } from "../../lib/net/tls/tls_conn.ts";
import { makeCertificate } from "../../lib/server/listen/self_signed_certificate.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** One for this machine's loopback. */
export function selfSigned(now = Date.now()): Promise<TlsIdentity> {
  return makeCertificate([], now);
}

/** An authority; `issue` gives a certificate for `host` that ends `days` from now, and begins `begins` days from now. */
export class Authority {
  private constructor(readonly cert: x509.X509Certificate, readonly keys: CryptoKeyPair) {}

  static async create(): Promise<Authority> {
    const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    const cert = await x509.X509CertificateGenerator.createSelfSigned({
      name: "CN=authority of a test",
      ...times(365),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
    });
    return new Authority(cert, keys);
  }

  /** Its own certificate, PEM. */
  get pem(): string {
    return this.cert.toString("pem");
  }

  async issue(host: string, days = 365, begins = -400): Promise<TlsIdentity> {
    const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    const type = /^[\d.]+$/.test(host) ? "ip" as const : "dns" as const;
    const cert = await x509.X509CertificateGenerator.create({
      subject: `CN=${host}`,
      issuer: this.cert.subject,
      ...times(days, begins),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey: this.keys.privateKey,
      extensions: [new x509.SubjectAlternativeNameExtension([{ type, value: host }])],
    });
    const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
    return { cert: cert.toString("pem"), key: x509.PemConverter.encode(key, "PRIVATE KEY") };
  }
}

function times(days: number, begins = -400): { notBefore: Date; notAfter: Date } {
  return {
    notBefore: new Date(Date.now() + begins * DAY_MS),
    notAfter: new Date(Date.now() + days * DAY_MS),
  };
}

/** Writes a certificate for 127.0.0.1, of an authority of its own, to two files in `folder`; `flags`: of `serve`. */
export async function writeCertificate(
  folder: string,
): Promise<{ authority: Authority; identity: TlsIdentity; flags: string[] }> {
  const authority = await Authority.create();
  const identity = await authority.issue("127.0.0.1");
  const [cert, key] = [`${folder}/cert.pem`, `${folder}/key.pem`] as const;
  await Deno.writeTextFile(cert, identity.cert);
  await Deno.writeTextFile(key, identity.key, { mode: 0o600 });
  return { authority, identity, flags: ["--tls-cert", cert, "--tls-key", key] };
}
