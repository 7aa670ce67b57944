/** Limits of files, of what the operator sets, and of the admin socket. */
import type { Limit } from "../limit.ts";

const SOCKET = "lib/server/console/admin_socket.ts";
const PROTOCOL = "lib/server/console/admin_protocol.ts";
const NEXT_KEY = "lib/client/identity/next_key.ts";
const NEXT_KEY_TEST =
  "commands/register_change_test.ts: changes that are not answered: so many, until they are older";
const SMALL_FILES = "cli/small_file_test.ts: small files: read up to their bound, and not beyond";
const SELF_TEST = "server/settings_test.ts: what the server says of itself fits its lines";
const LINE_TEST =
  "server/admin_socket_test.ts: what is no line of UTF-8, or too long, is answered, and the connection closed";
const UNTIMED = "the program has no clock of a test's, and the server's own lines are shorter";

export const FILES: readonly Limit[] = [
  {
    what: "file with one secret",
    bound: "{MAX_SECRET_FILE_BYTES}",
    beyond: "refused; also if readable by others",
    constants: { "lib/cli/files/secret_file.ts": ["MAX_SECRET_FILE_BYTES"] },
    shownBy: [SMALL_FILES, "cli/small_file_test.ts: small files: a secret is its owner's alone"],
  },
  {
    what: "configuration of the server",
    bound: "{MAX_CONFIG_BYTES}",
    beyond: "refused",
    constants: { "lib/server/settings/config_file.ts": ["MAX_CONFIG_BYTES"] },
    shownBy: [SMALL_FILES],
  },
  {
    what: "status that the service manager shows",
    bound: "{MAX_STATUS_LENGTH}",
    beyond: "cut",
    constants: { "lib/server/service_manager.ts": ["MAX_STATUS_LENGTH"] },
    shownBy: ["server/service_manager_test.ts: service manager: reports reach a socket"],
  },
  {
    what: "configuration of the clients",
    bound: "{MAX_CONFIG_BYTES}",
    beyond: "refused",
    constants: { "lib/cli/files/client_settings.ts": ["MAX_CONFIG_BYTES"] },
    shownBy: [SMALL_FILES],
  },
  {
    what: "message of the day",
    bound: "{MAX_MOTD_BYTES}",
    beyond: "refused",
    constants: { "lib/server/settings/reloadable_files.ts": ["MAX_MOTD_BYTES"] },
    shownBy: [SMALL_FILES],
  },
  {
    what: "certificate chain; its key",
    bound: "{MAX_FILE_BYTES} each",
    beyond: "refused",
    constants: { "lib/server/listen/certificate.ts": ["MAX_FILE_BYTES"] },
    shownBy: [SMALL_FILES],
  },
  {
    what: "certificates and key of a cluster's node",
    bound: "{MAX_PEM_BYTES} each",
    beyond: "refused",
    constants: { "lib/server/settings/cluster_files.ts": ["MAX_PEM_BYTES"] },
    shownBy: [SMALL_FILES],
  },
  {
    what: "certificates of `--ca`",
    bound: "{MAX_CA_FILE_BYTES}",
    beyond: "refused",
    constants: { "commands/support/client_options.ts": ["MAX_CA_FILE_BYTES"] },
    shownBy: [SMALL_FILES],
  },
  {
    what: "cursor file of `logs`",
    bound: "{MAX_CURSOR_BYTES}",
    beyond: "refused as damaged",
    constants: { "lib/client/history/cursor_file.ts": ["MAX_CURSOR_BYTES"] },
    shownBy: [
      "client/cursor_file_test.ts: a file without end is damaged, and read no further than its bound",
    ],
  },
  {
    what: "keys kept from other addresses",
    bound: "{MAX_OTHER_ADDRESS_KEYS}",
    beyond: "the oldest is dropped",
    constants: { "lib/client/identity/keyring.ts": ["MAX_OTHER_ADDRESS_KEYS"] },
    shownBy: ["client/keyring_test.ts: the newest first, and no more than a few"],
  },
  {
    what: "keys of unanswered `register --change`",
    bound: "{MAX_NEXT_KEYS}, for {NEXT_KEY_DOUBT_MS} each",
    beyond: "refused (exit code `75`)",
    constants: { [NEXT_KEY]: ["MAX_NEXT_KEYS", "NEXT_KEY_DOUBT_MS"] },
    shownBy: [NEXT_KEY_TEST],
  },
  {
    what: "file beside a key",
    bound: "{MAX_COMPANION_FILE_BYTES}",
    beyond: "not read",
    constants: { "lib/client/identity/key_file.ts": ["MAX_COMPANION_FILE_BYTES"] },
    shownBy: [SMALL_FILES],
  },
  {
    what: "file with the fingerprint of a server",
    bound: "{MAX_PIN_FILE_BYTES}",
    beyond: "not read",
    constants: { "lib/client/trust/certificate_pins.ts": ["MAX_PIN_FILE_BYTES"] },
    shownBy: [SMALL_FILES],
  },
  {
    what: "file with the STS policy of a server",
    bound: "{MAX_POLICY_FILE_BYTES}",
    beyond: "not read",
    constants: { "lib/client/trust/sts_policy_file.ts": ["MAX_POLICY_FILE_BYTES"] },
    shownBy: [SMALL_FILES],
  },
  {
    what: "file with an unsent message",
    bound: "{MAX_FILE_BYTES}",
    beyond: "set aside as `.bad`",
    constants: { "lib/client/sending/outbox_store.ts": ["MAX_FILE_BYTES"] },
    shownBy: [SMALL_FILES],
  },
  {
    what: "file with ignored names; names in it",
    bound: "{MAX_FILE_BYTES}; {MAX_IGNORED}",
    beyond: "not read; further names are dropped",
    constants: {
      "commands/join/ignore_file.ts": ["MAX_FILE_BYTES"],
      "lib/client/conversation/model/ignore_list.ts": ["MAX_IGNORED"],
    },
    shownBy: [SMALL_FILES],
  },
  {
    what: "file with typed lines; rows in it",
    bound: "{MAX_FILE_BYTES}; {MAX_ROWS}",
    beyond: "not used; written anew with the newest half",
    constants: { "commands/join/history_file.ts": ["MAX_FILE_BYTES", "MAX_ROWS"] },
    shownBy: ["commands/line_files_test.ts: history file: bounded"],
  },
  {
    what: "file with drafts; files of one name",
    bound: "{MAX_FILE_BYTES}; {MAX_DRAFTS_FILES}",
    beyond: "not used; drafts of a further `join` end with it",
    constants: { "commands/join/drafts_file.ts": ["MAX_FILE_BYTES", "MAX_DRAFTS_FILES"] },
    shownBy: [
      "commands/line_files_test.ts: files of typed lines: what is too large",
      "commands/line_files_test.ts: drafts: a crash while they are taken over loses none and doubles none; the runs have a bound",
    ],
  },
  {
    what: "wait for a file that another process of the same person changes",
    bound: "{MAX_LOCK_WAIT_MS}",
    beyond: "changed without its lock",
    constants: { "lib/store/disk/folder_lock.ts": ["MAX_LOCK_WAIT_MS"] },
    shownBy: [
      "store/folder_lock_test.ts: folder lock: one that stays held, or cannot be had, keeps nothing from being written",
    ],
  },
  {
    what: "text saved in the person's editor",
    bound: "{MAX_FILE_BYTES}",
    beyond: "the line stays as it was",
    constants: { "commands/join/outside_editor.ts": ["MAX_FILE_BYTES"] },
    shownBy: [SMALL_FILES],
  },
  {
    what: "file with the rooms of a name; rooms in it",
    bound: "{MAX_FILE_BYTES}; {MAX_KEPT_ROOMS}",
    beyond: "not used; the oldest are forgotten",
    constants: { "commands/join/rooms_file.ts": ["MAX_FILE_BYTES", "MAX_KEPT_ROOMS"] },
    shownBy: [
      "commands/rooms_file_test.ts: rooms file: what is no list of rooms is not used, and a list has a bound",
    ],
  },
  {
    what: "file with the settings of a chat",
    bound: "{MAX_FILE_BYTES}",
    beyond: "not used",
    constants: { "commands/join/settings_file.ts": ["MAX_FILE_BYTES"] },
    shownBy: ["commands/settings_file_test.ts: settings.json that cannot be read is told, and left as it is"],
  },
  {
    what: "words of `/set highlight`",
    bound: "{MAX_HIGHLIGHT_WORDS}, each of {MAX_HIGHLIGHT_UNITS} characters",
    beyond: "refused",
    constants: {
      "lib/client/conversation/model/chat_settings.ts": ["MAX_HIGHLIGHT_WORDS", "MAX_HIGHLIGHT_UNITS"],
    },
    shownBy: [
      "tui/settings_commands_test.ts: /set highlight: the words mark messages and count as mentions; they are bounded",
    ],
  },
  {
    what: "line of a file for `archive import`",
    bound: "{MAX_LINE_CHARS} characters",
    beyond: "nothing is imported",
    constants: { "commands/archive/import_source.ts": ["MAX_LINE_CHARS"] },
    shownBy: [
      "commands/archive_test.ts: archive import: of a file that is malformed, cut off or another server's",
    ],
  },
  {
    what: "manifest of a backup",
    bound: "{MANIFEST_MAX_BYTES}",
    beyond: "refused as damaged",
    constants: { "lib/store/backup/manifest.ts": ["MANIFEST_MAX_BYTES"] },
    shownBy: ["store/backup_test.ts: restore: a backup that is not finished, or none, or of a newer version"],
  },
  {
    what: "text of `--admin`",
    bound: "{ADMIN_MAX_BYTES}",
    beyond: "refused",
    constants: { "lib/server/settings/settings.ts": ["ADMIN_MAX_BYTES"] },
    shownBy: ["server/settings_test.ts: who runs the server is said in one line that fits an answer"],
  },
  {
    what: "text of `--description`",
    bound: "{DESCRIPTION_MAX_BYTES}",
    beyond: "refused",
    constants: { "lib/hub/model/config.ts": ["DESCRIPTION_MAX_BYTES"] },
    shownBy: [SELF_TEST],
  },
  {
    what: "URL of `--icon`",
    bound: "one line of ISUPPORT",
    beyond: "refused",
    source: { "lib/irc/isupport.ts": "MAX_TOKENS_BYTES" },
    shownBy: [SELF_TEST],
  },
];

export const ADMIN: readonly Limit[] = [
  {
    what: "connections to the admin socket",
    bound: "{MAX_ADMIN_CONNECTIONS}",
    beyond: "told so, closed",
    constants: { [SOCKET]: ["MAX_ADMIN_CONNECTIONS"] },
    shownBy: [
      "server/admin_socket_test.ts: more connections than its bound are told so, and one that ends makes room",
    ],
  },
  {
    what: "silence on such a connection",
    bound: "{ADMIN_IDLE_MS}",
    beyond: "closed",
    constants: { [SOCKET]: ["ADMIN_IDLE_MS"] },
    shownBy: ["server/admin_socket_test.ts: a connection that says nothing is closed"],
  },
  {
    what: "one command",
    bound: "{MAX_COMMAND_BYTES}",
    beyond: "told so, closed",
    constants: { [PROTOCOL]: ["MAX_COMMAND_BYTES"] },
    shownBy: [LINE_TEST],
  },
  {
    what: "lines of a list",
    bound: "{LIST_MAX_LINES}",
    beyond: "cut, told",
    constants: { "lib/server/console/moderation_commands.ts": ["LIST_MAX_LINES"] },
    shownBy: ["server/console_runner_test.ts: a list is cut at its bound, and says so"],
  },
  {
    what: "path of the admin socket",
    bound: "107 bytes; 103 not on Linux",
    beyond: "no admin socket, logged",
    source: { [PROTOCOL]: '=== "linux" ? 107 : 103' },
    shownBy: [
      "server/admin_socket_test.ts: a folder whose path is too long for a socket says so, up to the last byte",
    ],
  },
  {
    what: "time for an answer",
    bound: "{ANSWER_MS}",
    beyond: "exit code `75`",
    constants: { "commands/admin.ts": ["ANSWER_MS"] },
    unseen: UNTIMED,
  },
  {
    what: "one line of the answer",
    bound: "{MAX_ANSWER_LINE_BYTES}",
    beyond: "refused",
    constants: { "commands/admin.ts": ["MAX_ANSWER_LINE_BYTES"] },
    unseen: UNTIMED,
  },
];
