/** The files with which a node shows etcd that it may store there. They are read once, at the start. */
import { readSecretFile } from "../../cli/files/secret_file.ts";
import { readSmallFile } from "../../cli/files/small_file.ts";
import type { TlsIdentity } from "../../net/tls/tls_conn.ts";
import type { ClusterSettings } from "./cluster_flags.ts";

/** A chain of certificates has a few KiB. */
const MAX_PEM_BYTES = 256 * 1024;

export interface ClusterCredentials {
  /** PEM of the authorities to trust; undefined: those that this machine trusts. */
  readonly ca?: string;
  /** Certificate and key of this node. */
  readonly identity?: TlsIdentity;
  readonly user?: { readonly name: string; readonly password: string };
}

/** `why`: with the path, for exit code 78. */
export async function readClusterFiles(
  { caFile, certificate, user }: Pick<ClusterSettings, "caFile" | "certificate" | "user">,
): Promise<{ credentials: ClusterCredentials } | { why: string }> {
  const [ca, cert, key] = [
    await readPem(caFile, false),
    await readPem(certificate?.cert, false),
    await readPem(certificate?.key, true),
  ];
  for (const read of [ca, cert, key]) if (read !== undefined && "why" in read) return read;
  const password = user && await readSecretFile(user.passwordFile);
  if (password?.kind === "bad") return { why: `${user!.passwordFile}: ${password.why}` };
  return {
    credentials: {
      ...ca && "pem" in ca && { ca: ca.pem },
      ...cert && key && "pem" in cert && "pem" in key && { identity: { cert: cert.pem, key: key.pem } },
      ...user && password && { user: { name: user.name, password: password.secret } },
    },
  };
}

async function readPem(
  path: string | undefined,
  isSecret: boolean,
): Promise<{ pem: string } | { why: string } | undefined> {
  if (path === undefined) return undefined;
  const read = await readSmallFile(path, MAX_PEM_BYTES, isSecret);
  if (read.kind === "bad") return { why: `${path}: ${read.why}` };
  if (!read.text.includes("-----BEGIN ")) return { why: `${path}: not PEM (-----BEGIN …)` };
  return { pem: read.text };
}
