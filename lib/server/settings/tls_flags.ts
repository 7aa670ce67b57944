/** Flags of `serve` for TLS. */
import type { FlagTable, FlagValues } from "../../cli/flags/flags.ts";
import { parseTlsAddress } from "../../net/address.ts";
import type { Address } from "../../net/address.ts";

const group = "TLS";

export const TLS_FLAGS = {
  tls: {
    type: "string",
    repeatable: true,
    value: "HOST:PORT",
    group,
    help: "listen with TLS (default port 6697); add --listen to listen without TLS, too",
  },
  "tls-cert": {
    type: "string",
    value: "FILE",
    group,
    help: "certificate and its intermediate certificates (PEM); reloaded on SIGHUP",
  },
  "tls-key": {
    type: "string",
    value: "FILE",
    group,
    help: "private key of the certificate (PEM); reloaded on SIGHUP",
  },
  "tls-self-signed": {
    type: "boolean",
    group,
    help:
      "instead of --tls-cert: a self-signed certificate, made at the first start and kept in the data folder",
  },
  sts: {
    type: "duration",
    value: "DURATION",
    group,
    help: "tell clients to connect only by TLS for this time (Strict Transport Security; 0: no longer)",
  },
} as const satisfies FlagTable;

type TlsFlags = FlagValues<typeof TLS_FLAGS>;

export interface CertificateFiles {
  /** PEM: the server's certificate first, then the intermediate certificates up to an authority. */
  readonly cert: string;
  /** PEM, without a passphrase. */
  readonly key: string;
}

export interface TlsSettings {
  readonly certificate: CertificateFiles | "self_signed";
  /** Duration of the STS policy that clients are told; undefined: none. */
  readonly stsSeconds: number | undefined;
}

export interface TlsSelection {
  /** Undefined: no TLS. */
  readonly tls: TlsSettings | undefined;
  readonly addresses: Address[];
}

/** `secureWeb`: a listener for WebSocket needs a certificate, too. */
export function resolveTlsSettings(
  flags: Partial<TlsFlags>,
  secureWeb = false,
): TlsSelection | { why: string } {
  const { "tls-cert": cert, "tls-key": key, "tls-self-signed": made = false, sts, tls = [] } = flags;
  if (tls.length === 0 && sts !== undefined) return { why: "--sts needs --tls HOST:PORT" };
  if (tls.length === 0 && !secureWeb) {
    const [alone] = [
      ...cert !== undefined ? ["--tls-cert"] : [],
      ...key !== undefined ? ["--tls-key"] : [],
      ...made ? ["--tls-self-signed"] : [],
    ];
    return alone ? { why: `${alone} needs --tls HOST:PORT` } : { tls: undefined, addresses: [] };
  }
  const addresses: Address[] = [];
  for (const text of tls) {
    const address = parseTlsAddress(text);
    if (address.kind === "bad") return { why: `--tls ${text}: ${address.why}` };
    addresses.push(address);
  }
  const stsSeconds = sts === undefined ? undefined : Math.floor(sts / 1000);
  if (made) {
    if (cert !== undefined || key !== undefined) {
      return { why: "give either --tls-self-signed, or --tls-cert and --tls-key; not both" };
    }
    return { tls: { certificate: "self_signed", stsSeconds }, addresses };
  }
  if (cert === undefined || key === undefined) {
    const why = `${tls.length > 0 ? "--tls" : "--web https://"} needs a certificate: ` +
      "give --tls-cert FILE and --tls-key FILE, or --tls-self-signed";
    return { why };
  }
  return { tls: { certificate: { cert, key }, stsSeconds }, addresses };
}
