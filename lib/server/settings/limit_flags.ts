/** Flags of `serve` for limits per address, per connection, per user and of the whole server. */
import { LOOPBACK, parseCidr } from "../../base/ip.ts";
import type { Rate } from "../../base/token_bucket.ts";
import { HOUR_MS } from "../../base/values/time_unit.ts";
import type { FlagTable, FlagValues } from "../../cli/flags/flags.ts";
import { DEFAULT_LIMITS } from "../../hub/model/config.ts";
import type { HubLimits } from "../../hub/model/config.ts";

export const DEFAULT_MAX_CLIENTS = 20_000;
/** Largest value that a flag takes; file handles and memory bound the number of connections in any case. */
const MAX_CLIENTS = 100_000;
/** Shorter timeouts would disconnect users on slow links. */
const MIN_TIMEOUT_MS = 5_000;
const MAX_TIMEOUT_MS = HOUR_MS;

const group = "Limits (N/DURATION: N at once, refilled within DURATION; off: unlimited)";

export const LIMIT_FLAGS = {
  "max-clients": {
    type: "integer",
    value: "N",
    min: 1,
    max: MAX_CLIENTS,
    group,
    help: "connections at a time; further ones get an ERROR (default 20000)",
  },
  "max-per-address": {
    type: "integer",
    value: "N",
    min: 1,
    max: MAX_CLIENTS,
    group,
    help: "connections at a time from one address (IPv6: one /64); further ones get an ERROR (default 100)",
  },
  "connect-rate": {
    type: "rate",
    value: "N/DURATION",
    group,
    help: "new connections from one address; further ones get an ERROR (default 60/30s)",
  },
  "login-failures": {
    type: "rate",
    value: "N/DURATION",
    group,
    help:
      "wrong passwords from one address; further attempts are refused unchecked: 464, 904 (default 10/10m)",
  },
  registrations: {
    type: "rate",
    value: "N/DURATION",
    group,
    help: "accounts registered from one address; then FAIL REGISTER TEMPORARILY_UNAVAILABLE (default 10/1h)",
  },
  "flood-rate": {
    type: "rate",
    value: "N/DURATION",
    group,
    help:
      "lines of one connection, 4 times as many of one address; further input waits unread (default 6000/2m)",
  },
  "nick-changes": {
    type: "rate",
    value: "N/DURATION",
    group,
    help: "nick changes of one user (438) (default 5/60s)",
  },
  "max-rooms-per-user": {
    type: "integer",
    value: "N",
    min: 1,
    max: 10_000,
    group,
    help: "rooms that one user may be in (405, CHANLIMIT) (default 100)",
  },
  "max-rooms": {
    type: "integer",
    value: "N",
    min: 1,
    max: 1_000_000,
    group,
    help: "rooms at a time; one address may create a fifth of them (405) (default 10000)",
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
    help: "time that a connection has to register before it is closed (default 30s)",
  },
  "ping-timeout": {
    type: "duration",
    value: "DURATION",
    min: MIN_TIMEOUT_MS,
    max: MAX_TIMEOUT_MS,
    group,
    help: "silence after which a client gets a PING, and after as long again is disconnected (default 45s)",
  },
  exempt: {
    type: "string",
    repeatable: true,
    value: "ADDRESS|CIDR|none",
    group,
    help:
      "addresses without connection, rate and memory limits, besides this machine; none: not even this machine",
  },
} as const satisfies FlagTable;

/** Limits per address and per connection, which the server applies before the hub sees a line. */
export interface ServerLimits {
  /** Connections of one address at one time. */
  perAddress: number;
  /** New connections of one address. */
  connectRate: Rate;
  /**
   * Lines of one connection; further input waits unread. All connections of an address share ADDRESS_SHARE times as
   * much.
   */
  lineRate: Rate;
}

/**
 * A script that sends as much as our clients send at once, 1 MiB, is not slowed down if its lines have 175 bytes or
 * more.
 */
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
  /** For `ServerOptions`; a limit that is left out has its default. */
  server: Partial<ServerLimits>;
}

export function resolveLimitSettings(flags: LimitFlags): LimitSettings | { why: string } {
  const { exempt } = flags;
  const wrong = exempt.find((text) => text !== "none" && parseCidr(text) === undefined);
  if (wrong !== undefined) {
    return { why: `--exempt ${wrong}: not an address, a block such as 192.0.2.0/24, or "none"` };
  }
  const { "max-per-address": perAddress, "connect-rate": connectRate, "flood-rate": lineRate } = flags;
  return {
    maxClients: flags["max-clients"] ?? DEFAULT_MAX_CLIENTS,
    hub: {
      channelsPerUser: flags["max-rooms-per-user"] ?? DEFAULT_LIMITS.channelsPerUser,
      channels: flags["max-rooms"] ?? DEFAULT_LIMITS.channels,
      channelMembers: flags["max-room-members"] ?? DEFAULT_LIMITS.channelMembers,
      nickChanges: flags["nick-changes"] ?? DEFAULT_LIMITS.nickChanges,
      loginFailures: flags["login-failures"] ?? DEFAULT_LIMITS.loginFailures,
      registrations: flags.registrations ?? DEFAULT_LIMITS.registrations,
      registerTimeoutMs: flags["register-timeout"] ?? DEFAULT_LIMITS.registerTimeoutMs,
      pingTimeoutMs: flags["ping-timeout"] ?? DEFAULT_LIMITS.pingTimeoutMs,
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
