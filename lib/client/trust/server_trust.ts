/**
 * Whether the server that we have reached by TLS is the one we mean. One that an authority vouches for is; any other is known
 * by its certificate, from the first time on, as with SSH. A changed one is refused: it is never asked about.
 */
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
  /** Folder of our configuration; undefined: what is learned lasts as long as this process. */
  readonly dir: string | undefined;
  /** PEM: who is trusted to vouch, in place of those whom this machine trusts. Nobody is pinned then. */
  readonly ca?: string | undefined;
  /** The only certificate that will do, as `parseFingerprint` gives it. */
  readonly fingerprint?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** One line for the person, without a newline. */
  readonly warn: (text: string) => void;
}

export type TrustVerdict = { readonly kind: "trusted" } | {
  readonly kind: "untrusted";
  readonly text: string;
};

const NO_FOLDER_TEXT = "no folder is known for it (HOME is not set)";
const SET_CLOCK_TEXT = "If the clock is wrong, set it.";
const TRUSTED: TrustVerdict = { kind: "trusted" };
/** A policy whose end would move by less is not written again. */
const RESCHEDULE_MS = 60_000;

export class ServerTrust {
  readonly #options: ServerTrustOptions;
  /** By the server's address; what could not be written down is known as long as the process lives. */
  readonly #pins = new Map<string, CertificatePin>();

  constructor(options: ServerTrustOptions) {
    this.#options = options;
  }

  get ca(): string | undefined {
    return this.#options.ca;
  }

  /** Judges what the server at `address` has shown; the first time it is remembered. */
  checkCertificate(address: TlsAddress, certificate: ServerCertificate): TrustVerdict {
    const { fingerprint: shown, problem, isOutOfTime = false } = certificate;
    const fingerprint = `SHA256:${shown}`;
    const { fingerprint: wanted, ca } = this.#options;
    const where = formatAddress(address);
    if (wanted !== undefined) {
      if (fingerprint === wanted) return this.#remember(address, fingerprint);
      return makeUntrusted(
        `${where} shows the certificate ${fingerprint}, not the one that --fingerprint names`,
      );
    }
    if (problem === undefined) return this.#remember(address, AUTHORITY_PIN);
    if (ca !== undefined) {
      const hint = isOutOfTime ? `. ${SET_CLOCK_TEXT}` : "";
      return makeUntrusted(`the certificate of ${where} will not do: ${problem} (${fingerprint})${hint}`);
    }
    const known = this.#known(address);
    if (known.kind === "bad") return makeUntrusted(known.why);
    if (known.pin === undefined) {
      this.#options.warn(
        `first visit to ${where}: no authority vouches for its certificate (${problem}). ` +
          `${isOutOfTime ? `${SET_CLOCK_TEXT} ` : ""}From now on no other is taken. ` +
          `If its owner names another fingerprint, somebody listens in: ${fingerprint}`,
      );
      return this.#rememberFirst(address, certificate, fingerprint);
    }
    if (known.pin === fingerprint) return TRUSTED;
    // An authority may vouch for it when the time is right: until then nothing speaks of an attack.
    if (isOutOfTime && known.pin === AUTHORITY_PIN) {
      return makeUntrusted(describeExpired(where, fingerprint, problem));
    }
    return makeUntrusted(describeChangedCertificate(where, known.pin, fingerprint, problem, known.path));
  }

  /** Where `address` is to be reached: by TLS, where its server has asked for that before. */
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
   * Takes in the value of the capability `sts` that a server has given over TLS: to be called when the connection is there and
   * again when it ends, from when on the policy lasts ("Rescheduling expiry on disconnect").
   */
  recordStsValue(address: TlsAddress, value: string): void {
    const { dir, now } = this.#options;
    const { seconds } = parseSts(value);
    if (dir === undefined || seconds === undefined || isLoopback(address.host)) return;
    const path = stsPolicyPath(dir, address.host);
    if (seconds === 0) return removeStsPolicy(path);
    const expiresAt = now() + seconds * 1000;
    const old = readStsPolicy(path);
    if (old?.port === address.port && Math.abs(old.expiresAt - expiresAt) < RESCHEDULE_MS) return;
    writeStsPolicy(path, { port: address.port, expiresAt }); // what can't be kept is learned again the next time
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
    if (read.kind === "bad") return { kind: "bad", why: `${path}: ${read.why}; remove it to begin anew` };
    return { kind: "known", pin: read.kind === "pin" ? read.pin : undefined, path };
  }

  #remember(address: TlsAddress, pin: CertificatePin): TrustVerdict {
    const known = this.#known(address);
    if (known.kind === "known" && known.pin === pin) return TRUSTED;
    const { dir } = this.#options;
    const why = dir === undefined
      ? NO_FOLDER_TEXT
      : replacePrivateFile(pinPath(dir, address.host, address.port), pin);
    return this.#trust(address, pin, why);
  }

  /** Of several processes at their first visit the one that writes it down first decides. */
  #rememberFirst(address: TlsAddress, certificate: ServerCertificate, pin: CertificatePin): TrustVerdict {
    const { dir } = this.#options;
    const outcome = dir === undefined
      ? { why: NO_FOLDER_TEXT }
      : createPrivateFile(pinPath(dir, address.host, address.port), pin);
    if (outcome === "there") return this.checkCertificate(address, certificate);
    return this.#trust(address, pin, outcome === "kept" ? undefined : outcome.why);
  }

  /** `why` it could not be written down. */
  #trust(address: TlsAddress, pin: CertificatePin, why: string | undefined): TrustVerdict {
    this.#pins.set(formatAddress(address), pin);
    if (why !== undefined) {
      this.#options.warn(`what is known of ${formatAddress(address)} can't be kept: ${why}`);
    }
    return TRUSTED;
  }
}

function makeUntrusted(text: string): TrustVerdict {
  return { kind: "untrusted", text };
}

function describeExpired(where: string, shown: string, problem: string): string {
  return `the certificate of ${where} can't be judged: ${problem}. ${SET_CLOCK_TEXT} If it is right, the server needs another ` +
    `certificate: ask its owner, and if they name this fingerprint, give it once with --fingerprint ${shown}`;
}

function describeChangedCertificate(
  where: string,
  known: CertificatePin,
  shown: string,
  problem: string,
  path: string | undefined,
): string {
  const before = known === AUTHORITY_PIN
    ? `until now an authority vouched for ${where}, and none does for what it shows now (${problem}): ${shown}`
    : `${where} shows another certificate than before: ${shown}, not ${known}`;
  const remove = path === undefined ? "" : `, or remove ${path}`;
  return `${before}. Somebody may be listening in, or the server has a new one. If its owner names this fingerprint, ` +
    `give it once with --fingerprint ${shown}${remove}`;
}
