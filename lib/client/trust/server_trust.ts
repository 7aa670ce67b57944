/**
 * Decision whether the server reached by TLS is the one that is meant. A server with a certificate that a
 * trusted authority has signed is. Any other server is recognised by its certificate once that has been accepted, as
 * with SSH: by a person, by its fingerprint, or unseen where that is allowed. A changed certificate is refused, and no
 * question is asked.
 */
import { NO_CONFIG_DIR_TEXT } from "../../cli/files/user_dirs.ts";
import { formatAddress, isLoopback } from "../../net/address.ts";
import type { Address } from "../../net/address.ts";
import type { ServerCertificate } from "../../net/tls/server_certificate.ts";
import {
  AUTHORITY_PIN,
  createPrivateFile,
  pinPath,
  readPin,
  replacePrivateFile,
} from "./certificate_pins.ts";
import type { CertificatePin } from "./certificate_pins.ts";
import { readStsPolicy, removeStsPolicy, stsPolicyPath, writeStsPolicy } from "./sts_policy_file.ts";
import { parseSts } from "./sts_value.ts";

export type TlsAddress = Address & { readonly kind: "tls" };

export interface ServerTrustOptions {
  /** The configuration folder; undefined: what is learned lasts as long as the process. */
  readonly dir: string | undefined;
  /** PEM: the authorities to trust in place of those of this machine. No certificate is pinned then. */
  readonly ca?: string | undefined;
  /** The only certificate to accept, as `parseFingerprint` gives it. */
  readonly fingerprint?: string | undefined;
  /** Accepts the certificate of a server that is not known yet, unseen. */
  readonly trustsFirstUse?: boolean | undefined;
  /** Writes nothing to disk. */
  readonly isReadOnly?: boolean | undefined;
  /** Told each certificate that is checked. */
  readonly onCertificate?: ((certificate: ServerCertificate) => void) | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** One line for the person, without a newline. */
  readonly warn: (text: string) => void;
}

/**
 * A certificate that a person can accept nevertheless: by its fingerprint, or by removing the file with the
 * old pin.
 */
export interface AcceptableCertificate {
  readonly fingerprint: string;
  readonly pinPath: string | undefined;
}

export interface UntrustedServer {
  readonly kind: "untrusted";
  readonly text: string;
  readonly acceptable?: AcceptableCertificate;
  /** The server is not known yet: a person may accept its certificate ({@link ServerTrust.accept}). */
  readonly first?: FirstCertificate;
}

export interface FirstCertificate {
  readonly address: TlsAddress;
  readonly certificate: ServerCertificate;
}

export type TrustVerdict = { readonly kind: "trusted" } | UntrustedServer;

const SET_CLOCK_TEXT = "If the clock is wrong, set it.";
const TRUSTED: TrustVerdict = { kind: "trusted" };
/** A policy is not written again if its end would move by less. */
const RESCHEDULE_MS = 60_000;

export class ServerTrust {
  readonly #options: ServerTrustOptions;
  /** By the server's address. A pin that could not be written to disk lasts as long as the process. */
  readonly #pins = new Map<string, CertificatePin>();

  constructor(options: ServerTrustOptions) {
    this.#options = options;
  }

  /** Nothing is remembered, so that a question about a certificate would come to nothing. */
  get isReadOnly(): boolean {
    return this.#options.isReadOnly === true;
  }

  get ca(): string | undefined {
    return this.#options.ca;
  }

  /**
   * Decides about the certificate that the server at `address` presents; at the first connection it is
   * remembered.
   */
  checkCertificate(address: TlsAddress, certificate: ServerCertificate): TrustVerdict {
    const { fingerprint: shown, problem, isOutOfTime = false } = certificate;
    const fingerprint = `SHA256:${shown}`;
    const { fingerprint: wanted, ca, onCertificate } = this.#options;
    onCertificate?.(certificate);
    const where = formatAddress(address);
    if (wanted !== undefined) {
      if (fingerprint === wanted) return this.#remember(address, fingerprint);
      return makeUntrusted(
        `${where} presents the certificate ${fingerprint}, not the required one (${wanted})`,
      );
    }
    if (problem === undefined) return this.#remember(address, AUTHORITY_PIN);
    if (ca !== undefined) {
      const hint = isOutOfTime ? `. ${SET_CLOCK_TEXT}` : "";
      return makeUntrusted(`the certificate of ${where} is not trusted: ${problem} (${fingerprint})${hint}`);
    }
    const known = this.#known(address);
    if (known.kind === "bad") return makeUntrusted(known.why);
    if (known.pin === undefined) {
      if (this.#options.trustsFirstUse !== true) {
        const text = describeUnknown(where, problem, fingerprint, isOutOfTime);
        return {
          ...makeUntrusted(text, { fingerprint, pinPath: undefined }),
          first: { address, certificate },
        };
      }
      this.#options.warn(
        `first connection to ${where}: no authority vouches for its certificate (${problem}). ` +
          `${
            isOutOfTime ? `${SET_CLOCK_TEXT} ` : ""
          }Its fingerprint: ${fingerprint}. Compare it with the one that ` +
          "the server showed at its start; from now on only it is accepted",
      );
      return this.accept({ address, certificate });
    }
    if (known.pin === fingerprint) return TRUSTED;
    // With the right time it may be valid: so far nothing speaks of an attack.
    if (isOutOfTime && known.pin === AUTHORITY_PIN) {
      return makeUntrusted(describeExpired(where, problem), { fingerprint, pinPath: undefined });
    }
    const text = describeChangedCertificate(where, known.pin, fingerprint, problem);
    return makeUntrusted(text, { fingerprint, pinPath: known.path });
  }

  /**
   * Accepts the certificate of a server that is not known yet, now and from now on. Of several processes at their first
   * connection, the one that writes the pin first decides.
   */
  accept({ address, certificate }: FirstCertificate): TrustVerdict {
    const { dir, isReadOnly } = this.#options;
    const pin = `SHA256:${certificate.fingerprint}`;
    if (isReadOnly) return TRUSTED;
    const outcome = dir === undefined
      ? { why: NO_CONFIG_DIR_TEXT }
      : createPrivateFile(pinPath(dir, address.host, address.port), pin);
    if (outcome === "there") return this.checkCertificate(address, certificate);
    return this.#trust(address, pin, outcome === "kept" ? undefined : outcome.why);
  }

  /** The address to connect to: with TLS, where an STS policy of the server says so; `policy` is its file. */
  applyStsPolicy(address: Address): { readonly address: Address; readonly policy: string | undefined } {
    const { dir, now } = this.#options;
    if (address.kind !== "tcp" || dir === undefined || isLoopback(address.host)) {
      return { address, policy: undefined };
    }
    const path = stsPolicyPath(dir, address.host);
    const policy = readStsPolicy(path);
    if (policy === undefined || policy.expiresAt <= now()) return { address, policy: undefined };
    return { address: { kind: "tls", host: address.host, port: policy.port }, policy: path };
  }

  /**
   * Records the value of the capability `sts` that a server has given over TLS. To be called when the
   * connection is established, and again when it ends: the policy lasts from then on ("Rescheduling expiry on
   * disconnect").
   */
  recordStsValue(address: TlsAddress, value: string): void {
    const { dir, now, isReadOnly } = this.#options;
    const { seconds } = parseSts(value);
    if (isReadOnly || dir === undefined || seconds === undefined || isLoopback(address.host)) return;
    const path = stsPolicyPath(dir, address.host);
    if (seconds === 0) return removeStsPolicy(path);
    const expiresAt = now() + seconds * 1000;
    const old = readStsPolicy(path);
    if (old?.port === address.port && Math.abs(old.expiresAt - expiresAt) < RESCHEDULE_MS) return;
    writeStsPolicy(path, { port: address.port, expiresAt }); // one that is not written is learned again
  }

  #known(
    address: TlsAddress,
  ): { kind: "known"; pin: CertificatePin | undefined; path: string | undefined } | {
    kind: "bad";
    why: string;
  } {
    const { dir } = this.#options;
    const path = dir === undefined ? undefined : pinPath(dir, address.host, address.port);
    const seen = this.#pins.get(formatAddress(address));
    if (seen !== undefined || path === undefined) return { kind: "known", pin: seen, path };
    const read = readPin(path);
    if (read.kind === "bad") return { kind: "bad", why: `${path}: ${read.why}; remove it to start over` };
    return { kind: "known", pin: read.kind === "pin" ? read.pin : undefined, path };
  }

  #remember(address: TlsAddress, pin: CertificatePin): TrustVerdict {
    const known = this.#known(address);
    const { dir, isReadOnly } = this.#options;
    if (isReadOnly || known.kind === "known" && known.pin === pin) return TRUSTED;
    const why = dir === undefined
      ? NO_CONFIG_DIR_TEXT
      : replacePrivateFile(pinPath(dir, address.host, address.port), pin);
    return this.#trust(address, pin, why);
  }

  /** `why`: the reason why the pin could not be written. */
  #trust(address: TlsAddress, pin: CertificatePin, why: string | undefined): TrustVerdict {
    this.#pins.set(formatAddress(address), pin);
    if (why !== undefined) {
      this.#options.warn(`the certificate of ${formatAddress(address)} cannot be remembered: ${why}`);
    }
    return TRUSTED;
  }
}

function makeUntrusted(text: string, acceptable?: AcceptableCertificate): UntrustedServer {
  return { kind: "untrusted", text, ...acceptable && { acceptable } };
}

function describeUnknown(where: string, problem: string, fingerprint: string, isOutOfTime: boolean): string {
  return `${where} is not known here, and no authority vouches for its certificate (${problem}): ${fingerprint}` +
    (isOutOfTime ? `. ${SET_CLOCK_TEXT.slice(0, -1)}` : "");
}

function describeExpired(where: string, problem: string): string {
  return `the certificate of ${where} cannot be verified: ${problem}. ${SET_CLOCK_TEXT} ` +
    "If it is right, the server needs another certificate";
}

function describeChangedCertificate(
  where: string,
  known: CertificatePin,
  shown: string,
  problem: string,
): string {
  const change = known === AUTHORITY_PIN
    ? `until now the certificate of ${where} was verified, and the one it presents now cannot be (${problem}): ${shown}`
    : `${where} presents another certificate than before: ${shown}, not ${known}`;
  return `${change}. The connection may be intercepted, or the server has a new certificate`;
}
