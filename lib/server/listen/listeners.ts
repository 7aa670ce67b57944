/** Opens the listeners of a server, and warns in the server log about those that others can read or enter. */
import { formatAddress, formatWebAddress, isLoopback, isWildcardHost } from "../../net/address.ts";
import type { Address } from "../../net/address.ts";
import type { ListenOutcome, UnixAccess } from "../../net/listener.ts";
import type { HttpHandler } from "../../net/web/http_handler.ts";
import type { HttpUpgrader } from "../../net/web/http_upgrade.ts";
import type { OriginPolicy } from "../../net/web/websocket_handshake.ts";
import type { ServerLog } from "../server_log.ts";
import type { ServeSettings } from "../settings/settings.ts";
import type { WebAddress } from "../settings/web_flags.ts";
import type { CertificateFiles } from "../settings/tls_flags.ts";
import { resolveUnixAccess } from "../settings/unix_flags.ts";
import { describeValidity, TlsAcceptor } from "./certificate.ts";
import type { TlsWrapper } from "./certificate.ts";
import { isHealthCheck } from "./web_client_admission.ts";

/** Opens one listener of the server, as `ChatServer.listen` does. */
export type Listen = (
  address: Address,
  tls?: TlsWrapper,
  web?: HttpUpgrader,
  access?: Partial<UnixAccess>,
) => Promise<OpenOutcome>;

/** What became of a listener, in this process or in others. */
export type OpenOutcome =
  | { readonly kind: "listening"; readonly address: Address }
  | ListenOutcome & { kind: "failed" };

export type TlsSetupOutcome =
  | { readonly kind: "ok"; readonly acceptor: TlsAcceptor }
  | { readonly kind: "bad"; readonly path: string; readonly why: string; readonly exposed: boolean };

/**
 * Loads or makes the certificate of the settings, and logs its fingerprint; undefined: no TLS. `now`: milliseconds
 * since the epoch.
 */
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
      log.info("certificate_made", `made a self-signed certificate: ${made.files.cert}`, {
        path: made.files.cert,
      });
    }
    files = made.files;
  } else files = tls.certificate;
  const opened = await TlsAcceptor.open(files);
  if (opened.kind === "ok") logCertificate(opened.acceptor, log, now);
  return opened;
}

/** Hosts that a self-signed certificate names, beside the loopback of this machine. */
function certificateHosts(addresses: readonly Address[], serverName: string): string[] {
  const listening = addresses.flatMap((address) =>
    address.kind === "tls" && !isWildcardHost(address.host) ? [address.host.replace(/%.*$/, "")] : []
  );
  return [Deno.hostname(), serverName, ...listening].filter((host) => /^[\w.:-]+$/.test(host));
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

/** Reloads the certificate for later connections. A bad one is logged and not used; returns why. */
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
  const words = `${read.path}: ${read.why}; the previous certificate stays in use`;
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

/**
 * The policy of Strict Transport Security (IRCv3 sts) that the settings ask for: the port is the first one with TLS
 * of `open`.
 */
export function stsPolicy(
  { tls }: ServeSettings,
  open: readonly Address[],
): { port: number; seconds: number } | undefined {
  const secure = open.find((address) => address.kind === "tls");
  if (tls?.stsSeconds === undefined || secure === undefined) return undefined;
  return { port: secure.port, seconds: tls.stsSeconds };
}

/**
 * The address of the page for browsers, as KEYSHARE tells it (docs/protocol/keyshare.md): the first of `origins` that is
 * one, else the first of `open`, by TLS if there is one. A wildcard host is `*`. Undefined: there is none.
 */
export function pageUrl(
  { web: { origins } }: Pick<ServeSettings, "web">,
  open: readonly WebAddress[],
): string | undefined {
  const own = [...origins].find((origin) => origin !== "*");
  if (own !== undefined || open.length === 0) return open.length === 0 ? undefined : own;
  const address = open.find(({ kind }) => kind === "tls") ?? open[0]!;
  return formatWebAddress(isWildcardHost(address.host) ? { ...address, host: "*" } : address);
}

/** Names and origins under which the web listeners answer. */
export function originPolicy(
  { web: { addresses, origins }, serverName }: Pick<ServeSettings, "web" | "serverName">,
): OriginPolicy {
  const hosts = addresses.map(({ host }) => host).filter((host) => !isWildcardHost(host));
  const names = [serverName, Deno.hostname(), ...hosts];
  return { origins, names: new Set(names.map((name) => name.toLowerCase())) };
}

/** Makes what answers the HTTP requests of the web listeners; loaded only with one. */
export type LoadHttpHandler = (policy: OriginPolicy) => Promise<HttpHandler>;

/**
 * Opens the listeners for HTTP and WebSocket, beside the `others`, which are open. Returns their addresses, or why one
 * cannot be opened; the default one may be missing, which is logged.
 */
export async function openWebListeners(
  listen: Listen,
  settings: ServeSettings,
  tls: TlsAcceptor | undefined,
  others: readonly Address[],
  log: ServerLog,
  loadHandler: LoadHttpHandler,
): Promise<{ open: WebAddress[] } | { why: string }> {
  const { web: { addresses, isDefault } } = settings;
  if (addresses.length === 0) return { open: [] };
  const { HttpUpgrader } = await import("../../net/web/http_upgrade.ts");
  const [open, openWeb]: [Address[], WebAddress[]] = [[...others], []];
  const policy = originPolicy(settings);
  const web = new HttpUpgrader(policy, { handler: await loadHandler(policy), isUrgent: isHealthCheck });
  for (const wanted of addresses) {
    const outcome = await listen(wanted, wanted.kind === "tls" ? tls?.wrap : undefined, web);
    if (outcome.kind === "failed") {
      const failure = describeListenFailure(outcome, wanted, open);
      if (!isDefault) return failure;
      log.warning("web", `no HTTP and no WebSocket: ${failure.why}`, { address: formatWebAddress(wanted) });
      return { open: [] };
    }
    const { address } = outcome;
    open.push(address);
    if (address.kind === "unix") continue; // cannot be: a web address is TCP or TLS
    openWeb.push(address);
    logListening(address, formatWebAddress(address), "--web https://HOST:PORT", settings, log);
  }
  return { open: openWeb };
}

/** Why `wanted` cannot be opened. One of the `open` addresses of this server may use the same port. */
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
      "give each address its own port, or remove one of them",
  };
}

/** Logs an open listener. `flag` would open one like it with TLS. */
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

/** What others on the network can do at a listener without TLS, and how to prevent it. */
function describeExposure(where: string, flag: string, guarded: boolean): string {
  return guarded
    ? `traffic to ${where}, including passwords, can be read on the network: ${flag} --tls-self-signed encrypts it`
    : `any host that reaches ${where} can join, and its traffic can be read on the network: ` +
      `${flag} --tls-self-signed encrypts it, --password-file or --accounts required keeps strangers out`;
}
