/** Opens all that a server listens on, and tells whoever runs it what the doors are worth. */
import { formatAddress, formatWebAddress, isLoopback, isWildcardHost } from "../../net/address.ts";
import type { Address } from "../../net/address.ts";
import type { ListenOutcome, UnixAccess } from "../../net/listener.ts";
import type { HttpUpgrader } from "../../net/web/http_upgrade.ts";
import type { ServerLog } from "../server_log.ts";
import type { ServeSettings } from "../settings/settings.ts";
import type { CertificateFiles } from "../settings/tls_flags.ts";
import { resolveUnixAccess } from "../settings/unix_flags.ts";
import { describeValidity, TlsAcceptor } from "./certificate.ts";
import type { TlsWrapper } from "./certificate.ts";

/** Opens one listener of the server, as `ChatServer.listen` does. */
export type Listen = (
  address: Address,
  tls?: TlsWrapper,
  web?: HttpUpgrader,
  access?: Partial<UnixAccess>,
) => Promise<ListenOutcome>;

export type TlsSetupOutcome =
  | { readonly kind: "ok"; readonly acceptor: TlsAcceptor }
  | { readonly kind: "bad"; readonly path: string; readonly why: string; readonly exposed: boolean };

/** The certificate that `settings` ask for, if they do; its fingerprint is told. `now`: milliseconds since the epoch. */
export async function setUpTls(
  { tls, dataDir, addresses, serverName, web }: ServeSettings,
  log: ServerLog,
  now: number,
): Promise<TlsSetupOutcome | undefined> {
  if (tls === undefined) return undefined;
  let files: CertificateFiles;
  if (tls.certificate === "self_signed") {
    const { loadOrMakeSelfSigned } = await import("./self_signed_certificate.ts");
    const made = await loadOrMakeSelfSigned(
      dataDir,
      certificateHosts([...addresses, ...web.addresses], serverName),
      now,
    );
    if (made.kind === "bad") return { ...made, exposed: false };
    if (made.created) {
      log.info("certificate_made", `certificate made, self-signed: ${made.files.cert}`, {
        path: made.files.cert,
      });
    }
    files = made.files;
  } else files = tls.certificate;
  const opened = await TlsAcceptor.open(files);
  if (opened.kind === "ok") logCertificate(opened.acceptor, log, now);
  return opened;
}

/** What a self-signed certificate is to be for, beside this machine's loopback. */
function certificateHosts(addresses: readonly Address[], serverName: string): string[] {
  const given = addresses.flatMap((address) =>
    address.kind === "tls" && !isWildcardHost(address.host) ? [address.host.replace(/%.*$/, "")] : []
  );
  return [Deno.hostname(), serverName, ...given].filter((host) => /^[\w.:-]+$/.test(host));
}

function logCertificate(
  { certificate: { fingerprint }, certificate }: TlsAcceptor,
  log: ServerLog,
  now: number,
) {
  log.info("certificate", `certificate ${fingerprint}`, { fingerprint });
  const words = describeValidity(certificate, now);
  if (words !== undefined) {
    const { validFrom, expiresAt } = certificate;
    log.warning("certificate_expiry", words, { valid_from: validFrom, expires: expiresAt });
  }
}

/** Reads the certificate again, for whoever comes from now on; a bad one is told and not taken. Answers why it was not. */
export async function reloadTls(
  acceptor: TlsAcceptor,
  log: ServerLog,
  now: number,
): Promise<string | undefined> {
  const read = await acceptor.reload();
  if (read.kind === "ok") {
    logCertificate(acceptor, log, now);
    return undefined;
  }
  const words = `${read.path}: ${read.why}; the old certificate stays`;
  log.warning("reread", words, { path: read.path });
  return words;
}

/** Opens the listeners for IRC. Returns their addresses in the order of the settings, or why one cannot be opened. */
export async function openListeners(
  listen: Listen,
  settings: ServeSettings,
  tls: TlsAcceptor | undefined,
  log: ServerLog,
): Promise<{ open: Address[] } | { why: string }> {
  const access = await resolveUnixAccess(settings.unix);
  if ("why" in access) return access;
  const open: Address[] = [];
  for (const wanted of settings.addresses) {
    const outcome = await listen(wanted, wanted.kind === "tls" ? tls?.wrap : undefined, undefined, access);
    if (outcome.kind === "failed") return describeListenFailure(outcome, wanted, open);
    logListening(outcome.address, formatAddress(outcome.address), "--tls HOST:PORT", settings, log);
    open.push(outcome.address);
  }
  return { open };
}

/** The policy of Strict Transport Security (IRCv3 sts) that the settings ask for: the port is the first one with TLS of `open`. */
export function stsPolicy(
  { tls }: ServeSettings,
  open: readonly Address[],
): { port: number; seconds: number } | undefined {
  const secure = open.find((address) => address.kind === "tls");
  if (tls?.stsSeconds === undefined || secure === undefined) return undefined;
  return { port: secure.port, seconds: tls.stsSeconds };
}

/** Opens the listeners for WebSocket, beside the `others`, which are open. Returns why one cannot be opened; undefined: all are open. */
export async function openWebListeners(
  listen: Listen,
  settings: ServeSettings,
  tls: TlsAcceptor | undefined,
  others: readonly Address[],
  log: ServerLog,
): Promise<{ why: string } | undefined> {
  const { web: { addresses, origins }, serverName } = settings;
  if (addresses.length === 0) return undefined;
  const { HttpUpgrader } = await import("../../net/web/http_upgrade.ts");
  const hosts = addresses.map(({ host }) => host).filter((host) => !isWildcardHost(host));
  const names = [serverName, Deno.hostname(), ...hosts];
  const open = [...others];
  const web = new HttpUpgrader({ origins, names: new Set(names.map((name) => name.toLowerCase())) });
  for (const wanted of addresses) {
    const outcome = await listen(wanted, wanted.kind === "tls" ? tls?.wrap : undefined, web);
    if (outcome.kind === "failed") return describeListenFailure(outcome, wanted, open);
    const { address } = outcome;
    open.push(address);
    if (address.kind === "unix") continue; // it is as it was wanted
    logListening(address, formatWebAddress(address), "--web https://HOST:PORT", settings, log);
  }
  return undefined;
}

/** Why `wanted` cannot be opened, where `open` are: this server itself may be in the way. */
function describeListenFailure(
  { why, inUse }: ListenOutcome & { kind: "failed" },
  wanted: Address,
  open: readonly Address[],
): { why: string } {
  const own = wanted.kind === "unix" || !inUse
    ? undefined
    : open.find((address) => address.kind !== "unix" && address.port === wanted.port);
  if (own === undefined) return { why };
  return {
    why:
      `${formatAddress(wanted)} is in use by this server itself, which listens on ${formatAddress(own)}: ` +
      "give each a port of its own, or leave one of them out",
  };
}

/** A door is open; `flag` opens one like it with TLS. */
function logListening(
  address: Address,
  text: string,
  flag: string,
  { passwordFile, accounts }: ServeSettings,
  log: ServerLog,
): void {
  log.info("listening", `listening on ${text}`, { address: text });
  if (address.kind !== "tcp" || isLoopback(address.host)) return;
  const guarded = passwordFile !== undefined || accounts === "required";
  log.warning("exposed", describeExposure(text, flag, guarded), { address: text });
}

/** What others on the network can do at a door without TLS, and how to keep them from it. */
function describeExposure(where: string, flag: string, guarded: boolean): string {
  return guarded
    ? `what is said at ${where}, passwords too, can be read on its way: ${flag} --tls-self-signed encrypts`
    : `whoever reaches ${where} may enter, and what is said there can be read on its way: ` +
      `${flag} --tls-self-signed encrypts, --password-file or --accounts required keeps strangers out`;
}
