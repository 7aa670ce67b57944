/** Limits of our own clients. */
import type { Limit } from "../limit.ts";

const KEEPALIVE = "lib/client/session/keepalive.ts";
const BACKOFF = "lib/client/session/backoff.ts";
const DIRECT = "lib/client/conversation/sync/direct_sync.ts";
const FOLLOW_LINK = "commands/logs/rooms/follow_link.ts";
const EDITOR = "lib/tui/terminal/line/line_editor.ts";
const BATCHES = "lib/client/session/batch_collector.ts";
const REACTION = "lib/irc/reaction.ts";
const SILENCE = "client/keepalive_test.ts: silence is fine, then asked about, then the end";
const REACTION_TEST =
  "irc/reaction_test.ts: reactions: what is quoted is cut between characters, and is one line";
const BATCHES_TEST =
  "client/batch_collector_test.ts: batches: the bound holds over many messages of several lines, and over those that never end";

export const CLIENT_CONNECTION: readonly Limit[] = [
  {
    what: "addresses of one chat in `--server`",
    bound: "{MAX_SERVERS}",
    beyond: "refused",
    constants: { "lib/net/server_list.ts": ["MAX_SERVERS"] },
    shownBy: ["net/server_list_test.ts: lists of servers: 8 addresses, and not one more"],
  },
  {
    what: "wait for one of several addresses of a chat, but the last",
    bound: "{ATTEMPT_MS}",
    beyond: "the next one is tried",
    constants: { "lib/client/connection/server_round.ts": ["ATTEMPT_MS"] },
    shownBy: [
      "client/server_round_test.ts: several servers: of several failures the one counts that may pass",
    ],
  },
  {
    what: "ringing pages that `join` knows, and pages that were opened there",
    bound: "{MAX_KNOWN_PAGES} each",
    beyond: "shown as they ring, and acknowledged by their number",
    constants: { "lib/client/conversation/oncall/ringing_pages.ts": ["MAX_KNOWN_PAGES"] },
    shownBy: ["client/ringing_pages_test.ts: ringing pages: so many are known"],
  },
  {
    what: "files of the outbox that `doctor` looks at",
    bound: "{MAX_OUTBOX_FILES_CHECKED}",
    beyond: "a warning says that there are more",
    constants: { "commands/doctor/local_checks.ts": ["MAX_OUTBOX_FILES_CHECKED"] },
    shownBy: ["commands/doctor_test.ts: doctor: more files in the outbox than are looked at"],
  },
  {
    what: "line from a server, without its tags",
    bound: "{MAX_LINE_RECEIVED_BYTES}, CR LF included",
    beyond: "cut and marked `[…]`",
    constants: { "lib/client/connection/link.ts": ["MAX_LINE_RECEIVED_BYTES"] },
    shownBy: [
      "client/link_test.ts: lines that are not UTF-8, hold NUL or are too long are events too, from the first line on",
    ],
  },
  {
    what: "tags of a line from a server",
    bound: "{MAX_SERVER_TAGS_BYTES}",
    beyond: "dropped, the message is not",
    constants: { "lib/irc/limits.ts": ["MAX_SERVER_TAGS_BYTES"] },
    shownBy: [
      "client/lenient_line_test.ts: tags that are too long are left out, and the message behind them is not",
    ],
  },
  {
    what: "silence of the server",
    bound: "{PING_AFTER_MS}",
    beyond: "PING",
    constants: { [KEEPALIVE]: ["PING_AFTER_MS"] },
    shownBy: [SILENCE],
  },
  {
    what: "time for the reply to a request",
    bound: "{REQUEST_TIMEOUT_MS}",
    beyond: "PING",
    constants: { "lib/client/connection/link.ts": ["REQUEST_TIMEOUT_MS"] },
    shownBy: ["client/keepalive_test.ts: a request without an answer is a reason to ask, once"],
  },
  {
    what: "sleep of the machine, clock step",
    bound: "{SUSPEND_THRESHOLD_MS}",
    beyond: "PING",
    constants: { [KEEPALIVE]: ["SUSPEND_THRESHOLD_MS"] },
    shownBy: ["client/keepalive_test.ts: after a sleep, or when the clock was set, we ask at once"],
  },
  {
    what: "time for the PONG",
    bound: "{PONG_TIMEOUT_MS}",
    beyond: "reconnects",
    constants: { [KEEPALIVE]: ["PONG_TIMEOUT_MS"] },
    shownBy: [SILENCE],
  },
  {
    what: "pause before reconnecting, doubling",
    bound: "{FIRST_DELAY_MS} to {MAX_DELAY_MS}",
    beyond: "stays",
    constants: { [BACKOFF]: ["FIRST_DELAY_MS", "MAX_DELAY_MS"] },
    shownBy: ["client/backoff_test.ts: pauses double from half a second to half a minute"],
  },
  {
    what: "open batches",
    bound: "{MAX_OPEN_BATCHES}",
    beyond: "disconnects: the server is at fault",
    constants: { [BATCHES]: ["MAX_OPEN_BATCHES"] },
    shownBy: [BATCHES_TEST],
  },
  {
    what: "lines of all open batches",
    bound: "{MAX_BATCHED_LINES}",
    beyond: "disconnects: the server is at fault",
    constants: { [BATCHES]: ["MAX_BATCHED_LINES"] },
    shownBy: [BATCHES_TEST],
  },
  {
    what: "lines of the responses among them, but for the first {KEPT_OF_EACH} of each",
    bound: "{MAX_RESPONSE_LINES}",
    beyond: "dropped",
    constants: { [BATCHES]: ["MAX_RESPONSE_LINES", "KEPT_OF_EACH"] },
    shownBy: [
      "client/client_session_test.ts: a response that is too long is cut, and neither it nor what comes meanwhile ends the session",
    ],
  },
  {
    what: "capabilities offered by a server",
    bound: "{MAX_OFFERED}",
    beyond: "ignored",
    constants: { "lib/client/session/capability_tracker.ts": ["MAX_OFFERED"] },
    shownBy: ["limits/client_test.ts: capabilities offered: so many"],
  },
  {
    what: "ISUPPORT tokens of a server",
    bound: "{MAX_TOKENS}",
    beyond: "ignored",
    constants: { "lib/client/session/isupport_table.ts": ["MAX_TOKENS"] },
    shownBy: ["limits/client_test.ts: tokens of ISUPPORT: so many"],
  },
  {
    what: "lines of a response without a label",
    bound: "{MAX_GATHERED_LINES}",
    beyond: "dropped",
    constants: { "lib/client/session/request_tracker.ts": ["MAX_GATHERED_LINES"] },
    shownBy: ["limits/client_test.ts: lines of a response without a label: so many"],
  },
];

export const CLIENT_MESSAGES: readonly Limit[] = [
  {
    what: "unsent messages of a name on a server",
    bound: "{MAX_UNSENT}",
    beyond: "refused",
    constants: { "lib/client/sending/outbox_store.ts": ["MAX_UNSENT"] },
    shownBy: ["client/outbox_store_test.ts: a full store refuses messages and keeps those it has"],
  },
  {
    what: "text of one `send`",
    bound: "{MAX_TEXT_BYTES}",
    beyond: "refused (exit code `65`)",
    constants: { "commands/send/text_source.ts": ["MAX_TEXT_BYTES"] },
    shownBy: ['commands/send_test.ts: "x".repeat(1024 * 1024 + 1)'],
  },
  {
    what: "lines of `send --lines` that wait, at their beginning and again at their end",
    bound: "{FOLD_HALF_LINES}, {FOLD_HALF_BYTES}",
    beyond: "left out, and counted in the message",
    constants: { "lib/client/sending/line_folder.ts": ["FOLD_HALF_LINES", "FOLD_HALF_BYTES"] },
    shownBy: ["client/line_folder_test.ts: of more than fit a message the first and the last are kept"],
  },
  {
    what: "messages of `join` without an answer yet",
    bound: "{MAX_IN_FLIGHT}",
    beyond: "wait",
    constants: { "lib/client/conversation/outbox.ts": ["MAX_IN_FLIGHT"] },
    shownBy: ["client/outbox_test.ts: those in flight stay as many"],
  },
  {
    what: "messages that wait in `join`",
    bound: "{MAX_QUEUED}",
    beyond: "refused",
    constants: { "lib/client/conversation/outbox.ts": ["MAX_QUEUED"] },
    shownBy: ["client/outbox_test.ts: outbox: bounded"],
  },
  {
    what: "entries held while history is read",
    bound: "{MAX_HELD_ENTRIES}",
    beyond: "`join` shows them, `logs` reconnects",
    constants: { "lib/client/conversation/sync/live_merge.ts": ["MAX_HELD_ENTRIES"] },
    shownBy: [
      "client/live_merge_test.ts: held entries are bounded",
      "commands/live_follower_test.ts: follow: too many new messages while history is read",
    ],
  },
  {
    what: "entries a slow reader has not taken",
    bound: "{MAX_WAITING_ENTRIES}",
    beyond: "reconnects and reads history",
    constants: { [FOLLOW_LINK]: ["MAX_WAITING_ENTRIES"] },
    shownBy: ["commands/live_follower_test.ts: that wait for a reader that takes nothing"],
  },
  {
    what: "unread conversations shown by `join`",
    bound: "{MAX_UNREAD_CONVERSATIONS}",
    beyond: "stay unread, told",
    constants: { [DIRECT]: ["MAX_UNREAD_CONVERSATIONS"] },
    shownBy: [
      "client/direct_sync_test.ts: direct sync: the conversations have a bound, it is told, and one that is not read stays unread",
    ],
  },
  {
    what: "unread messages shown of each",
    bound: "the oldest {MAX_UNREAD_SHOWN}",
    beyond: "stay unread, told",
    constants: { [DIRECT]: ["MAX_UNREAD_SHOWN"] },
    shownBy: [
      "client/direct_sync_test.ts: direct sync: the messages of a conversation have a bound, it is told, and the rest stays unread",
    ],
  },
  {
    what: "missed messages shown of a conversation",
    bound: "the oldest {MAX_MISSED_MESSAGES}",
    beyond: "told, with the `logs` command",
    constants: { "lib/client/conversation/sync/sync_host.ts": ["MAX_MISSED_MESSAGES"] },
    shownBy: [
      "client/direct_sync_test.ts: direct sync: what was missed during a connection loss and is not shown",
    ],
  },
  {
    what: "unread messages counted of a room",
    bound: "{MAX_UNREAD_COUNTED}",
    beyond: "“more”; the last {RECENT_MESSAGES} shown",
    constants: {
      "lib/client/conversation/sync/join_sync.ts": ["MAX_UNREAD_COUNTED", "RECENT_MESSAGES"],
    },
    shownBy: ["client/unread_text_test.ts: unread: of more than are shown it is told how many there are"],
  },
  {
    what: "unread messages with a known time",
    bound: "the latest {MAX_UNREAD_TIMES}",
    beyond: "counted",
    constants: { "lib/client/conversation/model/unread_counter.ts": ["MAX_UNREAD_TIMES"] },
    shownBy: ["limits/client_test.ts: unread messages with a known time: so many, older ones are counted"],
  },
  {
    what: "time between two MARKREAD",
    bound: "{MARK_INTERVAL_MS}",
    beyond: "sent later",
    constants: { "lib/client/conversation/read_marker_tracker.ts": ["MARK_INTERVAL_MS"] },
    shownBy: ["client/direct_sync_test.ts: read markers: a conversation is marked at most every two seconds"],
  },
  {
    what: "messages that can be quoted",
    bound: "the latest {MAX_EXCERPTS}",
    beyond: "shown without a quote",
    constants: { "lib/client/conversation/model/message_excerpts.ts": ["MAX_EXCERPTS"] },
    shownBy: [
      "client/message_excerpts_test.ts: message excerpts: by id",
      "commands/logs_test.ts: --follow quotes the latest 500 messages when they are reacted to",
    ],
  },
  {
    what: "own messages that `/delete TEXT` finds",
    bound: "the latest {MAX_OWN_EXCERPTS}, and as many that `/logs` and `/search` have shown",
    beyond: "told; `/logs` or `/search` first",
    constants: { "lib/client/conversation/model/message_excerpts.ts": ["MAX_OWN_EXCERPTS"] },
    shownBy: ["client/message_excerpts_test.ts: message excerpts: our own latest 300"],
  },
  {
    what: "own reactions that `/unreact` finds",
    bound: "the latest {MAX_GIVEN_REACTIONS}",
    beyond: "told",
    constants: { "lib/client/commands/messages/reaction_commands.ts": ["MAX_GIVEN_REACTIONS"] },
    shownBy: ["client/commands/reaction_commands_test.ts: /unreact withdraws one's last reaction here"],
  },
  {
    what: "time between two changes of a terminal's prompt because of people who type",
    bound: "{TYPING_PROMPT_INTERVAL_MS}",
    beyond: "shown later",
    constants: { "lib/tui/typing_status.ts": ["TYPING_PROMPT_INTERVAL_MS"] },
    shownBy: ["tui/typing_status_test.ts: typing: the prompt changes once a second at most"],
  },
  {
    what: "reaction as shown",
    bound: "{MAX_REACTION_CHARACTERS} characters",
    beyond: "cut",
    constants: { [REACTION]: ["MAX_REACTION_CHARACTERS"] },
    shownBy: [REACTION_TEST],
  },
  {
    what: "message quoted with a reaction",
    bound: "{MAX_EXCERPT_CHARACTERS} characters",
    beyond: "cut",
    constants: { [REACTION]: ["MAX_EXCERPT_CHARACTERS"] },
    shownBy: [REACTION_TEST],
  },
  {
    what: "members known of a room",
    bound: "{MAX_MEMBERS}",
    beyond: "not known by name",
    constants: { "lib/client/conversation/model/joined_channels.ts": ["MAX_MEMBERS"] },
    shownBy: ["limits/client_test.ts: members known of a room: so many"],
  },
  {
    what: "message ids known, to show none twice",
    bound: "the latest {MAX_IDS}",
    beyond: "the oldest is dropped",
    constants: { "lib/client/conversation/sync/seen_messages.ts": ["MAX_IDS"] },
    shownBy: ["client/seen_messages_test.ts: seen messages: bounded; the oldest is forgotten first"],
  },
  {
    what: "conversations with a known last message",
    bound: "{MAX_TARGETS}",
    beyond: "the oldest is dropped",
    constants: { "lib/client/conversation/sync/seen_messages.ts": ["MAX_TARGETS"] },
    shownBy: ["client/seen_messages_test.ts: seen messages: bounded; the oldest is forgotten first"],
  },
  {
    what: "people ignored",
    bound: "{MAX_IGNORED}",
    beyond: "refused",
    constants: { "lib/client/conversation/model/ignore_list.ts": ["MAX_IGNORED"] },
    shownBy: ["limits/client_test.ts: people ignored: so many"],
  },
  {
    what: "rooms and DMs with unread counts",
    bound: "{MAX_VIEWS}",
    beyond: "the least active forgotten",
    constants: { "lib/client/conversation/model/views.ts": ["MAX_VIEWS"] },
    shownBy: ["client/views_test.ts: views: beyond the bound the least recently active one goes"],
  },
  {
    what: "unread messages of a view that are shown when one comes to it; read ones before them",
    bound: "the latest {MAX_HELD_OF_VIEW}; {MAX_READ_SHOWN}",
    beyond: "counted; `/logs` and PgUp show them",
    constants: { "lib/tui/view_stream.ts": ["MAX_HELD_OF_VIEW", "MAX_READ_SHOWN"] },
    shownBy: [
      "tui/view_stream_test.ts: view stream: beyond the bound the latest messages are shown, and it is told how many there are",
      "tui/view_stream_test.ts: view stream: a rule stands between what was read and what is new, and little of the former is shown",
    ],
  },
  {
    what: "typed line",
    bound: "{MAX_INPUT_UNITS} characters",
    beyond: "not taken",
    constants: { [EDITOR]: ["MAX_INPUT_UNITS"] },
    shownBy: [
      "tui/line/line_editor_test.ts: editor: the line is bounded, and never ends in half a character",
    ],
  },
  {
    what: "answer to a question",
    bound: "{MAX_ANSWER_UNITS} characters",
    beyond: "not taken",
    constants: { "lib/tui/terminal/inquirer.ts": ["MAX_ANSWER_UNITS"] },
    shownBy: ["tui/prompt_test.ts: ask: an answer is bounded, however much is pasted or typed"],
  },
  {
    what: "line from a pipe",
    bound: "{MAX_LINE_UNITS} characters",
    beyond: "the rest is a line of its own",
    constants: { "lib/tui/plain_ui.ts": ["MAX_LINE_UNITS"] },
    shownBy: ["tui/plain_ui_test.ts: plain ui: one line in"],
  },
  {
    what: "escape sequence of a terminal",
    bound: "{MAX_SEQUENCE_UNITS} characters",
    beyond: "dropped",
    constants: { "lib/tui/terminal/keys.ts": ["MAX_SEQUENCE_UNITS"] },
    shownBy: ["tui/keys_test.ts: a sequence that never ends is given up, and what is typed later arrives"],
  },
  {
    what: "time to find out whether a name that is no user's is a room's",
    bound: "{MAX_ROOM_LOOKUP_MS}",
    beyond: "no hint",
    constants: { "lib/client/sending/room_lookup.ts": ["MAX_ROOM_LOOKUP_MS"] },
    shownBy: ["client/room_lookup_test.ts: room lookup: a server that does not answer in time gives no hint"],
  },
  {
    what: "time to find out whether the message of send --reply-to exists",
    bound: "{MAX_MESSAGE_LOOKUP_MS}",
    beyond: "sent, with a warning",
    constants: { "lib/client/sending/answered_message.ts": ["MAX_MESSAGE_LOOKUP_MS"] },
    shownBy: [
      "client/answered_message_test.ts: answered message: what is not known for sure is unverified, and the server has " +
      "a bounded time",
    ],
  },
  {
    what: "time for the names that a shell completes",
    bound: "{MAX_LOOKUP_MS}",
    beyond: "none are offered",
    constants: { "commands/completion/candidate_lookup.ts": ["MAX_LOOKUP_MS"] },
    shownBy: ["commands/completion_test.ts: completion: a server that does not answer is not waited for"],
  },
  {
    what: "names that a shell completes",
    bound: "{MAX_CANDIDATES}",
    beyond: "the others are not offered",
    constants: { "commands/completion/candidate_lookup.ts": ["MAX_CANDIDATES"] },
    shownBy: ["commands/completion_test.ts: completion: of many names the first 1,000 are offered"],
  },
  {
    what: "paste at a terminal",
    bound: "{MAX_PASTE_UNITS} characters",
    beyond: "the rest is dropped",
    constants: { "lib/tui/terminal/keys.ts": ["MAX_PASTE_UNITS"] },
    shownBy: ["tui/keys_test.ts: keys: a paste is one key, and bounded"],
  },
  {
    what: "killed texts (Ctrl-Y, Alt-Y)",
    bound: "{MAX_KILLS}",
    beyond: "the oldest is dropped",
    constants: { "lib/tui/terminal/line/kill_ring.ts": ["MAX_KILLS"] },
    shownBy: ["tui/line/line_editor_test.ts: editor: undo and the killed texts are bounded"],
  },
  {
    what: "changes of a line that can be undone",
    bound: "{MAX_UNDO_STEPS}",
    beyond: "the oldest is dropped",
    constants: { "lib/tui/terminal/line/undo_stack.ts": ["MAX_UNDO_STEPS"] },
    shownBy: ["tui/line/line_editor_test.ts: editor: undo and the killed texts are bounded"],
  },
  {
    what: "text that Ctrl-R looks for",
    bound: "{MAX_QUERY_UNITS} characters",
    beyond: "not taken",
    constants: { "lib/tui/terminal/line/history_search.ts": ["MAX_QUERY_UNITS"] },
    shownBy: ["tui/line/history_search_test.ts: search: the text is bounded"],
  },
  {
    what: "drafts of rooms and DMs at a terminal",
    bound: "{MAX_DRAFTS}",
    beyond: "that of the view left longest ago is dropped",
    constants: { "lib/tui/view_drafts.ts": ["MAX_DRAFTS"] },
    shownBy: ["tui/view_drafts_test.ts: drafts: bounded; that of the view left longest ago goes first"],
  },
  {
    what: "lines at a terminal that wait for the outbox",
    bound: "{MAX_WAITING_UNITS} characters",
    beyond: "not sent: they go to the typed lines",
    constants: { "lib/tui/input/line_queue.ts": ["MAX_WAITING_UNITS"] },
    shownBy: [
      "tui/line_queue_test.ts: line queue: long lines are kept in parts that the line can hold; the queue is bounded",
    ],
  },
  {
    what: "typed lines kept for the arrow keys and Ctrl-R",
    bound: "{MAX_HISTORY_LINES}",
    beyond: "the oldest is dropped",
    constants: { "lib/tui/terminal/line/line_history.ts": ["MAX_HISTORY_LINES"] },
    shownBy: ["tui/line/line_editor_test.ts: editor: history is bounded"],
  },
];
