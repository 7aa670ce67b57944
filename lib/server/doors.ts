/** Opens all that a server listens on, and tells whoever runs it what the doors are worth. */
import { formatAddress, isLoopback } from "../net/address.ts";
import type { Address } from "../net/address.ts";
import { expiryWords, TlsDoor } from "./certificate.ts";
import type { CertificateFiles } from "./certificate.ts";
import type { ServerLog } from "./server_log.ts";
import type { ChatServer } from "./server.ts";
import type { ServeSettings } from "./settings.ts";

export type TlsOutcome =
  | { readonly kind: "ok"; readonly door: TlsDoor }
  | { readonly kind: "bad"; readonly path: string; readonly why: string };

/** The certificate that `settings` ask for, if they do; its fingerprint is told. `now`: milliseconds since the epoch. */
export async function openTls(
  { tls, dataDir, addresses, serverName }: ServeSettings,
  log: ServerLog,
  now: number,
): Promise<TlsOutcome | undefined> {
  if (tls === undefined) return undefined;
  let files: CertificateFiles;
  if (tls.certificate === "self_signed") {
    const { selfSigned } = await import("./self_signed.ts");
    const made = await selfSigned(dataDir, hostsOf(addresses, serverName), now);
    if (made.kind === "bad") return made;
    if (made.created) {
      log.info("certificate_made", `certificate made, self-signed: ${made.files.cert}`, {
        path: made.files.cert,
      });
    }
    files = made.files;
  } else files = tls.certificate;
  const opened = await TlsDoor.open(files);
  if (opened.kind === "ok") tellCertificate(opened.door, log, now);
  return opened;
}

/** What a self-signed certificate is to be for, beside this machine's loopback. */
function hostsOf(addresses: readonly Address[], serverName: string): string[] {
  const given = addresses.flatMap((address) =>
    address.kind === "tls" && !isAnywhere(address.host) ? [address.host.replace(/%.*$/, "")] : []
  );
  return [Deno.hostname(), serverName, ...given].filter((host) => /^[\w.:-]+$/.test(host));
}

function tellCertificate(
  { certificate: { fingerprint }, certificate }: TlsDoor,
  log: ServerLog,
  now: number,
) {
  log.info("certificate", `certificate ${fingerprint}`, { fingerprint });
  const words = expiryWords(certificate, now);
  if (words !== undefined) log.warning("certificate_expiry", words, { expires: certificate.expiresAt });
}

/** Reads the certificate again, for whoever comes from now on; a bad one is told and not taken. */
export async function rereadTls(door: TlsDoor, log: ServerLog, now: number): Promise<void> {
  const read = await door.reread();
  if (read.kind === "ok") tellCertificate(door, log, now);
  else log.warning("reread", `${read.path}: ${read.why}; the old certificate stays`, { path: read.path });
}

/** Listens everywhere, or says where that is not possible. Answers the addresses in the order of the settings. */
export async function openDoors(
  server: ChatServer,
  { addresses, passwordFile, accounts, tls }: ServeSettings,
  door: TlsDoor | undefined,
  log: ServerLog,
): Promise<{ open: Address[] } | { why: string }> {
  const open: Address[] = [];
  for (const wanted of addresses) {
    const outcome = await server.listen(wanted, wanted.kind === "tls" ? door?.secure : undefined);
    if (outcome.kind === "failed") return outcome;
    const address = formatAddress(outcome.address);
    log.info("listening", `listening on ${address}`, { address });
    const exposed = exposure(outcome.address, passwordFile !== undefined || accounts === "required");
    if (exposed !== undefined) log.warning("exposed", exposed, { address });
    open.push(outcome.address);
  }
  const secure = open.find((address) => address.kind === "tls");
  if (tls?.stsSeconds !== undefined && secure !== undefined) {
    server.hub.config.sts = { port: secure.port, seconds: tls.stsSeconds };
  }
  return { open };
}

/** What others on the network can do at a door without TLS, and how to keep them from it; undefined: nothing. */
function exposure(address: Address, guarded: boolean): string | undefined {
  if (address.kind !== "tcp" || isLoopback(address.host)) return undefined;
  const where = formatAddress(address);
  return guarded
    ? `what is said at ${where}, passwords too, can be read on its way: --tls HOST:PORT --tls-self-signed encrypts`
    : `whoever reaches ${where} may enter, and what is said there can be read on its way: ` +
      "--tls HOST:PORT --tls-self-signed encrypts, --password-file or --accounts required keeps strangers out";
}

/** Every address of this machine. */
export function isAnywhere(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}
