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

/** A file that cannot be used: for exit code 78. */
export interface UnusableFile {
  readonly path: string;
  readonly why: string;
}

export async function readClusterFiles(
  { caFile, certificate, user }: Pick<ClusterSettings, "caFile" | "certificate" | "user">,
): Promise<{ credentials: ClusterCredentials } | UnusableFile> {
  const [ca, cert, key] = [
    await readPem(caFile, false),
    await readPem(certificate?.cert, false),
    await readPem(certificate?.key, true),
  ];
  for (const read of [ca, cert, key]) if (read !== undefined && "why" in read) return read;
  const password = user && await readSecretFile(user.passwordFile);
  if (password?.kind === "bad") return { path: user!.passwordFile, why: password.why };
  return {
    credentials: {
      ...ca && "pem" in ca && { ca: ca.pem },
      ...cert && key && "pem" in cert && "pem" in key && { identity: { cert: cert.pem, key: key.pem } },
      ...user && password && { user: { name: user.name, password: password.secret } },
    },
  };
}

/** Settings that name the files. */
export const CLUSTER_FILE_SETTINGS = [
  "cluster-ca",
  "cluster-cert",
  "cluster-key",
  "cluster-password-file",
] as const;

type ClusterFileSetting = (typeof CLUSTER_FILE_SETTINGS)[number];

/** What is wrong with the file that `setting` names; undefined: nothing. */
export async function findUnusable(
  setting: ClusterFileSetting,
  path: string,
): Promise<UnusableFile | undefined> {
  if (setting !== "cluster-password-file") {
    const read = await readPem(path, setting === "cluster-key");
    return read !== undefined && "why" in read ? read : undefined;
  }
  const read = await readSecretFile(path);
  return read.kind === "bad" ? { path, why: read.why } : undefined;
}

async function readPem(
  path: string | undefined,
  isSecret: boolean,
): Promise<{ pem: string } | UnusableFile | undefined> {
  if (path === undefined) return undefined;
  const read = await readSmallFile(path, MAX_PEM_BYTES, isSecret);
  if (read.kind === "bad") return { path, why: read.why };
  if (!read.text.includes("-----BEGIN ")) return { path, why: "not PEM (-----BEGIN …)" };
  return { pem: read.text };
}
