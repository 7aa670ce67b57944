/** The entries of limits_test.ts, in the order of docs/limits.md. */

export interface Limit {
  /** `[file, name, as]`: the constant in `lib/<file>`, and how the row writes its value. */
  readonly constants?: readonly (readonly [file: string, name: string, as: string])[];
  /** `[file, text]`: where the bound is no constant of its own, the text in `lib/<file>` that sets it. */
  readonly source?: readonly (readonly [file: string, text: string])[];
  /** `<file below tests/>: <name, or a part of it>` of tests that fail where the bound is not kept. */
  readonly shownBy?: readonly string[];
  /** Why no test can see it. */
  readonly unseen?: string;
}

const HUB = (name: string) => `limits/hub_test.ts: ${name}`;

export const LIMITS: Readonly<Record<string, Limit>> = {
  "a line from a client": {
    constants: [["irc/limits.ts", "MAX_LINE_BYTES", "512"], [
      "irc/limits.ts",
      "MAX_CLIENT_TAGS_BYTES",
      "4096",
    ]],
    shownBy: [
      "irc/line_splitter_test.ts: the limit is met to the byte: 510 and the end of the line",
      "irc/line_splitter_test.ts: tags have a limit of their own, with @ and space",
    ],
  },
  "a line from a server, for our clients": {
    constants: [["irc/limits.ts", "MAX_SERVER_TAGS_BYTES", "8191"]],
    source: [["client/connection/link.ts", "MAX_LINE_RECEIVED_BYTES = 4 * MAX_LINE_BYTES"]],
    shownBy: [
      "client/link_test.ts: lines that are not UTF-8, hold NUL or are too long are events too, from the first line on",
      "client/lenient_line_test.ts: tags that are too long are left out, and the message behind them is not",
    ],
  },
  "a reaction as shown; the quote of its message; messages to quote": {
    constants: [
      ["irc/reaction.ts", "MAX_REACTION_CHARACTERS", "20"],
      ["irc/reaction.ts", "MAX_EXCERPT_CHARACTERS", "40"],
      ["commands/support/channel_follower.ts", "MAX_QUOTABLE", "500"],
      ["client/conversation/sync/seen_messages.ts", "MAX_SAID", "500"],
    ],
    shownBy: [
      "irc/reaction_test.ts: reactions: what is quoted is cut between characters, and is one line",
      "commands/logs_test.ts: --follow quotes the latest 500 messages when they are reacted to",
      "client/seen_messages_test.ts: memory: bounded; the oldest is forgotten first",
    ],
  },
  "names, topics, reasons, lists of targets": {
    shownBy: [
      "irc/limits_test.ts: limits: the longest ${what} fits a line",
      "hub/hub_test.ts: names and texts of the longest kind fit their lines",
    ],
  },
  "read buffer": {
    constants: [["net/read_buffer.ts", "READ_IDLE_BYTES", "128"]],
    shownBy: ["net/backpressure_test.ts: a flood is held back by a side that does not read"],
  },
  "send queue": {
    constants: [["net/send_queue.ts", "SEND_QUEUE_MAX_BYTES", "4 MiB"]],
    shownBy: ["net/send_queue_test.ts: a push that would exceed the bound is refused whole"],
  },
  "all send queues together": {
    constants: [["net/send_budget.ts", "SEND_BUDGET_BYTES", "256 MiB"]],
    shownBy: ["net/send_budget_test.ts: where all queues together hold too much, the fullest go"],
  },
  "send queues of one address": {
    constants: [["net/send_budget.ts", "SEND_SHARE_BYTES", "32 MiB"]],
    shownBy: [
      "net/send_budget_test.ts: an address has a share; what others have makes no difference",
      "net/send_budget_test.ts: an exempt address has no share, and counts for the whole",
    ],
  },
  "a write of which the network takes nothing": {
    shownBy: [
      "adversary/slow_readers_test.ts: a write that has not moved for a minute ends the connection",
      "net/send_queue_test.ts: a write that does not move is told from one that does, and from none",
    ],
  },
  "chunks that wait for one connection": {
    constants: [["net/send_queue.ts", "MAX_CHUNKS", "256"], [
      "net/send_queue.ts",
      "WRITE_MAX_BYTES",
      "256 KiB",
    ]],
    shownBy: ["net/send_queue_test.ts: very many small chunks become few, and stay whole"],
  },
  "decrypted and unread over TLS, on either side": {
    constants: [["net/tls/raw_stream.ts", "MAX_UNREAD_BYTES", "64 KiB"], [
      "net/tls/raw_stream.ts",
      "READ_MAX_BYTES",
      "64 KiB",
    ]],
    shownBy: ["net/backpressure_test.ts: a flood is held back by a side that does not read"],
  },
  "TLS in a row that brings no data": {
    constants: [["net/tls/raw_stream.ts", "MAX_EMPTY_BYTES", "128 KiB"]],
    shownBy: ["net/tls_conn_test.ts: TLS that brings no data is not read for ever"],
  },
  "buffers that answers share": {
    shownBy: [
      "net/send_queue_test.ts: what has to wait holds on to no buffer that is many times as large",
      "base/slab_encoder_test.ts: a full buffer is left to those who have it, and long texts get their own",
    ],
  },
  "a turn of the hub": {
    constants: [["server/turn_queue.ts", "TURN_MAX_LINES", "1024"]],
    shownBy: ["server/turn_queue_budget_test.ts: a turn ends when its budget is used"],
  },
  "one session in a turn": {
    constants: [["server/turn_queue.ts", "SESSION_MAX_LINES", "128"]],
    shownBy: ["server/turn_queue_budget_test.ts: a session has its budget of a turn"],
  },
  "work between two polls of the sockets": {
    constants: [["base/event_loop.ts", "MAX_UNPOLLED_MS", "5 ms"]],
    shownBy: ["base/event_loop_test.ts: after more of it the next one is waited for"],
  },
  "one piece of the work on a line": {
    constants: [["hub/model/work_steps.ts", "UNITS_PER_TURN", "500"]],
    shownBy: ["hub/work_steps_test.ts: what a client says while its answer comes waits for the end of it"],
  },
  "an answer with a label that is held while it comes in pieces": {
    constants: [["hub/model/config.ts", "TURN_RESPONSE_MAX_LENGTH", "3 MiB"]],
    shownBy: ["hub/work_steps_test.ts: an answer that is held for its label and grows beyond"],
  },
  connections: {
    constants: [["server/settings/limit_flags.ts", "DEFAULT_MAX_CLIENTS", "20,000"]],
    shownBy: [
      "hub/hub_test.ts: a server that is full says no, until somebody leaves",
      "server/address_limits_test.ts: an address has so many connections at one time",
      "server/address_limits_test.ts: new connections come at a bounded speed",
      "server/settings_test.ts: limits are as by default, or as they are given",
    ],
  },
  "input of one connection": {
    constants: [["server/client_connection.ts", "TOKEN_BYTES", "512"]],
    shownBy: [
      "server/client_connection_test.ts: tokens: a line is one; of longer ones each 512 bytes",
      "server/settings_test.ts: limits are as by default, or as they are given",
    ],
  },
  "input before registration": {
    shownBy: [
      "server/client_connection_test.ts: before it is registered a connection has less than after it",
    ],
  },
  "the hub's time for one connection": {
    constants: [["server/client_connection.ts", "TIME_SHARE", "200"]],
    shownBy: ["server/client_connection_test.ts: a millisecond as much as comes again in 200"],
  },
  "input of one address": {
    constants: [["server/listen/address_limits.ts", "ADDRESS_SHARE", "4"]],
    shownBy: [
      "server/address_limits_test.ts: the connections of an address share its lines, four times what each has",
    ],
  },
  "tokens owed": {
    shownBy: [
      "base/token_bucket_test.ts: what is spent without being there is owed, up to what the bucket holds",
    ],
  },
  "addresses whose speed is known": {
    constants: [["base/keyed_buckets.ts", "MAX_BUCKETS", "50,000"]],
    shownBy: ["base/keyed_buckets_test.ts: beyond the bound the one heard of least recently is forgotten"],
  },
  "refused connections that are told why at once": {
    constants: [["net/refused_connections.ts", "MAX_LINGERING", "256"]],
    shownBy: ["net/refused_connections_test.ts: of very many at once the last are closed without a word"],
  },
  "what is read of a connection after its last line was sent to it": {
    constants: [["net/line_conn.ts", "MAX_LINGER_READS", "64"], [
      "net/web/websocket_conn.ts",
      "MAX_LINGER_READS",
      "64",
    ]],
    shownBy: [
      "net/line_conn_test.ts: what a peer goes on sending after its farewell is read up to a bound, and then the connection is closed",
    ],
  },
  "wrong passwords; accounts made and passwords changed, an address": {
    source: [
      ["hub/model/config.ts", "loginFailures: { count: 10, ms: 600_000 }"],
      ["hub/model/config.ts", "registrations: { count: 10, ms: 3_600_000 }"],
    ],
    shownBy: [
      "hub/attempt_limits_test.ts: who has failed too often waits; all others do not",
      "hub/attempt_limits_test.ts: an attempt that succeeds is given back",
      "hub/attempt_limits_test.ts: an IPv6 network is one place",
      "hub/password_change_test.ts: changes of one address count with the accounts that it makes",
    ],
  },
  "changes of a nick": {
    source: [["hub/model/config.ts", "nickChanges: { count: 5, ms: 60_000 }"]],
    shownBy: [HUB("changes of a nick: so many in a while")],
  },
  "a WebSocket message": {
    constants: [["net/web/websocket_frames.ts", "MAX_MESSAGE_BYTES", "16 KiB"]],
    shownBy: [
      "net/websocket_conn_test.ts: a message far beyond is the end, and it is told why",
      "net/websocket_frames_test.ts: a huge frame is refused by its head alone",
    ],
  },
  "an HTTP request": {
    constants: [
      ["net/web/http_request.ts", "MAX_HEAD_BYTES", "16 KiB"],
      ["net/web/http_upgrade.ts", "REQUEST_MS", "10 s"],
      ["net/web/http_upgrade.ts", "MAX_REQUESTS", "1024"],
    ],
    shownBy: [
      "net/http_request_test.ts: a head without end is given up",
      "net/http_upgrade_test.ts: very many requests that do not end take the place of the oldest of them",
      "server/web_test.ts: a request that does not end costs no session, and is given up",
    ],
  },
  "a PROXY header of a trusted proxy": {
    constants: [
      ["net/proxy/proxy_header.ts", "MAX_LINE_BYTES", "107"],
      ["net/proxy/proxy_header.ts", "MAX_PROXY_HEADER_BYTES", "4 KiB"],
      ["net/proxy/proxy_header_reader.ts", "HEADER_MS", "5 s"],
      ["net/proxy/proxy_header_reader.ts", "MAX_PENDING", "1024"],
    ],
    shownBy: [
      "net/proxy_header_test.ts: version 2: what is malformed, unknown or too long",
      "net/proxy_header_reader_test.ts: what takes too long is closed, and is a fault",
      "net/proxy_header_reader_test.ts: of too many that say nothing the oldest is closed, and at the end all are",
    ],
  },
  "a connection over WebSocket": { unseen: "idle memory is measured by deno task compare, not asserted" },
  "a connection over TLS": { unseen: "idle memory is measured by deno task compare, not asserted" },
  "TLS handshake": {
    shownBy: ["server/tls_test.ts: who does not finish the handshake, or begins none, is let go"],
  },
  registration: {
    source: [["hub/model/config.ts", "registerTimeoutMs: 30_000"]],
    shownBy: ["hub/hub_test.ts: who does not register in time is let go, however much it has said meanwhile"],
  },
  silence: {
    source: [["hub/model/config.ts", "pingTimeoutMs: 45_000"]],
    shownBy: ["hub/hub_test.ts: who is silent is asked, and let go when no answer comes"],
  },
  "silence of the server, for our clients": {
    constants: [["client/connection/link.ts", "REQUEST_TIMEOUT_MS", "10 s"], [
      "client/connection/keepalive.ts",
      "SUSPEND_THRESHOLD_MS",
      "5 s",
    ]],
    shownBy: [
      "client/keepalive_test.ts: silence is fine, then asked about, then the end",
      "client/keepalive_test.ts: a request without an answer is a reason to ask, once",
      "client/keepalive_test.ts: after a sleep, or when the clock was set, we ask at once",
    ],
  },
  "pause before reconnecting": {
    constants: [["client/connection/backoff.ts", "FIRST_DELAY_MS", "0.5 s"], [
      "client/connection/backoff.ts",
      "MAX_DELAY_MS",
      "30 s",
    ]],
    shownBy: ["client/backoff_test.ts: pauses double from half a second to half a minute"],
  },
  "typed or kept, and unsent": {
    constants: [["client/sending/outbox_store.ts", "MAX_UNSENT", "1000"]],
    shownBy: [
      "client/outbox_store_test.ts: a full outbox says so and keeps what it has",
      "client/outbox_test.ts: outbox: bounded",
    ],
  },
  "held of a conversation while its history is read": {
    constants: [["client/conversation/sync/held_messages.ts", "MAX_HELD", "5000"]],
    shownBy: ["client/held_messages_test.ts: catch-up: bounded"],
  },
  "held while history is read, or for a slow reader of standard output": {
    constants: [
      ["client/history/live_merge.ts", "MAX_HELD_ENTRIES", "10,000"],
      ["commands/support/channel_follower.ts", "MAX_WAITING_ENTRIES", "10,000"],
    ],
    shownBy: [
      "client/live_merge_test.ts: so much is held, then it is full",
      "commands/channel_follower_test.ts: that wait for a reader that takes nothing",
      "commands/channel_follower_test.ts: more than wait for the history before them: the connection is given up",
    ],
  },
  "restarts of the sync worker": {
    constants: [["store/sync/sync_task.ts", "MAX_RESTARTS", "3"]],
    shownBy: [
      "store/sync_task_test.ts: a worker that dies is replaced three times; then it is the end, and told",
      "store/sync_task_test.ts: a good pass forgives the deaths before it: only those in a row end it",
    ],
  },
  "passes at once after a quiet time": {
    constants: [["store/sync/sync_loop.ts", "MAX_BURST_PASSES", "8"]],
    shownBy: ["store/sync_task_test.ts: under load a pass comes once an interval"],
  },
  "out of file handles": {
    constants: [["net/listener.ts", "ACCEPT_PAUSE_MS", "100 ms"]],
    shownBy: [
      "server/serve_hard_times_test.ts: out of file handles: who is there goes on and is saved",
      "net/listener_test.ts: out of file handles that is told once a minute",
    ],
  },
  "cursor file": {
    constants: [["client/history/cursor_file.ts", "MAX_CURSOR_BYTES", "16 KiB"]],
    shownBy: [
      "client/cursor_file_test.ts: a file without end is damaged, and read no further than its bound",
    ],
  },
  "a sender's id": {
    constants: [["irc/vendor_extensions.ts", "MAX_SENDER_ID_BYTES", "64"]],
    shownBy: [HUB("a sender's id: so many bytes")],
  },
  "answers awaited": {
    constants: [["hub/model/config.ts", "MAX_RECEIPTS", "64"], [
      "hub/model/config.ts",
      "MAX_RECEIPTS_TOTAL",
      "100,000",
    ]],
    shownBy: [
      HUB("answers awaited by one session: so many"),
      HUB("answers awaited by all sessions: so many"),
    ],
  },
  "read markers": {
    constants: [
      ["hub/services/read_markers.ts", "MAX_MARKERS_PER_ACCOUNT", "1000"],
      ["hub/services/read_markers.ts", "MAX_MARKERS_PER_USER", "100"],
      ["hub/services/read_markers.ts", "MAX_MARKERS", "100,000"],
    ],
    shownBy: [
      HUB("read markers of one ${what}: so many, the oldest goes"),
      "hub/read_markers_test.ts: markers: of too many the one that is oldest goes, and its fact with it",
    ],
  },
  "direct conversations that wait for an account": {
    constants: [["hub/services/offline_messages.ts", "MAX_OFFLINE_CONVERSATIONS_PER_ACCOUNT", "100"]],
    shownBy: [
      "hub/offline_messages_test.ts: of more conversations than are remembered it is told that there are more",
    ],
  },
  "played at login of what waits": {
    constants: [
      ["hub/fanout/history/offline_replay.ts", "MAX_REPLAYED_CONVERSATIONS", "50"],
      ["hub/fanout/history/offline_replay.ts", "MAX_REPLAYED_MESSAGES", "100"],
      ["hub/model/config.ts", "CHATHISTORY_MAX_BYTES", "512 KiB"],
    ],
    shownBy: [
      "hub/offline_messages_test.ts: more messages than are played of a conversation are counted, and can be seen",
      "hub/offline_messages_test.ts: more conversations than are played at once are named, and played the next time",
      "hub/offline_messages_test.ts: more bytes than are played at once wait for the next time",
    ],
  },
  "until a session that can ask for history is played what waits": {
    constants: [
      ["hub/services/offline_messages.ts", "HISTORY_REQUEST_MS", "10 s"],
      ["server/server.ts", "MAX_TICK_MS", "5 s"],
      ["hub/services/offline_messages.ts", "REPLAYS_PER_TICK", "50"],
    ],
    shownBy: [
      "hub/offline_messages_test.ts: a session that asks for one conversation is played the others when its time",
      "hub/offline_messages_test.ts: of many sessions that had their time to ask each tick plays to some",
    ],
  },
  "rooms of which it is known what an account was shown": {
    constants: [
      ["hub/services/replay_positions.ts", "MAX_REPLAY_POSITIONS_PER_ACCOUNT", "100"],
      ["hub/services/replay_positions.ts", "MAX_REPLAY_POSITIONS", "100,000"],
    ],
    shownBy: [
      "hub/replay_positions_test.ts: beyond its bound the room that was left longest ago is forgotten",
      "hub/replay_positions_test.ts: beyond the bound of all accounts the one that left its rooms longest ago forgets one",
    ],
  },
  "replayed of a room on entering": {
    constants: [
      ["hub/model/config.ts", "JOIN_REPLAY_MESSAGES", "30"],
      ["hub/model/config.ts", "CHATHISTORY_MAX_MESSAGES", "1000"],
    ],
    shownBy: [
      "hub/replay_positions_test.ts: of more than are replayed the newest are, and how many were missed is told",
      "server/settings_test.ts: how much of a room is replayed is a number up to a bound, or off",
    ],
  },
  "one HISTORY answer": {
    constants: [
      ["hub/model/config.ts", "CHATHISTORY_MAX_MESSAGES", "1000"],
      ["hub/model/config.ts", "CHATHISTORY_MAX_BYTES", "512 KiB"],
      ["hub/verbs/messaging/histserv.ts", "MAX_HISTORY_IN_WORDS", "200"],
      ["hub/verbs/messaging/histserv.ts", "HISTORY_MESSAGES", "30"],
      ["hub/verbs/messaging/histserv.ts", "MAX_LISTED", "50"],
    ],
    shownBy: [
      "hub/verbs/histserv_test.ts: in words there is a bound, which is told, and without a number it is the newest",
      "hub/verbs/histserv_test.ts: LIST has a bound, and says how many more there are",
      "hub/verbs/histserv_test.ts: as a batch it is no more than CHATHISTORY answers",
    ],
  },
  "shown of what came while away": {
    constants: [["client/conversation/sync/unread_sync.ts", "MAX_UNREAD_CONVERSATIONS", "50"], [
      "client/conversation/sync/unread_sync.ts",
      "MAX_UNREAD_SHOWN",
      "1000",
    ]],
    shownBy: [
      "client/unread_sync_test.ts: absence: of one talk there is a bound, it is said, and what is not shown is not read, whatever comes then",
      "client/unread_sync_test.ts: absence: of all talks there is a bound, it is said, and one that is not looked at is not read",
    ],
  },
  "counted by `join` of what was not read in a room, the last 50 being shown": {
    constants: [["client/conversation/sync/join_sync.ts", "MAX_UNREAD_COUNTED", "1000"]],
    shownBy: ["tui/unread_text_test.ts: unread: of more than are shown it is told how many there are"],
  },
  "MARKREAD from our clients": {
    constants: [["client/conversation/read_marker_tracker.ts", "MARK_INTERVAL_MS", "2 s"]],
    shownBy: ["client/unread_sync_test.ts: reading: a conversation is marked at most every two seconds"],
  },
  "the admin socket": {
    constants: [
      ["server/console/admin_socket.ts", "MAX_ADMIN_CONNECTIONS", "8"],
      ["server/console/admin_socket.ts", "ADMIN_IDLE_MS", "30 s"],
      ["server/console/admin_protocol.ts", "MAX_COMMAND_BYTES", "4096"],
      ["server/console/moderation_commands.ts", "LIST_MAX_LINES", "1000"],
    ],
    shownBy: [
      "server/admin_socket_test.ts: more connections than its bound are told so, and one that ends makes room",
      "server/admin_socket_test.ts: a connection that says nothing is closed",
      "server/admin_socket_test.ts: what is no line of UTF-8, or too long, is answered, and the connection closed",
      "server/console_runner_test.ts: a list is cut at its bound, and says so",
    ],
  },
  "an answer that `chatterbox admin` waits for": {
    constants: [
      ["../commands/admin.ts", "ANSWER_MS", "60 s"],
      ["../commands/admin.ts", "MAX_ANSWER_LINE_BYTES", "64 KiB"],
    ],
    unseen: "the program has no clock of a test's, and the server's own lines are shorter",
  },
  "the path of the admin socket": {
    source: [["server/console/admin_protocol.ts", '=== "linux" ? 107 : 103']],
    shownBy: [
      "server/admin_socket_test.ts: a folder whose path is too long for a socket says so, up to the last byte",
    ],
  },
  "PASS lines that are compared with the server's password": {
    source: [["hub/policy/server_password.ts", "earlier === undefined ? 1 : 2"]],
    shownBy: [
      "hub/password_change_test.ts: each PASS that is compared with the server's password is counted",
    ],
  },
  "changes of one account's password at one time": {
    source: [["hub/services/accounts/accounts.ts", "if (this.#changing.has(account)) return false;"]],
    shownBy: [
      "hub/password_change_test.ts: of two at the same moment one is refused, and the next one goes on",
    ],
  },
  "iterations of a SCRAM challenge": {
    constants: [
      ["irc/sasl/scram_message.ts", "MIN_SCRAM_ITERATIONS", "4096"],
      ["irc/sasl/scram_client.ts", "MAX_SCRAM_ITERATIONS", "1,000,000"],
    ],
    shownBy: ["irc/scram_test.ts: a challenge that is none, not ours, or too much to ask"],
  },
  "one SASL message": {
    source: [["hub/verbs/connection/sasl.ts", "RESPONSE_MAX_LENGTH = 4 * SASL_CHUNK_LENGTH"]],
    shownBy: [
      HUB("one SASL message: so many characters"),
      "client/login_test.ts: pieces: whole again, however long; what is too long or no base64 is bad",
    ],
  },
  "a password": {
    constants: [["irc/sasl/passphrase.ts", "PASSPHRASE_MIN_BYTES", "8"], [
      "irc/sasl/passphrase.ts",
      "PASSPHRASE_MAX_BYTES",
      "300",
    ]],
    shownBy: [
      HUB("a password: at least so many bytes, and at most"),
      "irc/passphrase_test.ts: passphraseFault: on one line, as long as some server of ours may take it",
      "server/settings_test.ts: what the server says of itself fits its lines",
    ],
  },
  "a file with one secret": {
    constants: [["cli/files/secret_file.ts", "MAX_SECRET_FILE_BYTES", "4 KiB"]],
    shownBy: [
      "cli/small_file_test.ts: small files: read up to their bound, and not beyond",
      "cli/small_file_test.ts: small files: a secret is its owner's alone",
    ],
  },
  "a configuration, a message of the day": {
    constants: [["cli/files/client_settings.ts", "MAX_CONFIG_BYTES", "64 KiB"]],
    shownBy: ["cli/small_file_test.ts: small files: read up to their bound, and not beyond"],
  },
  "a certificate, its key; `--ca`": {
    constants: [["commands/support/client_options.ts", "MAX_CA_FILE_BYTES", "4 MiB"]],
    shownBy: ["cli/small_file_test.ts: small files: read up to their bound, and not beyond"],
  },
  "a number, a time from the wire": {
    shownBy: [
      "irc/wire_number_test.ts: a count is decimal digits within its bound, and nothing else",
      "irc/wire_number_test.ts: a time is that of server-time, from 1970 to 9999",
    ],
  },
  "unreadable facts that are told one by one": {
    constants: [["hub/apply/fact_restore.ts", "MAX_FAULTS_TOLD", "100"]],
    shownBy: ["hub/facts_test.ts: facts: of many that cannot be used a bounded number is told one by one"],
  },
  accounts: {
    constants: [["hub/services/accounts/accounts.ts", "MAX_ACCOUNTS", "100,000"]],
    shownBy: ["hub/accounts_test.ts: accounts: those that are being made count towards the bound"],
  },
  "passwords hashed at one time": {
    constants: [["server/job_runner.ts", "MAX_HASHES_AT_ONCE", "2"]],
    shownBy: [
      "server/job_runner_test.ts: errands: a password from another address is hashed before all others",
    ],
  },
  "passwords that wait to be hashed": {
    constants: [
      ["server/hash_queue.ts", "MAX_WAITING_PER_ADDRESS", "100"],
      ["server/hash_queue.ts", "MAX_WAITING_HASHES", "1000"],
    ],
    shownBy: [
      "server/hash_queue_test.ts: an address has a bounded number of jobs",
      "server/hash_queue_test.ts: a full queue drops the newest job of the address that has most",
    ],
  },
  "iterations of a saved password": {
    constants: [["hub/services/accounts/passwords.ts", "PASSWORD_ITERATIONS", "200,000"]],
    shownBy: ["hub/unreadable_accounts_test.ts: iterations without end"],
  },
  "cached cloaks": {
    constants: [["hub/model/host_cloak.ts", "MAX_CACHED", "4096"]],
    unseen: "a cloak that is computed anew is the same",
  },
  "a mask": {
    constants: [["irc/names/mask.ts", "MASK_MAX_STARS", "10"], [
      "irc/names/mask.ts",
      "MASK_MAX_WILD_CHARACTERS",
      "32",
    ]],
    shownBy: ["irc/mask_test.ts: a mask is bounded in its stars, where a run is one, in its length"],
  },
  "mask lists of all rooms": {
    constants: [["hub/services/limits/list_memory.ts", "MAX_LIST_BYTES_PER_ADDRESS", "2 MiB"], [
      "hub/services/limits/list_memory.ts",
      "MAX_LIST_BYTES",
      "32 MiB",
    ]],
    shownBy: [
      "hub/memory_bounds_test.ts: memory: mask lists that one address fills are bounded over all rooms",
      HUB("mask lists of all rooms: so much of one address, so much in all"),
    ],
  },
  "open batches, watched and followed names, metadata of users without an account": {
    constants: [
      ["hub/services/limits/session_memory.ts", "MAX_SESSION_MEMORY_BYTES_PER_ADDRESS", "8 MiB"],
      ["hub/services/limits/session_memory.ts", "MAX_SESSION_MEMORY_BYTES", "64 MiB"],
    ],
    shownBy: [
      "hub/memory_bounds_test.ts: memory: open batches of one address are bounded together",
      HUB("memory held for sessions: so much of one address, so much in all"),
    ],
  },
  "rooms of which it is remembered whether a user is banned there": {
    constants: [["hub/model/channel_settings.ts", "MAX_VERDICTS", "128"]],
    shownBy: [HUB("rooms of which it is remembered whether a user is banned there: so many")],
  },
  "lines held while a password is hashed": {
    shownBy: ["server/turn_queue_budget_test.ts: a session that waits keeps the rest of its lines"],
  },
  "gone before others hear of it": {
    constants: [["hub/model/config.ts", "GRACE_PERIOD_MS", "30 s"]],
    shownBy: [HUB("gone before others hear of it: so long, who has a key")],
  },
  "masks in one list of a room": {
    constants: [["hub/model/channel_modes.ts", "MAX_LIST_MASKS", "100"], [
      "hub/model/channel_mask.ts",
      "MASK_MAX_BYTES",
      "120",
    ]],
    shownBy: [HUB("masks of one list of a room: so many, of so many bytes; a key of so many")],
  },
  "a room's key": {
    constants: [["hub/model/channel_modes.ts", "KEYLEN", "32"]],
    shownBy: [HUB("masks of one list of a room: so many, of so many bytes; a key of so many")],
  },
  "operators that a room remembers": {
    constants: [["hub/model/channel_settings.ts", "MAX_CHANNEL_OPERATORS", "100"]],
    shownBy: [HUB("operators that a room remembers: so many, and the next is told")],
  },
  "rooms that remember one account as operator": {
    constants: [
      ["hub/services/limits/operator_quota.ts", "MAX_OPERATED_CHANNELS_PER_ACCOUNT", "50"],
      ["hub/services/limits/operator_quota.ts", "MAX_REMEMBERED_OPERATORS", "100,000"],
    ],
    shownBy: [
      "hub/operator_quota_test.ts: accounts that take all they may leave one room for others until all is taken",
    ],
  },
  "owner ids of ended accounts": {
    constants: [["hub/services/accounts/claim_keys.ts", "FORMER_OWNERS_BETWEEN_PRUNES", "1000"]],
    shownBy: [
      "hub/claim_keys_test.ts: owner ids of ended accounts are known while something is filed under them, and no longer",
    ],
  },
  "invitations of one user": {
    constants: [["hub/model/config.ts", "MAX_INVITES", "100"]],
    shownBy: [HUB("invitations of one user: so many, the oldest is forgotten")],
  },
  "bans and mutes": {
    constants: [["hub/model/config.ts", "MAX_BANS", "1000"]],
    shownBy: [HUB("bans and mutes: so many together")],
  },
  "settings, topics of rooms without members and without an owner": {
    constants: [["hub/model/config.ts", "MAX_IDLE_TOPICS", "10,000"], [
      "hub/model/config.ts",
      "MAX_IDLE_SETTINGS",
      "10,000",
    ]],
    shownBy: [
      HUB("topics, settings and plain rooms of one account without members: so many each, the oldest go"),
    ],
  },
  "owned rooms without members in which nothing is set": {
    constants: [["hub/model/config.ts", "MAX_PLAIN_CHANNELS_OF_ACCOUNT", "25"]],
    shownBy: [
      HUB("topics, settings and plain rooms of one account without members: so many each, the oldest go"),
    ],
  },
  "keys tried that are kept for other addresses": {
    constants: [["client/identity/keyring.ts", "MAX_OTHER_ADDRESS_KEYS", "4"]],
    shownBy: ["client/keyring_test.ts: the newest first, and no more than a few"],
  },
  "keys of changes that were not answered": {
    constants: [
      ["client/identity/next_key.ts", "MAX_NEXT_KEYS", "3"],
      ["client/identity/next_key.ts", "NEXT_KEY_DOUBT_MS", "600 s"],
    ],
    shownBy: [
      "commands/register_change_test.ts: changes that are not answered: so many, until they are older",
    ],
  },
  "names watched": {
    constants: [["hub/services/monitors.ts", "MAX_MONITORED", "100"]],
    shownBy: [HUB("names watched by one session: so many")],
  },
  "names of the past (WHOWAS)": {
    constants: [["hub/services/whowas.ts", "MAX_PAST_NAMES", "1000"]],
    shownBy: ["hub/whowas_test.ts: whowas: of too many the oldest are forgotten"],
  },
  "text of --admin": {
    constants: [["server/settings/settings.ts", "ADMIN_MAX_BYTES", "400"]],
    shownBy: ["server/settings_test.ts: who runs the server is said in one line that fits an answer"],
  },
  "text of --description; --icon": {
    constants: [["hub/model/config.ts", "DESCRIPTION_MAX_BYTES", "200"]],
    shownBy: ["server/settings_test.ts: what the server says of itself fits its lines"],
  },
  "a message of several lines": {
    constants: [
      ["irc/multiline.ts", "MULTILINE_MAX_BYTES", "4096"],
      ["irc/multiline.ts", "MULTILINE_MAX_LINES", "100"],
      ["hub/verbs/messaging/multiline_batch.ts", "BATCH_TAGS_MAX_BYTES", "2048"],
      ["hub/verbs/messaging/multiline_batch.ts", "BATCH_TIMEOUT_MS", "60 s"],
    ],
    shownBy: [
      HUB("a message of several lines: so many bytes, lines, bytes of tags, and one batch at a time"),
    ],
  },
  "taking back one's own message": {
    constants: [["hub/model/config.ts", "REDACT_WINDOW_MS", "24 h"]],
    shownBy: [HUB("what one has said one can take back for so long")],
  },
  "former names of rooms": {
    constants: [
      ["hub/model/config.ts", "MAX_FORMER_NAMES", "1000"],
      ["hub/model/config.ts", "FORMER_NAME_MS", "24 h"],
      ["hub/model/config.ts", "MAX_FORMER_NAMES_OF_CHANNEL", "3"],
      ["hub/model/config.ts", "RENAME_INTERVAL_MS", "10 s"],
      ["hub/model/config.ts", "RENAME_MAX_NAMES", "250,000"],
    ],
    shownBy: [
      HUB("former names of rooms: so many in all, and of one room; the oldest is forgotten"),
      HUB("a room is renamed once in so long"),
      "hub/channel_rename_test.ts: a room that many would have to come in to anew keeps its name",
    ],
  },
  metadata: {
    constants: [
      ["hub/services/metadata.ts", "MAX_METADATA_KEYS", "20"],
      ["hub/services/metadata.ts", "MAX_METADATA_KEY_BYTES", "48"],
      ["hub/services/metadata.ts", "MAX_METADATA_VALUE_BYTES", "240"],
      ["hub/services/metadata.ts", "MAX_METADATA_SUBS", "50"],
      ["hub/services/metadata.ts", "MAX_METADATA_CHANNELS", "10,000"],
      ["hub/services/metadata.ts", "MAX_METADATA_BYTES", "32 MiB"],
      ["hub/services/metadata.ts", "MAX_METADATA_LINES", "2000"],
    ],
    shownBy: [
      HUB("metadata: so many keys, of so many bytes, and values of so many"),
      HUB("metadata: so many subscriptions of one session"),
      HUB("metadata of a room's members: so many lines an answer"),
      "hub/metadata_test.ts: of a room that an account owns gives way to nothing",
    ],
  },
  "messages that `join` can say whose they were when taken back": {
    constants: [["client/conversation/sync/seen_messages.ts", "MAX_SAID", "500"]],
    shownBy: ["client/seen_messages_test.ts: memory: bounded; the oldest is forgotten first"],
  },
  "people ignored": {
    constants: [["client/conversation/model/ignore_list.ts", "MAX_IGNORED", "1000"]],
    shownBy: ["limits/client_test.ts: people ignored: so many"],
  },
  "folded names kept": {
    constants: [["irc/names/casemap.ts", "MAX_FOLD_CACHE", "256"]],
    unseen: "a name that is folded anew is the same",
  },
  "overwritten messages that are counted": {
    constants: [["hub/model/seq_list.ts", "MAX_KNOWN_GONE", "1024"]],
    shownBy: [HUB("overwritten messages that are counted: the newest so many")],
  },
  "announced at once": {
    constants: [["hub/model/config.ts", "LARGE_CHANNEL_MEMBERS", "500"]],
    shownBy: [HUB("a room is announced in below so many members, and from there on not")],
  },
  rooms: {
    source: [
      ["hub/model/config.ts", "channels: 10_000"],
      ["hub/model/config.ts", "channelsPerUser: 100"],
      ["hub/model/config.ts", "channelMembers: 100_000"],
    ],
    shownBy: [HUB("rooms: so many in all, so many of one user, and so many members of one")],
  },
  "rooms of one address": {
    source: [["hub/model/config.ts", "CHANNEL_SHARE_DIVISOR = 4"]],
    shownBy: ["adversary/channels_test.ts: one address makes a fifth of the rooms, and observers none"],
  },
  "followed by one observer": {
    constants: [["hub/model/config.ts", "MAX_FOLLOWED", "100"]],
    shownBy: [HUB("an observer follows so many rooms and people")],
  },
  "one CHATHISTORY answer": {
    constants: [
      ["hub/model/config.ts", "CHATHISTORY_MAX_MESSAGES", "1000"],
      ["hub/model/config.ts", "CHATHISTORY_MAX_BYTES", "512 KiB"],
    ],
    shownBy: [
      HUB("one CHATHISTORY answer has so many messages"),
      HUB("one CHATHISTORY TARGETS answer has so many rows"),
      HUB("one CHATHISTORY answer has so many bytes, and goes on where it was cut"),
      HUB("one CHATHISTORY answer has so many bytes, twice as many where all are of one millisecond"),
    ],
  },
  "the time of a message ahead of the clock": {
    constants: [["hub/model/timeline.ts", "MAX_AHEAD_MS", "50 ms"]],
    shownBy: [
      "hub/timeline_test.ts: fifteen thousand messages in a second leave the time within 50 ms of the clock",
    ],
  },
  "what the clock may differ from a stopwatch before it counts as set": {
    constants: [["base/clock.ts", "CLOCK_STEP_MS", "1 s"]],
    shownBy: ["base/clock_step_test.ts: clock watch: a step is found once, in either direction"],
  },
  "places where the time goes back, of one conversation": {
    constants: [["hub/model/timeline.ts", "MAX_CLOCK_BREAKS", "1024"]],
    shownBy: [
      "hub/history_query_times_test.ts: breaks are forgotten with what the ring has lost, and the oldest of too many",
    ],
  },
  "one WHO or LIST answer": {
    constants: [["hub/model/config.ts", "QUERY_MAX_ROWS", "2000"]],
    shownBy: [HUB("one ${verb} answer has so many rows, and says that it was cut")],
  },
  history: {
    constants: [["log/ring.ts", "RING_MAX_BYTES", "1 GiB"]],
    shownBy: [
      "log/ring_test.ts: the capacity is a multiple of 8 in bounds",
      "log/ring_test.ts: round and round: the newest stay, the oldest go, and the ring says so",
    ],
  },
  "messages kept beyond the ring": {
    constants: [
      ["hub/history/retained_messages.ts", "RETAINED_OVERHEAD_BYTES", "1 KiB"],
      ["hub/history/retained_messages.ts", "SENDER_SHARE", "1/16"],
      ["hub/history/retained_messages.ts", "CONVERSATION_SHARE", "1/8"],
    ],
    shownBy: [
      "hub/retained_messages_test.ts: a stranger over many connections of one address pushes out nothing",
      "hub/retained_messages_test.ts: what is kept stays within its budget and its shares",
      "hub/retained_messages_test.ts: what is kept of one room stays within its share",
    ],
  },
  "newest bytes of a sender in the ring that are kept beyond it": {
    constants: [
      ["hub/history/retained_messages.ts", "SENDER_RING_SHARE", "1/1024"],
      ["hub/history/retained_messages.ts", "SENDER_RING_BYTES", "8 KiB"],
      ["hub/history/retained_messages.ts", "SENDER_RING_MAX_SHARE", "1/64"],
    ],
    shownBy: ["hub/retained_messages_test.ts: where many talk at the same rate nothing is copied"],
  },
  "client-only tags of a recorded message": {
    constants: [["hub/model/config.ts", "MAX_RECORDED_TAGS_BYTES", "512"]],
    shownBy: [
      HUB(
        "client-only tags of a recorded message: so many bytes; with more they are delivered and not recorded",
      ),
    ],
  },
  "rooms remembered without members, topic and settings": {
    constants: [["hub/history/idle_conversations.ts", "MAX_IDLE_CHANNELS", "10,000"]],
    shownBy: [
      "hub/idle_conversations_test.ts: idle targets: of rooms that nobody is in so many are remembered",
    ],
  },
  "direct conversations remembered": {
    constants: [["hub/history/idle_conversations.ts", "MAX_DIRECT_CONVERSATIONS", "20,000"]],
    shownBy: ["hub/idle_conversations_test.ts: idle targets: of conversations so many are remembered"],
  },
  "one record": {
    shownBy: [
      "log/ring_test.ts: a record over the limit is refused, and leaves no trace",
      "log/ring_test.ts: one record as large as may be pushes out an eighth of the ring",
    ],
  },
  "loss window": {
    constants: [["server/settings/settings.ts", "DEFAULT_SYNC_MS", "1 s"]],
    shownBy: [
      "torture/torture_test.ts: servers killed while people talk: what was durable is there once",
      "store/sync_task_test.ts: what comes after a quiet time is synced at once, long before the interval is over",
    ],
  },
};
