/** The flags of `serve` that bound what one address, one connection, one user and all together may do. */
import { LOOPBACK, parseCidr } from "../../base/ip.ts";
import type { Rate } from "../../base/token_bucket.ts";
import type { FlagTable, FlagValues } from "../../cli/flags/flags.ts";
import { DEFAULT_LIMITS } from "../../hub/model/config.ts";
import type { HubLimits } from "../../hub/model/config.ts";

export const DEFAULT_MAX_CLIENTS = 20_000;
/** File handles and memory bound it in any case. */
const MAX_CLIENTS = 100_000;
/** Timeouts below would let go of people on slow lines. */
const MIN_TIMEOUT_MS = 5_000;
const MAX_TIMEOUT_MS = 3_600_000;

const group = "Limits (N/DURATION: N at once, and N again in that time; off: no bound)";

/** Without defaults of their own, as all flags of `serve`. */
export const LIMIT_FLAGS = {
  "max-clients": {
    type: "integer",
    value: "N",
    min: 1,
    max: MAX_CLIENTS,
    group,
    help: "connections at one time; others get an ERROR (default 20000)",
  },
  "max-per-address": {
    type: "integer",
    value: "N",
    min: 1,
    max: MAX_CLIENTS,
    group,
    help: "of them from one address, of IPv6 from one /64; others get an ERROR (default 100)",
  },
  "connect-rate": {
    type: "rate",
    value: "N/DURATION",
    group,
    help: "new connections from one address; others get an ERROR (default 60/30s)",
  },
  "login-failures": {
    type: "rate",
    value: "N/DURATION",
    group,
    help: "wrong passwords from one address; then none is looked at (464, 904) (default 10/10m)",
  },
  registrations: {
    type: "rate",
    value: "N/DURATION",
    group,
    help: "accounts made from one address (FAIL REGISTER TEMPORARILY_UNAVAILABLE) (default 10/1h)",
  },
  "flood-rate": {
    type: "rate",
    value: "N/DURATION",
    group,
    help:
      "lines of one connection, 4 times as many of one address; what is beyond waits unread (default 6000/2m)",
  },
  "nick-changes": { type: "rate", value: "N/DURATION", group, help: "of one user (438) (default 5/60s)" },
  "max-rooms-per-user": {
    type: "integer",
    value: "N",
    min: 1,
    max: 10_000,
    group,
    help: "rooms that one user is in (405, CHANLIMIT) (default 100)",
  },
  "max-rooms": {
    type: "integer",
    value: "N",
    min: 1,
    max: 1_000_000,
    group,
    help: "rooms at one time, of which one address makes a fifth (405) (default 10000)",
  },
  "max-room-members": {
    type: "integer",
    value: "N",
    min: 1,
    max: MAX_CLIENTS,
    group,
    help: "members of one room (471) (default 100000)",
  },
  "register-timeout": {
    type: "duration",
    value: "DURATION",
    min: MIN_TIMEOUT_MS,
    max: MAX_TIMEOUT_MS,
    group,
    help: "until who has not registered is let go (default 30s)",
  },
  "ping-timeout": {
    type: "duration",
    value: "DURATION",
    min: MIN_TIMEOUT_MS,
    max: MAX_TIMEOUT_MS,
    group,
    help: "until who is silent is asked with a PING, and after that let go (default 45s)",
  },
  exempt: {
    type: "string",
    repeatable: true,
    value: "ADDRESS|CIDR|none",
    group,
    help: "whom limits per address and of speed do not bind, besides this machine; none: not it either",
  },
} as const satisfies FlagTable;

/** Limits per address and per connection, which the server applies before the hub sees a line. */
export interface ServerLimits {
  /** Connections of one address at one time. */
  perAddress: number;
  /** New connections of one address. */
  connectRate: Rate;
  /** Lines of one connection; further input waits unread. All connections of an address share ADDRESS_SHARE times as much. */
  lineRate: Rate;
}

/** A script that sends as much as our clients send at once, 1 MiB, is not slowed down if its lines have 175 bytes or more. */
export const DEFAULT_SERVER_LIMITS: ServerLimits = {
  perAddress: 100,
  connectRate: { count: 60, ms: 30_000 },
  lineRate: { count: 6_000, ms: 120_000 },
};

type LimitFlags = FlagValues<typeof LIMIT_FLAGS>;

export interface LimitSettings {
  maxClients: number;
  /** For `HubConfig`. */
  hub: HubLimits;
  /** For `ServerOptions`; what is left out is as by default. */
  server: Partial<ServerLimits>;
}

/** The limits in force. `pick` gives a flag's value, or the configuration file's; `exempt` is all that was given for it. */
export function resolveLimitSettings(
  pick: <K extends Exclude<keyof LimitFlags, "exempt">>(key: K) => LimitFlags[K] | undefined,
  exempt: readonly string[],
): LimitSettings | { why: string } {
  const wrong = exempt.find((text) => text !== "none" && parseCidr(text) === undefined);
  if (wrong !== undefined) {
    return { why: `--exempt ${wrong}: not an address, nor a block such as 192.0.2.0/24, nor "none"` };
  }
  const perAddress = pick("max-per-address");
  const connectRate = pick("connect-rate");
  const lineRate = pick("flood-rate");
  return {
    maxClients: pick("max-clients") ?? DEFAULT_MAX_CLIENTS,
    hub: {
      channelsPerUser: pick("max-rooms-per-user") ?? DEFAULT_LIMITS.channelsPerUser,
      channels: pick("max-rooms") ?? DEFAULT_LIMITS.channels,
      channelMembers: pick("max-room-members") ?? DEFAULT_LIMITS.channelMembers,
      nickChanges: pick("nick-changes") ?? DEFAULT_LIMITS.nickChanges,
      loginFailures: pick("login-failures") ?? DEFAULT_LIMITS.loginFailures,
      registrations: pick("registrations") ?? DEFAULT_LIMITS.registrations,
      registerTimeoutMs: pick("register-timeout") ?? DEFAULT_LIMITS.registerTimeoutMs,
      pingTimeoutMs: pick("ping-timeout") ?? DEFAULT_LIMITS.pingTimeoutMs,
      exempt: [
        ...exempt.includes("none") ? [] : LOOPBACK,
        ...exempt.filter((text) => text !== "none"),
      ],
    },
    server: {
      ...(perAddress === undefined ? {} : { perAddress }),
      ...(connectRate === undefined ? {} : { connectRate }),
      ...(lineRate === undefined ? {} : { lineRate }),
    },
  };
}
