/** What the hub tells a front when it connects, and about each listener, as JSON. */
import type { Address } from "../../net/address.ts";
import type { PortSharing, UnixAccess } from "../../net/listener.ts";
import { RelayFault } from "../../relay/wire.ts";
import type { Rate } from "../../base/token_bucket.ts";
import type { CertificateFiles } from "../settings/tls_flags.ts";
import type { ServerLimits } from "../settings/limit_flags.ts";

/** Where each listener of a front gets its settings from. */
export interface FrontSetup {
  readonly serverName: string;
  /** Undefined: no TLS. */
  readonly tls?: CertificateFiles;
  /** Trusted proxies: members of an `AddressSet`. */
  readonly proxies?: readonly string[];
  /** Addresses without limits: members of an `AddressSet`. */
  readonly exempt: readonly string[];
  readonly limits: ServerLimits;
  readonly maxClients: number;
  /** Number of fronts, which share the bound on all send queues. */
  readonly fronts: number;
  /** Of web listeners: see `OriginPolicy`. */
  readonly origins: readonly string[];
  readonly names: readonly string[];
}

/** A listener to open. */
export interface ListenRequest {
  readonly address: Address;
  readonly isWeb: boolean;
  /** Of a Unix socket. */
  readonly access: Partial<UnixAccess>;
  readonly sharing: PortSharing;
}

/** JSON has no infinity: a rate without a bound has the count null. */
type RateJson = Omit<Rate, "count"> & { readonly count: number | null };

export function formatSetup(setup: FrontSetup): string {
  return JSON.stringify(setup);
}

/** The setup, which the same program has written. */
export function parseSetup(text: string): FrontSetup {
  const setup = parseJson<FrontSetup>(text);
  const { connectRate, lineRate } = setup.limits;
  return {
    ...setup,
    limits: { ...setup.limits, connectRate: restoreRate(connectRate), lineRate: restoreRate(lineRate) },
  };
}

function restoreRate(rate: RateJson): Rate {
  return { ...rate, count: rate.count ?? Infinity };
}

/** JSON of the other side of the relay. */
export function parseJson<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new RelayFault("a frame is no JSON");
  }
}
