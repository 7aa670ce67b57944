/** Limits of what the server reads and works on. */
import type { Limit } from "../limit.ts";

const CONNECTION = "lib/server/client_connection.ts";
const QUEUE = "lib/server/turn_queue.ts";
const FLAGS = "lib/server/settings/limit_flags.ts";
const BACKPRESSURE = "net/backpressure_test.ts: a flood is held back by a side that does not read";

export const INPUT: readonly Limit[] = [
  {
    what: "input of one connection, in tokens",
    bound: "{DEFAULT_SERVER_LIMITS.lineRate}",
    flag: "--flood-rate",
    beyond: "waits unread",
    constants: { [FLAGS]: ["DEFAULT_SERVER_LIMITS.lineRate"] },
    shownBy: [
      "server/client_connection_test.ts: tokens: a line is one; of longer ones each 512 bytes",
      "server/settings_test.ts: limits are as by default, or as they are given",
    ],
  },
  {
    what: "bytes of a line for one token",
    bound: "{TOKEN_BYTES}",
    beyond: "costs another token",
    constants: { [CONNECTION]: ["TOKEN_BYTES"] },
    shownBy: ["server/client_connection_test.ts: tokens: a line is one; of longer ones each 512 bytes"],
  },
  {
    what: "input before registration, in tokens",
    bound: "{REGISTRATION_RATE}",
    beyond: "waits unread",
    constants: { [CONNECTION]: ["REGISTRATION_RATE"] },
    shownBy: [
      "server/client_connection_test.ts: before it is registered a connection has less than after it",
    ],
  },
  {
    what: "input of one address",
    bound: "{ADDRESS_SHARE} × `--flood-rate`",
    beyond: "waits unread",
    constants: { "lib/server/listen/address_limits.ts": ["ADDRESS_SHARE"] },
    shownBy: [
      "server/address_limits_test.ts: the connections of an address share its lines, four times what each has",
    ],
  },
  {
    what: "share of one connection in the hub's time",
    bound: "1/{TIME_SHARE}",
    beyond: "costs tokens: waits unread",
    constants: { [CONNECTION]: ["TIME_SHARE"] },
    shownBy: ["server/client_connection_test.ts: a millisecond as much as comes again in 200"],
  },
  {
    what: "tokens owed",
    bound: "a full bucket",
    beyond: "not counted",
    source: { "lib/base/token_bucket.ts": "owe" },
    shownBy: [
      "base/token_bucket_test.ts: what is spent without being there is owed, up to what the bucket holds",
    ],
  },
  {
    what: "read buffer of a connection",
    bound: "{READ_IDLE_BYTES} idle, {READ_MAX_BYTES} busy",
    beyond: "waits in the kernel",
    constants: { "lib/net/read_buffer.ts": ["READ_IDLE_BYTES", "READ_MAX_BYTES"] },
    shownBy: [BACKPRESSURE],
  },
  {
    what: "decrypted and unread, of a TLS connection",
    bound: "{MAX_UNREAD_BYTES}",
    beyond: "waits in the kernel, after one read",
    constants: { "lib/net/tls/raw_stream.ts": ["MAX_UNREAD_BYTES"] },
    shownBy: [BACKPRESSURE],
  },
  {
    what: "unread, of a connection to a socket of systemd",
    bound: "{PASSED_UNREAD_BYTES}",
    beyond: "waits in the kernel, after one read",
    constants: { "lib/net/passed_listener.ts": ["PASSED_UNREAD_BYTES"] },
    shownBy: [BACKPRESSURE],
  },
  {
    what: "bytes of TLS in a row without data",
    bound: "{MAX_EMPTY_BYTES}",
    beyond: "closed",
    constants: { "lib/net/tls/raw_stream.ts": ["MAX_EMPTY_BYTES"] },
    shownBy: ["net/tls_conn_test.ts: TLS that brings no data is not read for ever"],
  },
  {
    what: "one turn of the hub",
    bound: "{TURN_BUDGET_MS}, {TURN_MAX_LINES} lines",
    beyond: "ends with the line in progress",
    constants: { [QUEUE]: ["TURN_BUDGET_MS", "TURN_MAX_LINES"] },
    shownBy: ["server/turn_queue_budget_test.ts: a turn ends when its budget is used"],
  },
  {
    what: "one session in a turn",
    bound: "{SESSION_BUDGET_MS}, {SESSION_MAX_LINES} lines",
    beyond: "waits behind all others",
    constants: { [QUEUE]: ["SESSION_BUDGET_MS", "SESSION_MAX_LINES"] },
    shownBy: ["server/turn_queue_budget_test.ts: a session has its budget of a turn"],
  },
  {
    what: "work between two polls of the sockets",
    bound: "{MAX_UNPOLLED_MS}",
    beyond: "readers wait for the next poll",
    constants: { "lib/base/event_loop.ts": ["MAX_UNPOLLED_MS"] },
    shownBy: ["base/event_loop_test.ts: after more of it the next one is waited for"],
  },
  {
    what: "work on one line in one turn, in units",
    bound: "{UNITS_PER_TURN}",
    beyond: "goes on in later turns",
    constants: { "lib/hub/model/work_steps.ts": ["UNITS_PER_TURN"] },
    shownBy: ["hub/work_steps_test.ts: what a client says while its answer comes waits for the end of it"],
  },
  {
    what: "lines held while a password is hashed",
    bound: "one read, and one ahead",
    beyond: "waits in the kernel",
    source: { [QUEUE]: "#waiting" },
    shownBy: ["server/turn_queue_budget_test.ts: a session that waits keeps the rest of its lines"],
  },
];
