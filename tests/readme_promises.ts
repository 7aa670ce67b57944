/**
 * What README.md, docs/promises.md and docs/commands.md promise, by words of the sentence that does, and the tests that fail where it is broken:
 * `<file below tests/>: <name, or a part of it>`.
 */
export const PROMISES: readonly (readonly [words: string, ...shownBy: string[]])[] = [
  // Commands
  [
    "it speaks IRC, so IRC clients, bots and libraries work with it as they are",
    "clients/irssi_test.ts: irssi logs in, sees what was said before and who is away",
    "clients/weechat_test.ts: WeeChat logs in by SCRAM",
    "clients/ii_test.ts: ii logs in with NickServ, asks what was said before",
  ],
  [
    "many lines arrive whole",
    "commands/send_receipts_test.ts: many lines arrive whole, as one message, and once under their id",
  ],
  [
    "enters #lobby, which always exists",
    "hub/hub_test.ts: the lobby is there before anybody is, and when all have left",
    "commands/join_test.ts: join at a terminal: asks for the name",
  ],
  [
    "what is new since the last run, nothing twice",
    "commands/logs_cursor_test.ts: a cursor goes on across kill -9 of a real server: nothing twice, nothing missed",
  ],
  [
    "which says it once, at its time or, marked as late, when it is up again",
    "hub/scheduled_messages_test.ts: a server that was killed says what it had not said, and nothing twice",
    "hub/scheduled_messages_test.ts: one that was due while the server was down says when",
    "hub/scheduled_messages_test.ts: what is refused at its time is told to its owner, also later",
  ],
  [
    "a ring file, its archive beside it, without a server",
    "commands/main_test.ts: in its file without any server",
  ],
  ["0 once bob has read it", "commands/send_absent_test.ts: --wait read: once the receiver says so"],
  [
    "alice on another machine, too",
    "commands/key_test.ts: imported, shown, listed, exported, forgotten",
    "commands/two_hosts_test.ts: a key that moves",
  ],
  [
    "accepted from then on, and no other",
    "client/server_trust_test.ts: refused at the first visit, and its fingerprint is told in full",
    "commands/connect_questions_test.ts: asked at a terminal, with the fingerprint in full",
  ],
  [
    "for HTTP and WebSocket on `127.0.0.1:6680`",
    "commands/web_test.ts: serve --web: doors for browsers beside the others",
    "server/web_test.ts: the platform's WebSocket: two subprotocols, one chat",
  ],
  [
    "retries do not store it twice",
    "commands/send_receipts_test.ts: --retry sends what was said meanwhile, once, and on disk",
  ],
  ["kept while the server is away", "commands/send_receipts_test.ts: --outbox keeps what cannot be sent"],
  [
    "people that come and go",
    "commands/list_test.ts: --watch shows a change once, and ends when interrupted",
  ],
  // Exit codes, configuration
  [
    "Results go to standard output and everything else to standard error",
    "commands/send_test.ts: a message is sent, acknowledged, and nothing is printed",
    "cli/standard_streams_test.ts: fail says one line on standard error and answers its code",
  ],
  [
    "from the command line, else from the environment, else from a file",
    "cli/client_settings_test.ts: flags win over the environment, the environment over the file, the file over the defaults",
  ],
  [
    "the default is `irc://127.0.0.1:6667`",
    "cli/client_settings_test.ts: flags win over the environment, the environment over the file, the file over the defaults",
  ],
  [
    "takes every flag of `serve --help` but `--accept-database` and `--shrink` from a file named by `--config`",
    "server/settings_test.ts: every flag may stand in the configuration file",
  ],
  [
    "turn colours off",
    "cli/standard_streams_test.ts: colour only on a terminal, without --no-color, NO_COLOR and TERM=dumb",
  ],
  // What it promises
  [
    "All history is kept, in an archive of bounded size",
    "server/archive/serve_archive_test.ts: goes on after kill -9 and after a stop: all messages in order, each once",
    "hub/archive_changes_test.ts: each record is archived in the conversations that the history index has it in",
  ],
  [
    "Recent history is a ring of fixed size",
    "log/ring_test.ts: round and round: the newest stay, the oldest go, and the ring says so",
  ],
  [
    "what it overwrites before it is archived is told as a gap",
    "server/archive/archiver_test.ts: what the ring has overwritten before is told as a loss",
  ],
  [
    "one talkative sender cannot erase what others said",
    "hub/retained_messages_test.ts: a stranger over many connections of one address pushes out nothing",
  ],
  [
    "The server tells a reader that missed messages how many",
    "hub/verbs/chathistory_gap_test.ts: a gap counts the messages of that room which were overwritten",
    "log/log_reader_test.ts: every record is told or counted as lost, however slow the reader",
  ],
  [
    "What is said in a quiet chat is on disk within milliseconds",
    "store/sync_task_test.ts: what comes after a quiet time is synced at once, long before the interval is over",
  ],
  [
    "that much at the most is lost by `kill -9` or a power cut",
    "torture/torture_test.ts: what was durable is there once",
    "hub/linearizable_test.ts: over power cuts",
  ],
  [
    "every acknowledgement waits for the disk",
    "server/turn_queue_test.ts: nothing is said before it is durable, and turns are delivered in their order",
    "store/sync_task_test.ts: after every batch, in the thread that appends",
  ],
  [
    "history has no gap after `kill -9`",
    "server/sync_always_test.ts: a server that is killed leaves no gap",
    "server/sync_always_test.ts: a hub that is killed leaves no gap, nor do all processes",
    "store/ring_file_syncer_test.ts: of a server that shows only what is on disk no number that was shown is given again",
  ],
  [
    "While a disk fails the chat goes on, everyone online is told",
    "server/serve_hard_times_test.ts: a disk that takes no more: the chat goes on, it is told once",
  ],
  [
    "gets an error",
    "server/await_test.ts: when the disk fails, who waits for it is told, and why; the chat goes on",
    "commands/failure_texts_test.ts: not durable",
  ],
  [
    "no answer that was confirmed is lost or counted twice",
    "torture/ask_test.ts: ask, its server and those who are asked are killed: no answer is lost or doubled",
    "hub/questions_test.ts: question: it outlives the server, and its answer, and is taken up by its id",
  ],
  [
    "A page that was confirmed rings until it is acknowledged",
    "server/oncall_kill_test.ts: on-call: pages and acknowledgements that were confirmed outlive kill -9, each once",
    "torture/page_test.ts: page, its server and those who acknowledge are killed: no acknowledgement is lost or doubled",
  ],
  [
    "While the disk fails pages ring and are acknowledged all the same",
    "server/oncall_disk_test.ts: on-call: while the disk fails pages ring and are acknowledged, unsaved; kill -9 undoes it unless it was saved",
    "hub/oncall/schedules_test.ts: pages: over random schedules with crashes they ring as they must, and end once",
  ],
  [
    "it is stored once, as long as the history holds it, before and after a crash",
    "commands/send_receipts_test.ts: a server that is killed and comes back: --retry sends what was said meanwhile, once",
    "hub/verbs/sender_id_test.ts: a sender's id is known after a restart, to rooms and to people",
  ],
  [
    "On other IRC servers nothing is retried that may have arrived",
    "client/chat_test.ts: a message whose response was lost is reported, not sent again",
  ],
  [
    "shows the state of the connection",
    "tui/view/view_prompt_test.ts: prompt: it shows where typed lines go, and what is not as usual",
  ],
  [
    "what is half typed for one room never goes to another",
    "tui/view_target_property_test.ts: views: what is typed goes to the view that the person has chosen, or nowhere",
    "tui/view_stream_test.ts: view stream: a room that we are removed from stays, and nothing typed for it goes elsewhere",
  ],
  [
    "The rooms, and the view that was shown, are there again the next time",
    "commands/join_views_test.ts: join at a terminal: the rooms and the current view are there again the next time, with what was missed",
  ],
  [
    "notices a dead one within 35 s",
    "client/keepalive_test.ts: pulse: a dead connection is noticed within 35 s",
  ],
  [
    "keeps what you type on disk until the server has accepted it",
    "commands/join_test.ts: join at a terminal: what was typed and not sent outlives a kill of the program, and is said once",
  ],
  [
    "Where messages are lost it says so",
    "client/history_entry_test.ts: a gap in words: number, times",
    "client/chat_test.ts: chat: missed messages that are lost are shown as a gap in their place",
  ],
  [
    "no message that was acknowledged as durable may be missing or doubled afterwards",
    "torture/torture_test.ts: what was durable is there once, in one order",
  ],
  [
    "A torn end of the ring file is repaired at the next start",
    "store/recovery_test.ts: blocks zeroed, doubled, swapped, overwritten",
    "store/open_log_test.ts: a torn tail is cut off, after a copy of the file",
  ],
  [
    "damage in its middle costs the damaged records only",
    "store/recovery_test.ts: a flipped bit in a middle record takes that one only",
  ],
  [
    "A name belongs to the key that first took it",
    "commands/register_test.ts: the first to speak under a name has it for good; nobody else does",
  ],
  [
    "a `send` that is refused registers nothing",
    "commands/names_test.ts: names: a send that is refused leaves neither a claim nor a key; what was there stays",
  ],
  [
    "Where you give no name your login name is used, and stays free for others",
    "commands/names_test.ts: names: a login name is used and not registered: the next container's root is not refused",
  ],
  [
    "proves itself without being said",
    "hub/accounts_test.ts: accounts: SCRAM-SHA-256 proves the key without saying it",
  ],
  [
    "stored once, before and after a crash",
    "hub/verbs/sender_id_test.ts: a sender's id is known after a restart, to rooms and to people",
  ],
  [
    "is not shown old messages, so it carries out no old commands",
    "transcripts/playback_bot.txt: A bot (user mode +B) is replayed nothing.",
    "transcripts/waiting_told.txt: and a bot (user mode +B), gets a NOTICE from HistServ",
  ],
  [
    "No other client can take a name that you have registered, not even while you are away",
    "commands/register_test.ts: the first to speak under a name has it for good; nobody else does",
  ],
  [
    "not even while its owner is away",
    "commands/register_test.ts: the first to speak under a name has it for good; nobody else does",
  ],
  [
    "its owner gets it at once, even if a dead connection still holds it",
    "hub/accounts_test.ts: accounts: who owns a name gets it at once, whatever its dead connection thinks",
  ],
  [
    "makes the name yours again",
    "commands/several_addresses_test.ts: a server that knows the name no more does not hear its key; register gives it a new one",
  ],
  [
    "Direct messages to a registered name wait for their receiver",
    "hub/offline_delivery_test.ts: absent: what waits is there when its receiver comes, also after the server has started again",
  ],
  ["once over all devices", "client/direct_sync_test.ts: direct sync: unread messages are counted and shown"],
  [
    "or fails with 67 with `--online`",
    "commands/send_absent_test.ts: --online: 67, and nothing is left behind",
    "commands/send_absent_test.ts: it is queued, and that is no failure",
  ],
  [
    "a message that is lost before it is read is told as a gap",
    "hub/retained_messages_test.ts: of what waits and had to go the receiver is told",
  ],
  [
    "Only their two sides can read them",
    "adversary/privacy_test.ts: privacy: what waits can be read by its two sides",
  ],
  [
    "a changed one is refused (77)",
    "client/server_trust_test.ts: another one than before is refused, in words that say what it means",
    "commands/failure_texts_test.ts: untrusted",
  ],
  [
    "bounds what one address may do",
    "server/limits_test.ts: an address has so many connections",
    "adversary/floods_test.ts: a thousand connections from one address",
  ],
  [
    "`--exempt 10.0.0.0/8` spares your own",
    "server/settings_test.ts: this machine is exempt, and who is named; not it either where that is said",
  ],
  [
    "limits, bans and WHOIS go by the clients' own addresses",
    "server/proxies_test.ts: the client's address counts for cloaks, limits and bans, and not the proxy's",
  ],
  [
    "operators stay operators by their account",
    "hub/channel_settings_test.ts: they are there after a start, though the log holds nothing of it, with who set them",
  ],
  [
    "Other users see a cloaked host instead of an address",
    "hub/host_cloak_test.ts: a cloak fits a source and holds nothing of the address",
    "commands/cloak_test.ts: others see the same cloak after a restart, and the address with --cloak off",
  ],
  [
    "look like those of another name in use or registered",
    "irc/skeleton_test.ts: looksOf: names of one script that look like those of another",
  ],
  [
    "or that reads as a service of the server, is refused",
    "hub/names_given_test.ts: property: no nick is given that folds to a reserved name",
  ],
  ["digits count as themselves", "irc/skeleton_test.ts: looksOf: names that people tell apart"],
  [
    "does not start (74), because names would be given away",
    "server/serve_database_test.ts: an older copy, and a WAL that was lost in a crash: no start",
    "server/serve_database_test.ts: empty, without tables, or another server's: no start",
  ],
  [
    "starts it once all the same",
    "server/serve_database_test.ts: --accept-database goes on without, says so",
  ],
  [
    "otherwise it is refused (78)",
    "commands/exposed_files_test.ts: a password that others can read is refused by every command, with what to do",
  ],
];
