/** What the hub tells a front when it connects, and about each listener, as JSON. */
import { type Address, formatAddress } from "../../net/address.ts";
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
  /** How long a front keeps its clients without a hub, in milliseconds; 0: it ends with its hub. */
  readonly holdMs: number;
  /** Name of the node of a cluster. */
  readonly node?: string;
  /** In a cluster: a leader that is silent for so many milliseconds is cut off; left out: {@link SILENCE_MS}. */
  readonly silenceMs?: number;
}

/** A leader, or a front of a cluster, that is silent for this time is cut off from the other, or hangs. */
export const SILENCE_MS = 10_000;

/** Time for another hub to take over the clients of a front, in milliseconds. */
export const HOLD_MS = 30_000;

/** A listener to open. */
export interface ListenRequest {
  readonly address: Address;
  /** As it is in the settings: port 0 is any port. */
  readonly asked: Address;
  readonly isWeb: boolean;
  /** Of a Unix socket. */
  readonly access: Partial<UnixAccess>;
  readonly sharing: PortSharing;
}

/** A listener of a front. */
export interface OpenListener {
  readonly asked: Address;
  readonly isWeb: boolean;
  readonly address: Address;
}

export function isSameAddress(one: Address, other: Address): boolean {
  return one.kind === other.kind && formatAddress(one) === formatAddress(other);
}

/** JSON has no infinity: a rate without a bound has the count null. */
type RateJson = Omit<Rate, "count"> & { readonly count: number | null };

export function formatSetup(setup: FrontSetup): string {
  return JSON.stringify(setup);
}

/** The setup, which a program with the same version of the relay has written. */
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
