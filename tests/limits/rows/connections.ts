/** Limits of connections as such, before a line is read. */
import { hub } from "../limit.ts";
import type { Limit } from "../limit.ts";

const CONFIG = "lib/hub/model/config.ts";
const LIMIT_FLAGS = "lib/server/settings/limit_flags.ts";
const FLAGS_TEST = "server/settings_test.ts: limits are as by default, or as they are given";

export const CONNECTIONS: readonly Limit[] = [
  {
    what: "connections",
    bound: "{DEFAULT_MAX_CLIENTS}",
    flag: "--max-clients",
    beyond: "ERROR, closed",
    constants: { [LIMIT_FLAGS]: ["DEFAULT_MAX_CLIENTS"] },
    shownBy: ["hub/hub_test.ts: a server that is full says no, until somebody leaves", FLAGS_TEST],
  },
  {
    what: "connections from one address",
    bound: "{DEFAULT_SERVER_LIMITS.perAddress}",
    flag: "--max-per-address",
    beyond: "ERROR, closed",
    constants: { [LIMIT_FLAGS]: ["DEFAULT_SERVER_LIMITS.perAddress"] },
    shownBy: ["server/address_limits_test.ts: an address has so many connections at one time", FLAGS_TEST],
  },
  {
    what: "new connections from one address",
    bound: "{DEFAULT_SERVER_LIMITS.connectRate}",
    flag: "--connect-rate",
    beyond: "ERROR, closed",
    constants: { [LIMIT_FLAGS]: ["DEFAULT_SERVER_LIMITS.connectRate"] },
    shownBy: ["server/address_limits_test.ts: new connections come at a bounded speed", FLAGS_TEST],
  },
  {
    what: "IPv6 prefix that counts as one address",
    bound: "/{IPV6_SUBNET_BITS}",
    beyond: "the rest is ignored",
    constants: { "lib/base/ip.ts": ["IPV6_SUBNET_BITS"] },
    shownBy: ["hub/attempt_limits_test.ts: an IPv6 network is one place"],
  },
  {
    what: "addresses with a known rate",
    bound: "{MAX_BUCKETS}",
    beyond: "the least recently used is dropped",
    constants: { "lib/base/keyed_buckets.ts": ["MAX_BUCKETS"] },
    shownBy: ["base/keyed_buckets_test.ts: beyond the bound the one heard of least recently is forgotten"],
  },
  {
    what: "refused connections sent the reason",
    bound: "{MAX_LINGERING}, {LINGER_MS} each",
    beyond: "closed without a reason",
    constants: { "lib/net/refused_connections.ts": ["MAX_LINGERING", "LINGER_MS"] },
    shownBy: ["net/refused_connections_test.ts: of very many at once the last are closed without a word"],
  },
  {
    what: "input read after the last line is sent",
    bound: "{MAX_LINGER_READS} reads, {LINGER_MS}",
    beyond: "closed",
    constants: {
      "lib/net/line_conn.ts": ["MAX_LINGER_READS", "LINGER_MS"],
      "lib/net/web/websocket_conn.ts": ["MAX_LINGER_READS", "LINGER_MS"],
    },
    shownBy: [
      "net/line_conn_test.ts: what a peer goes on sending after its farewell is read up to a bound, and then the connection is closed",
    ],
  },
  {
    what: "time until a TLS handshake is complete",
    bound: "{DEFAULT_LIMITS.registerTimeoutMs}",
    flag: "--register-timeout",
    beyond: "closed",
    constants: { [CONFIG]: ["DEFAULT_LIMITS.registerTimeoutMs"] },
    shownBy: ["server/tls_test.ts: who does not finish the handshake, or begins none, is let go"],
  },
  {
    what: "time until registration is complete",
    bound: "{DEFAULT_LIMITS.registerTimeoutMs}",
    flag: "--register-timeout",
    beyond: "closed",
    constants: { [CONFIG]: ["DEFAULT_LIMITS.registerTimeoutMs"] },
    shownBy: ["hub/hub_test.ts: who does not register in time is let go, however much it has said meanwhile"],
  },
  {
    what: "silence of a client",
    bound: "{DEFAULT_LIMITS.pingTimeoutMs}",
    flag: "--ping-timeout",
    beyond: "PING; closed after as long again",
    constants: { [CONFIG]: ["DEFAULT_LIMITS.pingTimeoutMs"] },
    shownBy: ["hub/hub_test.ts: who is silent is asked, and let go when no answer comes"],
  },
  {
    what: "time to reconnect without a QUIT",
    bound: "{GRACE_PERIOD_MS}",
    beyond: "QUIT; without a key: at once",
    constants: { [CONFIG]: ["GRACE_PERIOD_MS"] },
    shownBy: [hub("gone before others hear of it: so long, who has a key")],
  },
  {
    what: "pause when out of file handles",
    bound: "{ACCEPT_PAUSE_MS}",
    beyond: "repeated, logged once in {TROUBLE_REPEAT_MS}",
    constants: { "lib/net/listener.ts": ["ACCEPT_PAUSE_MS", "TROUBLE_REPEAT_MS"] },
    shownBy: [
      "server/serve_hard_times_test.ts: out of file handles: who is there goes on and is saved",
      "net/listener_test.ts: out of file handles that is told once a minute",
    ],
  },
];
