/**
 * The tests that fail where a place in the program does not give its exit code, by `<file> <code>`, in the order in which the places
 * stand there: `<file below tests/>: <name of the test, or a part of it>`, or `not shown: <why>`.
 */
export const EXIT_PLACES: Readonly<Record<string, readonly string[]>> = {
  "main.ts ok": [
    "commands/main_test.ts: --version",
    "commands/main_test.ts: help: examples first, every command, every exit code",
  ],
  "main.ts usage": [
    "commands/main_test.ts: a mistyped command gets a hint and 64",
  ],
  "main.ts ioError": [
    "commands/exit_codes_test.ts: exit codes: main.ts ioError: standard output that takes nothing: 74",
  ],
  "main.ts tryAgain": [
    "commands/main_test.ts: a package that cannot be fetched is no bug: 75",
  ],
  "main.ts badConfig": [
    "commands/main_test.ts: a permission that is missing is no bug: 78",
  ],
  "main.ts bug": [
    "commands/exit_codes_test.ts: exit codes: main.ts bug",
  ],
  "commands/admin.ts usage": [
    "commands/admin_test.ts: exit codes tell what became of a command, and its words go where they belong",
  ],
  "commands/admin.ts noUser": [
    "commands/admin_test.ts: exit codes tell what became of a command, and its words go where they belong",
  ],
  "commands/admin.ts refused": [
    "commands/admin_test.ts: exit codes tell what became of a command, and its words go where they belong",
    "commands/admin_test.ts: exit codes tell what became of a command, and its words go where they belong",
    "not shown: another user may not read the runtime that runs the program; the socket refuses it in commands/admin_test.ts",
  ],
  "commands/admin.ts ioError": [
    "commands/admin_test.ts: what answers and is no server of ours, or ends before the answer, is told as that",
  ],
  "commands/admin.ts malformed": [
    "commands/admin_test.ts: a command that the server takes for malformed",
    "commands/admin_test.ts: exit codes tell what became of a command, and its words go where they belong",
    "commands/admin_test.ts: exit codes tell what became of a command, and its words go where they belong",
  ],
  "commands/admin.ts tryAgain": [
    "commands/admin_test.ts: what answers and is no server of ours, or ends before the answer, is told as that",
    "commands/admin_test.ts: what answers and is no server of ours, or ends before the answer, is told as that",
  ],
  "commands/admin.ts badConfig": [
    "commands/admin_test.ts: a lost key is reset: a new passphrase is shown once, or taken from a file or standard input",
  ],
  "commands/admin.ts unreachable": [
    "commands/admin_test.ts: a data folder whose path is too long for a socket: the server goes on, and both say so",
    "commands/admin_test.ts: what answers and is no server of ours, or ends before the answer, is told as that",
    "commands/admin_test.ts: after kill -9 the next server takes the socket over, and commands reach it",
  ],
  "commands/admin.ts ok": [
    "commands/admin_test.ts: exit codes tell what became of a command, and its words go where they belong",
  ],
  "commands/config.ts ok": [
    "commands/config_test.ts: config: wrong usage is told",
    "commands/config_test.ts: config check: no fault in the example",
  ],
  "commands/config.ts badConfig": [
    "commands/config_test.ts: config check: no fault in the example",
  ],
  "commands/archive.ts ok": [
    "commands/archive_test.ts: archive check: counts what is there, also while it is written",
  ],
  "commands/archive.ts ioError": [
    "commands/archive_test.ts: archive: exit codes tell what became of it",
    "commands/archive_test.ts: archive: exit codes tell what became of it",
  ],
  "commands/archive.ts cannotCreate": [
    "commands/archive_test.ts: archive: exit codes tell what became of it",
  ],
  "commands/archive.ts malformed": [
    "commands/archive_test.ts: archive check, repair: damage is 65",
    "commands/archive_test.ts: archive import: of a file that is malformed, cut off or another server's",
  ],
  "commands/archive.ts noUser": [
    "commands/archive_test.ts: archive: exit codes tell what became of it",
  ],
  "commands/front.ts usage": [
    "front/front_run_test.ts: front: typed by a person it says what starts it: 64",
  ],
  "commands/front.ts ok": [
    "front/front_run_test.ts: front: it ends with its hub: 0",
  ],
  "commands/front.ts ioError": [
    "front/front_run_test.ts: front: a hub of another version is told with both versions: 74",
  ],
  "commands/ask/question_text.ts ok": [
    "commands/ask_test.ts: ask: the exit code is that of the option, and the answer is printed",
  ],
  "commands/ask/question_text.ts unreachable": [
    "commands/ask_test.ts: ask: a server without questions: 69, and nothing is asked",
  ],
  "commands/ask/question_text.ts noUser": [
    "commands/ask_test.ts: ask: 75 when its time is over, and all are told; 67, 65 and 77 for what cannot be asked",
    "commands/ask_test.ts: ask: 75 when its time is over, and all are told; 67, 65 and 77 for what cannot be asked",
  ],
  "commands/ask/question_text.ts malformed": [
    "commands/ask_test.ts: ask: 75 when its time is over, and all are told; 67, 65 and 77 for what cannot be asked",
    "commands/ask_test.ts: ask: killed, the same call takes the question up; also after a restart of the server",
  ],
  "commands/ask/question_text.ts tryAgain": [
    "commands/ask_test.ts: ask: a server that does not say how it ended: 75",
    "commands/ask_test.ts: ask: 75 when its time is over, and all are told; 67, 65 and 77 for what cannot be asked",
    "commands/ask_test.ts: ask: too many open questions: 75, with the server's words",
  ],
  "commands/ask/question_text.ts refused": [
    "commands/ask_test.ts: ask: 75 when its time is over, and all are told; 67, 65 and 77 for what cannot be asked",
  ],
  "commands/page/command.ts ioError": [
    "commands/oncall_script_test.ts: page: standard input that cannot be read: 74",
  ],
  "commands/page/command.ts malformed": [
    "commands/oncall_script_test.ts: page, ack, oncall: wrong usage is 64, and what is too long 65, before anything is sent",
  ],
  "commands/page/open_pages.ts ok": [
    "commands/oncall_test.ts: page --withdraw: it rings no more, and all are told",
  ],
  "commands/page/page_opening.ts ok": [
    "commands/oncall_script_test.ts: page: one line of standard input is the text, with or without -",
    "commands/oncall_script_test.ts: page: a connection that is lost comes back, and takes the page up by its id",
  ],
  "commands/page/page_opening.ts notDurable": [
    "commands/oncall_unsaved_test.ts: page: rung and not saved: 71, and what a restart does",
  ],
  "commands/page/page_opening.ts tryAgain": [
    "commands/oncall_script_test.ts: page: a server that does not answer: 75, and the page may ring",
    "commands/oncall_script_test.ts: is no acknowledgement: 75",
  ],
  "commands/ack/command.ts ok": [
    "commands/oncall_script_test.ts: ack: a connection that is lost comes back, and the same page is acknowledged",
  ],
  "commands/ack/command.ts noUser": [
    "commands/oncall_script_test.ts: ack: several pages ring: they are listed, 64; with 67, none rings, or it has ended",
  ],
  "commands/ack/command.ts tryAgain": [
    "commands/oncall_script_test.ts: ack: not confirmed in time: 75, with the call to repeat",
  ],
  "commands/ack/command.ts usage": [
    "commands/oncall_script_test.ts: ack: several pages ring: they are listed, 64; with 67, none rings, or it has ended",
  ],
  "commands/oncall/failure_text.ts notDurable": [
    "commands/oncall_unsaved_test.ts: ack, page --withdraw: it counts, and is not saved: 71",
  ],
  "commands/oncall/failure_text.ts unreachable": [
    "commands/oncall_script_test.ts: a server without on-call: 69, and nothing is asked",
  ],
  "commands/oncall/failure_text.ts tryAgain": [
    "commands/oncall_script_test.ts: oncall: a server that does not answer: 75",
    "commands/oncall_script_test.ts: page: refused for",
  ],
  "commands/oncall/failure_text.ts noUser": [
    "commands/oncall_script_test.ts: page: refused for",
  ],
  "commands/oncall/failure_text.ts malformed": [
    "commands/oncall_script_test.ts: page: refused for",
  ],
  "commands/oncall/failure_text.ts notDelivered": [
    "commands/oncall_script_test.ts: oncall notify: shown, set, deleted, tested",
  ],
  "commands/oncall/failure_text.ts refused": [
    "commands/oncall_script_test.ts: page: refused for",
  ],
  "commands/oncall/name_link.ts ok": [
    "commands/oncall_script_test.ts: oncall: lists as a table and as JSON; a calendar goes up in chunks",
  ],
  "commands/oncall/calendar_actions.ts malformed": [
    "commands/oncall_script_test.ts: page, ack, oncall: wrong usage is 64, and what is too long 65, before anything is sent",
    "commands/oncall_script_test.ts: page, ack, oncall: wrong usage is 64, and what is too long 65, before anything is sent",
  ],
  "commands/oncall/calendar_actions.ts ioError": [
    "commands/oncall_script_test.ts: page, ack, oncall: wrong usage is 64, and what is too long 65, before anything is sent",
  ],
  "commands/oncall/notify_actions.ts malformed": [
    "commands/oncall_script_test.ts: page, ack, oncall: wrong usage is 64, and what is too long 65, before anything is sent",
    "commands/oncall_script_test.ts: page, ack, oncall: wrong usage is 64, and what is too long 65, before anything is sent",
  ],
  "commands/oncall/notify_actions.ts ioError": [
    "commands/oncall_script_test.ts: page: standard input that cannot be read: 74",
  ],
  "commands/bench/ipc.ts ioError": [
    "commands/bench_ipc_test.ts: bench ipc: a picture that cannot be written is told before the run; one that is there stays",
    "commands/bench_ipc_test.ts: bench ipc: without the permission to start a process: 74, in one line",
  ],
  "commands/bench/ipc_peer.ts usage": [
    "commands/bench_ipc_test.ts: bench: wrong usage is 64, and says what there is",
  ],
  "commands/bench/ipc_peer.ts ok": [
    "not shown: the run does not look at it; it kills the process at the end",
  ],
  "commands/bench/ipc_report.ts ioError": [
    "commands/bench_ipc_test.ts: bench ipc: a picture that cannot be written is exit code 74, after the figures",
  ],
  "commands/bench/ipc_report.ts ok": [
    "commands/bench_ipc_test.ts: bench ipc: the table has a row for each size, and one for each way",
  ],
  "commands/bench/ipc_report.ts notDelivered": [
    "commands/bench_ipc_test.ts: bench ipc: a lost record is exit code 72, and says where",
  ],
  "commands/bench/load.ts noHost": [
    "commands/bench_load_test.ts: bench load: no server there: 69; no such host: 68",
  ],
  "commands/bench/load.ts unreachable": [
    "commands/bench_load_test.ts: bench load: no server there: 69; no such host: 68",
  ],
  "commands/bench/load.ts tryAgain": [
    "commands/bench_load_test.ts: bench load: a connection that is closed in the middle of the registration: 75",
  ],
  "commands/bench/load.ts notIrc": [
    "commands/bench_load_test.ts: bench load: what is no IRC server: 76",
  ],
  "commands/bench/load.ts refused": [
    "commands/bench_load_test.ts: bench load: a server that refuses to register: 77, in its words",
  ],
  "commands/bench/load_report.ts tryAgain": [
    "commands/bench_load_test.ts: a server that ends in the middle: 75, at once",
    "commands/bench_load_test.ts: a server that does not answer any more has lost nothing: 75",
  ],
  "commands/bench/load_report.ts ok": [
    "commands/bench_load_test.ts: a server that delivers everything: 0",
  ],
  "commands/bench/load_report.ts notDelivered": [
    "commands/bench_load_test.ts: a lost message is missed by each of six members: 72",
  ],
  "commands/completion.ts ok": [
    "commands/completion_test.ts: completion: usage",
  ],
  "commands/completion/candidate_lookup.ts ok": [
    "commands/completion_test.ts: completion: what a lookup cannot do is silent",
  ],
  "commands/man.ts ok": [
    "commands/man_test.ts: man: a page for the program and each command",
    "commands/man_test.ts: man: a page for the program and each command",
  ],
  "commands/man.ts cannotCreate": [
    "commands/man_test.ts: man: names of pages, and usage",
  ],
  "commands/doctor.ts badConfig": [
    "commands/doctor_test.ts: doctor: all is well, and nothing is created or claimed",
  ],
  "commands/doctor/finding.ts ok": [
    "commands/doctor_test.ts: doctor: all is well, and nothing is created or claimed",
  ],
  "commands/doctor/local_checks.ts badConfig": [
    "commands/doctor_test.ts: doctor: permissions of the configuration and its folders",
    "commands/doctor_test.ts: doctor: permissions of the configuration and its folders",
    "commands/doctor_test.ts: doctor: folders that are none",
    "commands/doctor_test.ts: doctor: folders that are none",
    "not shown: the tests run as root, or as a user that cannot give a folder away",
    "commands/doctor_test.ts: doctor: permissions of the configuration and its folders",
    "commands/doctor_test.ts: doctor: messages that wait in the outbox, and their permissions",
  ],
  "commands/doctor/local_checks.ts ioError": [
    "commands/doctor_test.ts: doctor: folders that are none",
  ],
  "commands/doctor/server_checks.ts tryAgain": [
    "not shown: it takes ten seconds; a server that is silent from the beginning is 75 in commands/exit_codes_test.ts",
  ],
  "commands/join/join_run.ts interrupted": [
    "commands/join_test.ts: join at a terminal: asks for the name, and again when it is taken; Ctrl-C gives the terminal back",
  ],
  "commands/join/join_run.ts hungUp": [
    "commands/join_test.ts: a terminal that is closed ends the chat and a question: 129",
  ],
  "commands/join/join_run.ts tryAgain": [
    "not shown: it takes the minute of MAX_DRAIN_MS",
    "commands/exit_codes_test.ts: an answer that is lost on a server that would not know the message again",
    "commands/exit_codes_test.ts: a person who leaves with a message that could not be kept, nor sent",
    "commands/join_test.ts: join at a terminal: what was typed and not sent outlives a kill of the program, and is said once",
  ],
  "commands/join/join_run.ts ioError": [
    "commands/exit_codes_test.ts: standard input that cannot be read",
  ],
  "commands/join/join_run.ts ok": [
    "commands/register_test.ts: a passphrase: from a file, told to nobody, and good on every machine",
  ],
  "commands/join/join_run.ts refused": [
    "commands/join_test.ts: join without a terminal: the exit code tells what went wrong",
  ],
  "commands/join/login_prompt.ts ok": [
    "commands/exit_codes_test.ts: the terminal closed where the name is asked",
    "commands/exit_codes_test.ts: where the passphrase of a name is asked",
  ],
  "commands/key.ts badConfig": [
    "commands/key_test.ts: without a home there is nowhere to look",
    "commands/exposed_files_test.ts: a key that others can read is not used; it can be forgotten, and its path is shown",
    "commands/exposed_files_test.ts: a key that others can read is not used; it can be forgotten, and its path is shown",
  ],
  "commands/key.ts ok": [
    "commands/key_test.ts: imported, shown, listed, exported, forgotten",
    "commands/key_test.ts: to a file that only its owner reads, and over no other",
    "commands/key_test.ts: imported, shown, listed, exported, forgotten",
    "commands/key_test.ts: imported, shown, listed, exported, forgotten",
    "commands/key_test.ts: imported, shown, listed, exported, forgotten",
  ],
  "commands/key.ts cannotCreate": [
    "commands/key_test.ts: to a file that only its owner reads, and over no other",
  ],
  "commands/key.ts ioError": [
    "commands/key_test.ts: to a file that only its owner reads, and over no other",
    "commands/exit_codes_test.ts: exit codes: commands/key.ts ioError: forget where the key cannot be removed: 74",
    "commands/exit_codes_test.ts: list where a link that leads to itself lies in the place of the keys",
    "commands/exit_codes_test.ts: export where a folder lies in the place of the key",
    "commands/key_test.ts: what is no key is neither taken nor told",
  ],
  "commands/key/stored_key_report.ts ok": [
    "commands/key_test.ts: imported, shown, listed, exported, forgotten",
  ],
  "commands/key/stored_key_report.ts cannotCreate": [
    "commands/key_test.ts: another key is replaced only by force; the same one is no other",
  ],
  "commands/key/stored_key_report.ts ioError": [
    "commands/exit_codes_test.ts: import where a folder lies in the place of the key",
  ],
  "commands/key.ts noUser": [
    "commands/key_test.ts: imported, shown, listed, exported, forgotten",
  ],
  "commands/key.ts tryAgain": [
    "commands/key_test.ts: a key that another process is changing just now is not forgotten",
  ],
  "commands/key.ts interrupted": [
    "commands/exit_codes_test.ts: Ctrl-D where the key is asked",
  ],
  "commands/key.ts malformed": [
    "commands/key_test.ts: what is no key is neither taken nor told",
  ],
  "commands/key/code_import.ts ioError": [
    "commands/key_share_test.ts: key import --code: what is on standard input may be no line",
  ],
  "commands/key/code_import.ts malformed": [
    "commands/key_share_test.ts: one that gives something else",
  ],
  "commands/key/code_import.ts unreachable": [
    "commands/key_share_test.ts: one that knows no parcels",
  ],
  "commands/key/code_import.ts tryAgain": [
    "commands/key_share_test.ts: one that has had too many wrong codes",
  ],
  "commands/key/code_import.ts refused": [
    "commands/key_share_test.ts: key import --code: a code that is none, or none of the name",
  ],
  "commands/key/share.ts noUser": [
    "commands/key_share_test.ts: key share: without a key, or with one that is not that of the account",
  ],
  "commands/key/share.ts unreachable": [
    "commands/key_share_test.ts: one that knows no parcels",
  ],
  "commands/key/share.ts refused": [
    "commands/key_share_test.ts: key share: without a key, or with one that is not that of the account",
    "commands/key_share_test.ts: one that refuses",
  ],
  "commands/key/share.ts tryAgain": [
    "commands/key_share_test.ts: one that is full",
    "commands/key_share_test.ts: one where the time is over",
    "commands/key_share_test.ts: one that is lost",
  ],
  "commands/key/share.ts ok": [
    "commands/key_share_test.ts: key share: the other machine has the key",
  ],
  "commands/list.ts ok": [
    "commands/list_test.ts: who is online, since when, how idle",
  ],
  "commands/list.ts ioError": [
    "commands/list_test.ts: --server-stats: a server that cannot save its history: shown, told, and 74",
  ],
  "commands/list.ts tryAgain": [
    "commands/exit_codes_test.ts: commands/list.ts tryAgain, commands/logs/server_history.ts tryAgain",
    "commands/exit_codes_test.ts: a connection that is lost before the answer",
  ],
  "commands/list.ts unreachable": [
    "commands/list_test.ts: : a server that does not tell its state: 69",
    "commands/list_test.ts: this server is no node of a cluster",
    "commands/list_test.ts: this server does not report nodes",
  ],
  "commands/logs/output/message_command.ts ioError": [
    "commands/logs_output_test.ts: --exec: what fails is told, the rest goes on, and the code is 74",
  ],
  "commands/logs/rooms/rooms_read.ts ok": [
    "commands/logs_rooms_test.ts: several rooms are words, and shown in the order of time with their names",
  ],
  "commands/logs/rooms/rooms_read.ts tryAgain": [
    "commands/logs_rooms_test.ts: --all-rooms: a server that does not list in time is 75",
  ],
  "commands/logs/rooms/follow_link.ts tryAgain": [
    "commands/logs_rooms_test.ts: several rooms with -f --no-retry: a lost connection is 75",
  ],
  "commands/logs/missing_key.ts refused": [
    "commands/names_here_test.ts: logs --with, logs --search: without a key direct messages are refused",
  ],
  "commands/logs/search_run.ts ok": [
    "commands/logs_search_test.ts: --search, piped: the newest first, each text whole and as it was sent",
  ],
  "commands/logs/search_run.ts notFound": [
    "commands/logs_search_test.ts: --search: other flags, and further words, are part of the request",
  ],
  "commands/logs/search_run.ts usage": [
    "commands/logs_search_test.ts: --search: words that do not fit a line are a usage error",
  ],
  "commands/logs/search_run.ts unreachable": [
    "commands/logs_search_test.ts: --search on a server without search",
  ],
  "commands/logs/search_run.ts tryAgain": [
    "commands/logs_search_test.ts: --search: a connection that is lost before the answer: 75",
    "commands/logs_search_test.ts: --search: a server that gets no further is not asked for ever: 75",
    "commands/logs_search_test.ts: --search: too many searches are told",
  ],
  "commands/logs/search_run.ts noUser": [
    "commands/logs_search_test.ts: --search: a refusal of the server is told: ${code}",
  ],
  "commands/logs/search_run.ts refused": [
    "commands/logs_search_test.ts: --search: a refusal of the server is told: ${code}",
  ],
  "commands/logs/server_history.ts ok": [
    "commands/logs_test.ts: the newest messages of the lobby, each with its time",
  ],
  "commands/logs/server_history.ts unreachable": [
    "commands/logs_test.ts: a server without history: 69",
  ],
  "commands/logs/server_history.ts noUser": [
    "commands/logs_test.ts: no such room: 67",
  ],
  "commands/logs/rooms/unknown_target.ts noUser": [
    "commands/logs_unknown_test.ts: a user that the server does not know, without messages: 67, with a similar name",
    "commands/logs_unknown_test.ts: without a key: first that the user is not known, then why nothing can be read: 67",
  ],
  "commands/logs/server_history.ts tryAgain": [
    "commands/exit_codes_test.ts: , commands/logs/server_history.ts tryAgain: servers that do not answer: 75",
    "commands/exit_codes_test.ts: a connection that is lost before the answer",
    "commands/exit_codes_test.ts: history that cannot be read now",
  ],
  "commands/logs/server_history.ts refused": [
    "commands/exit_codes_test.ts: history that is not shown",
  ],
  "commands/register.ts badConfig": [
    "commands/exit_codes_test.ts: no folder for keys",
  ],
  "commands/register.ts ok": [
    "commands/register_test.ts: register makes a key, and says again that the name is ours",
  ],
  "commands/register.ts refused": [
    "not shown: a key that was just made is not known to be forgotten",
    "commands/exit_codes_test.ts: a name that the server does not give before one is in",
    "commands/exit_codes_test.ts: a server that does not want to",
    "commands/exit_codes_test.ts: a server that wants to verify",
  ],
  "commands/register.ts ioError": [
    "commands/exit_codes_test.ts: exit codes: commands/register.ts ioError: a key that cannot be put aside: 74",
  ],
  "commands/register.ts unreachable": [
    "commands/register_test.ts: a server without accounts: as guests, who are told when they asked for more",
  ],
  "commands/register.ts tryAgain": [
    "commands/several_addresses_test.ts: too many accounts from here: register ends with 75",
    "commands/exit_codes_test.ts: a connection that is lost before the answer",
    "commands/exit_codes_test.ts: a server that cannot now",
  ],
  "commands/send.ts malformed": [
    "commands/send_test.ts: wrong usage is 64, empty or impossible text 65, before anything is sent",
  ],
  "commands/send.ts ioError": [
    "commands/exit_codes_test.ts: standard input that cannot be read",
  ],
  "commands/send.ts ok": [
    "commands/register_test.ts: the first to speak under a name has it for good; nobody else does",
  ],
  "commands/send/local_carrier.ts badConfig": [
    "commands/send_local_test.ts: without the permission for FFI 78; an inbox that others could have made 74",
  ],
  "commands/send/local_carrier.ts ioError": [
    "commands/send_local_test.ts: without the permission for FFI 78; an inbox that others could have made 74",
  ],
  "commands/send/outbox.ts malformed": [
    "commands/send_receipts_test.ts: --outbox keeps what cannot be sent; the next send takes it along, in order and once",
  ],
  "commands/send/outbox.ts ioError": [
    "commands/send_receipts_test.ts: --outbox without a place for it: 78, or 74, and nothing is sent",
    "commands/exit_codes_test.ts: exit codes: commands/send/outbox.ts ioError: an outbox that cannot be written",
  ],
  "commands/send/outbox.ts ok": [
    "not shown: words only, and send goes on",
  ],
  "commands/send/outbox.ts badConfig": [
    "commands/send_receipts_test.ts: --outbox without a place for it: 78, or 74, and nothing is sent",
  ],
  "commands/send/outbox.ts tryAgain": [
    "not shown: words only; the code is that of the next line",
    "commands/send_receipts_test.ts: --outbox keeps what cannot be sent; the next send takes it along, in order and once",
  ],
  "commands/send/outbox.ts cannotCreate": [
    "commands/exit_codes_test.ts: exit codes: commands/send/outbox.ts cannotCreate",
  ],
  "commands/hub.ts usage": [
    "front/keeper_test.ts: hub: typed by a person it says what starts it: 64",
  ],
  "commands/serve/keep.ts cannotCreate": [
    "not shown: the hub would have to be killed before it has started; server/keeper/keeper_test.ts shows that this ends the server",
  ],
  "commands/serve/keep.ts ioError": [
    "front/keeper_test.ts: a hub that dies while the server stops has not saved everything: 74",
  ],
  "commands/serve/serve_command.ts usage": [
    "commands/tls_test.ts: flags for TLS that make no sense",
  ],
  "commands/serve/serve_command.ts badConfig": [
    "commands/socket_activation_test.ts: sockets that the server cannot use end it with what to do",
    "commands/exposed_files_test.ts: a device without end in the place of any file is told to be too large",
  ],
  "commands/serve/run_server.ts badConfig": [
    "commands/exposed_files_test.ts: a password that others can read is refused by every command, with what to do",
  ],
  "commands/serve/run_server.ts ioError": [
    "commands/exposed_files_test.ts: a device without end in the place of any file is told to be too large",
    "commands/serve_test.ts: serve: a folder that can't be made, and a ring file that is none",
  ],
  "commands/serve/run_server.ts cannotCreate": [
    "commands/serve_test.ts: : after kill -9 a direct message that waits is there, though the log has gone round since",
  ],
  "commands/serve/shut_down.ts ioError": [
    "server/serve_shm_test.ts: serve --shm: a ring that another process damages ends the server with 74, says so, and is not written to the file",
    "not shown: words only; the code is that of the return below",
    "server/serve_hard_times_test.ts: a sync task that dies over and over ends the server in order, with exit code 74",
  ],
  "commands/serve/shut_down.ts bug": [
    "commands/exit_codes_test.ts: exit codes: commands/serve.ts bug: an error that nothing expects stops the server: 70",
  ],
  "commands/serve/shut_down.ts ok": [
    "commands/permissions_test.ts: serve listens on all doors and gives up the machine's name then, and FFI with --shm; a certificate is made and read again",
  ],
  "commands/scheduled/command.ts refused": [
    "commands/scheduled_test.ts: scheduled: nothing there: 0; without the key of the name, or with a wrong one: 77",
    "commands/scheduled_test.ts: scheduled: nothing there: 0; without the key of the name, or with a wrong one: 77",
    "commands/scheduled_test.ts: a server that refuses",
  ],
  "commands/scheduled/command.ts ok": [
    "commands/scheduled_test.ts: send --at, --in, --every: scheduled on disk, listed in order, and canceled",
    "commands/scheduled_test.ts: send --at, --in, --every: scheduled on disk, listed in order, and canceled",
  ],
  "commands/scheduled/command.ts unreachable": ["commands/scheduled_test.ts: a server that knows none"],
  "commands/scheduled/command.ts noUser": [
    "commands/scheduled_test.ts: send --at, --in, --every: scheduled on disk, listed in order, and canceled",
  ],
  "commands/scheduled/command.ts tryAgain": [
    "commands/scheduled_test.ts: a server that cannot at present",
    "commands/scheduled_test.ts: a server that is lost before the answer",
  ],
  "commands/send/lines_run.ts ok": [
    "commands/send_lines_test.ts: send --lines: each line is a message, and the exit code says that all were accepted",
  ],
  "commands/send/lines_run.ts ioError": [
    "commands/send_lines_test.ts: send --lines: standard input that cannot be read: 74",
  ],
  "commands/send/schedule_run.ts ok": [
    "commands/scheduled_test.ts: send --at, --in, --every: scheduled on disk, listed in order, and canceled",
    "commands/scheduled_test.ts: send --in: sent again under its id it is scheduled once, also when it has been said",
  ],
  "commands/send/schedule_run.ts unreachable": [
    "commands/scheduled_test.ts: send, later: a server that says nothing later is sent nothing: 69",
  ],
  "commands/send/schedule_run.ts tryAgain": [
    "commands/scheduled_test.ts: a server that cannot at present",
  ],
  "commands/send/schedule_run.ts refused": [
    "commands/scheduled_test.ts: send --at: what the server refuses: 65, 67, 77",
  ],
  "commands/mcp/command.ts ok": [
    "commands/mcp_restart_test.ts: mcp: garbage is reported, so often at most",
  ],
  "commands/token.ts refused": [
    "commands/token_test.ts: token: without the key of the name, or with a wrong one, nothing is made: 77",
    "commands/token_test.ts: token: without the key of the name, or with a wrong one, nothing is made: 77",
    "commands/token_test.ts: token create: not where others can listen: 77",
    "commands/token_test.ts: a server that refuses",
  ],
  "commands/token.ts ok": [
    "commands/token_test.ts: token create: the secret alone on standard output, what it may do on standard error",
    "commands/token_test.ts: token list, token revoke: what there is, and that it ends",
    "commands/token_test.ts: token list, token revoke: what there is, and that it ends",
  ],
  "commands/token.ts unreachable": [
    "commands/token_test.ts: a server that knows no tokens",
  ],
  "commands/token.ts noUser": [
    "commands/token_test.ts: token list, token revoke: what there is, and that it ends",
  ],
  "commands/token.ts tryAgain": [
    "commands/token_test.ts: a server that cannot at present",
    "commands/token_test.ts: a server that is lost before the answer",
  ],
  "commands/unregister.ts refused": [
    "commands/register_test.ts: unregister frees the name at once; whoever had it is told, and does not take it again",
    "commands/register_test.ts: unregister frees the name at once; whoever had it is told, and does not take it again",
  ],
  "commands/unregister.ts tryAgain": [
    "commands/exit_codes_test.ts: a connection that is lost before the answer",
  ],
  "commands/unregister.ts ok": [
    "commands/register_test.ts: unregister frees the name at once; whoever had it is told, and does not take it again",
  ],
  "commands/unregister.ts noUser": [
    "commands/register_test.ts: unregister frees the name at once; whoever had it is told, and does not take it again",
  ],
  "commands/unregister.ts unreachable": [
    "commands/exit_codes_test.ts: a server that knows no such command",
  ],
  "lib/cli/exit_codes.ts interrupted": [
    "cli/exit_codes_test.ts: an interruption has the exit code of its reason; a reader that went away is a success",
  ],
  "lib/cli/exit_codes.ts hungUp": [
    "cli/exit_codes_test.ts: an interruption has the exit code of its reason; a reader that went away is a success",
  ],
  "lib/cli/exit_codes.ts quit": [
    "cli/exit_codes_test.ts: an interruption has the exit code of its reason; a reader that went away is a success",
  ],
  "lib/cli/exit_codes.ts terminated": [
    "cli/exit_codes_test.ts: an interruption has the exit code of its reason; a reader that went away is a success",
  ],
  "lib/cli/exit_codes.ts ok": [
    "cli/exit_codes_test.ts: an interruption has the exit code of its reason; a reader that went away is a success",
  ],
  "lib/cli/exit_codes.ts ioError": [
    "cli/exit_codes_test.ts: an interruption has the exit code of its reason; a reader that went away is a success",
  ],
  "lib/cli/system_io.ts interrupted": [
    "cli/system_io_test.ts: aborts what is at work, the second ends the process:",
  ],
  "lib/cli/system_io.ts quit": [
    "cli/system_io_test.ts: aborts what is at work, the second ends the process:",
  ],
  "lib/cli/system_io.ts terminated": [
    "cli/system_io_test.ts: aborts what is at work, the second ends the process:",
  ],
  "lib/cli/flags/command_definition.ts ok": [
    "cli/command_definition_test.ts: help: what it does, examples first, then every flag with its default",
  ],
  "lib/cli/flags/command_definition.ts usage": [
    "cli/command_definition_test.ts: wrong usage, in the flags or in the command's own eyes, is one line, a way on, and 64",
  ],
  "commands/support/client_login.ts badConfig": [
    "commands/exit_codes_test.ts: a file with a key that is not there",
    "commands/client_options_test.ts: a key logs in as well as it claims; a passphrase does without a key",
    "commands/exposed_files_test.ts: a key that others can read is not used; it can be forgotten, and its path is shown",
  ],
  "commands/support/client_options.ts badConfig": [
    "commands/client_options_test.ts: what is wrong is said in one line; the flag's fault is usage, the environment's is configuration",
    "commands/exposed_files_test.ts: a device without end in the place of any file is told to be too large",
    "commands/exit_codes_test.ts: --ca without a certificate",
    "commands/client_options_test.ts: what is wrong is said in one line; the flag's fault is usage, the environment's is configuration",
  ],
  "commands/support/client_options.ts usage": [
    "commands/client_options_test.ts: a profile that there is not is wrong usage, or bad configuration by its variable",
    "commands/tls_test.ts: flags for TLS that make no sense",
    "commands/client_options_test.ts: what is wrong is said in one line; the flag's fault is usage, the environment's is configuration",
  ],
  "commands/support/connect_failure_text.ts noHost": [
    "commands/failure_texts_test.ts: failure words:",
  ],
  "commands/support/connect_failure_text.ts unreachable": [
    "commands/failure_texts_test.ts: failure words:",
  ],
  "commands/support/connect_failure_text.ts notIrc": [
    "commands/failure_texts_test.ts: failure words: a port that speaks TLS: 76",
    "commands/failure_texts_test.ts: failure words:",
  ],
  "commands/support/connect_failure_text.ts refused": [
    "commands/failure_texts_test.ts: failure words:",
    "commands/failure_texts_test.ts: failure words:",
  ],
  "commands/support/connect_failure_text.ts tryAgain": [
    "commands/failure_texts_test.ts: failure words:",
    "commands/failure_texts_test.ts: failure words:",
  ],
  "commands/support/connect_failure_text.ts interrupted": [
    "commands/failure_texts_test.ts: failure words:",
  ],
  "commands/logs/log_file_report.ts ioError": [
    "commands/log_file_report_test.ts: logs --verify: 0 sound, 65 not sound or no ring file, 74 not there; by default the server's own file",
  ],
  "commands/logs/log_file_report.ts malformed": [
    "commands/log_file_report_test.ts: logs --verify: 0 sound, 65 not sound or no ring file, 74 not there; by default the server's own file",
    "commands/log_file_report_test.ts: logs --verify: 0 sound, 65 not sound or no ring file, 74 not there; by default the server's own file",
  ],
  "commands/logs/log_file_report.ts ok": [
    "commands/log_file_report_test.ts: logs --verify: 0 sound, 65 not sound or no ring file, 74 not there; by default the server's own file",
  ],
  "commands/support/local_log.ts unreachable": [
    "commands/logs_local_test.ts: without a server, or without --shm, it is 69; without FFI 78, with the way out",
    "commands/logs_local_test.ts: without a server, or without --shm, it is 69; without FFI 78, with the way out",
  ],
  "commands/support/local_log.ts badConfig": [
    "commands/logs_local_test.ts: without a server, or without --shm, it is 69; without FFI 78, with the way out",
  ],
  "commands/support/local_log.ts ioError": [
    "commands/logs_local_test.ts: a segment that another user could have made is refused, with 74",
  ],
  "commands/logs/local_read.ts noUser": [
    "commands/logs_local_test.ts: a room that no record names is 67, a direct conversation is the server's to show",
  ],
  "commands/logs/local_read.ts ok": [
    "commands/logs_local_test.ts: what logs shows, without a connection: text, JSON, rooms, filters, times",
  ],
  "commands/logs/local_read.ts tryAgain": [
    "commands/logs_local_test.ts: -f --no-retry ends with 75 when the server has ended; -m ends with 0",
    "commands/logs_local_test.ts: -f of standard input ends with 75 when the next server has another segment",
  ],
  "commands/logs/local_run.ts tryAgain": [
    "commands/logs_local_test.ts: a server that was stopped in the middle of a change of the ring's header: 75",
  ],
  "commands/logs/local_run.ts ioError": [
    "commands/logs_local_test.ts: a header that another process has damaged is 74, mapped or as standard input",
  ],
  "commands/serve/ring_sharing.ts badConfig": [
    "server/serve_shm_test.ts: serve --shm: without the permission for FFI 78, before the data folder is touched",
  ],
  "commands/logs/log_file_reader.ts ioError": [
    "commands/logs_test.ts: --file: not a ring file: 65, no such file: 74",
  ],
  "commands/logs/log_file_reader.ts malformed": [
    "commands/logs_test.ts: --file: not a ring file: 65, no such file: 74",
  ],
  "commands/logs/log_file_reader.ts ok": [
    "commands/exit_codes_test.ts: exit codes: commands/logs/log_file_reader.ts ok: a file that is shown",
  ],
  "commands/logs/cursor_output.ts usage": [
    "commands/logs_cursor_test.ts: --cursor-file: foreign 64, damaged 65 and untouched, unwritable 74, before any server is asked",
  ],
  "commands/logs/cursor_output.ts malformed": [
    "commands/logs_cursor_test.ts: --cursor-file: foreign 64, damaged 65 and untouched, unwritable 74, before any server is asked",
  ],
  "commands/logs/cursor_output.ts ioError": [
    "commands/exit_codes_test.ts: a cursor file that cannot be read",
    "commands/logs_cursor_test.ts: --cursor-file: foreign 64, damaged 65 and untouched, unwritable 74, before any server is asked",
    "commands/exit_codes_test.ts: exit codes: commands/logs/cursor_output.ts ioError: a cursor that cannot be brought up to what was shown: 74",
  ],
  "commands/send/submission_text.ts tryAgain": [
    "commands/failure_texts_test.ts: submission words:",
    "commands/failure_texts_test.ts: submission words:",
    "commands/failure_texts_test.ts: submission words:",
    "commands/failure_texts_test.ts: submission words:",
  ],
  "commands/send/submission_text.ts badConfig": [
    "commands/send_local_test.ts: without a server, or without --shm, 69; of another server 78; wrong usage 64",
  ],
  "commands/send/submission_text.ts ioError": [
    "commands/failure_texts_test.ts: unusable inbox",
  ],
  "commands/send/submission_text.ts unreachable": [
    "commands/send_local_test.ts: without a server, or without --shm, 69; of another server 78; wrong usage 64",
  ],
  "commands/send/submission_text.ts notDurable": [
    "commands/failure_texts_test.ts: submission words:",
    "commands/failure_texts_test.ts: no receipts, durable",
  ],
  "commands/send/submission_text.ts notDelivered": [
    "commands/failure_texts_test.ts: submission words:",
    "commands/failure_texts_test.ts: submission words:",
    "commands/failure_texts_test.ts: no receipts, delivered",
    "commands/failure_texts_test.ts: submission words:",
  ],
  "commands/send/submission_text.ts noUser": [
    "commands/failure_texts_test.ts: submission words:",
  ],
  "commands/send/submission_text.ts malformed": [
    "commands/failure_texts_test.ts: submission words:",
  ],
  "commands/send/submission_text.ts refused": [
    "commands/failure_texts_test.ts: submission words:",
  ],
  "lib/tui/terminal/confirmation.ts ok": [
    "commands/exit_codes_test.ts: a question that is answered by yes",
  ],
  "lib/tui/terminal/confirmation.ts interrupted": [
    "commands/exit_codes_test.ts: a question that is answered by no",
  ],
  "commands/serve/server_sockets.ts badConfig": [
    "commands/exposed_files_test.ts: a TLS key that others can read is refused",
  ],
  "commands/serve/server_sockets.ts ioError": [
    "commands/exposed_files_test.ts: a device without end in the place of any file is told to be too large",
  ],
  "commands/serve/server_sockets.ts cannotCreate": [
    "commands/serve_test.ts: serve: a port that is taken, in one line, with what to do",
    "not shown: a file would have to be in the place of the relay socket; front/front_run_test.ts shows what is told",
  ],
  "commands/serve/cluster/import_folder.ts ioError": [
    "cluster/node_start_test.ts: a node with an address or a folder that cannot be used does not start",
    "cluster/node_start_test.ts: a server that was killed is imported, with numbers after those that are lost; one without its key is not",
    "cluster/node_start_test.ts: a node without etcd waits for it, and can be stopped; an import does not wait",
  ],
  "commands/serve/cluster/import_folder.ts cannotCreate": [
    "not shown: a folder that is in use is refused in the same way without the flag, by the row of node_parts.ts",
  ],
  "commands/serve/cluster/node_parts.ts badConfig": [
    "cluster/node_start_test.ts: a node without etcd waits for it, and can be stopped; an import does not wait",
    "cluster/node_start_test.ts: a certificate of etcd that is not trusted ends a start; etcd that does not answer is waited for",
  ],
  "commands/serve/cluster/node_parts.ts ioError": [
    "cluster/node_start_test.ts: a cluster of another format is left alone",
    "cluster/node_start_test.ts: a node with an address or a folder that cannot be used does not start",
  ],
  "commands/serve/cluster/node_parts.ts cannotCreate": [
    "cluster/node_start_test.ts: a node with an address or a folder that cannot be used does not start",
    "not shown: the folder would have to lose its rights between the database and cloak.key",
  ],
  "commands/serve/cluster/node_sockets.ts cannotCreate": [
    "cluster/node_start_test.ts: a node with an address or a folder that cannot be used does not start",
  ],
  "commands/serve/cluster/run_node.ts ok": [
    "cluster/node_start_test.ts: a node without etcd waits for it, and can be stopped; an import does not wait",
    "cluster/nodes_test.ts: two nodes are one server, through the failures of the one that leads",
  ],
  "commands/serve/cluster/run_node.ts cannotCreate": [
    "cluster/node_start_test.ts: a node with an address or a folder that cannot be used does not start",
    "not shown: it takes the 20 seconds of NAME_WAIT_MS; cluster/cluster_node_test.ts shows that the node ends",
  ],
  "commands/serve/cluster/run_node.ts bug": [
    "not shown: a bug; commands/exit_codes_test.ts shows the same of a server without a cluster",
  ],
  "commands/serve/cluster/run_node.ts ioError": [
    "not shown: the worker that syncs would have to die four times; server/storage_test.ts shows that it is told",
    "cluster/node_start_test.ts: a cluster that turns unreadable stops its nodes, and is not overwritten",
  ],
  "commands/list/status_watch.ts hungUp": [
    "commands/list_test.ts: --watch takes the screen of a terminal, and gives it back: ${how}",
  ],
  "commands/list/status_watch.ts ok": [
    "commands/list_test.ts: --watch on a dumb terminal writes no escape codes, and --max-count ends it",
  ],
  "commands/register/change.ts refused": [
    "commands/register_change_test.ts: a passphrase in place of a key, another one, and a key again",
    "commands/register_change_test.ts: a new key is not said where others can listen",
    "commands/register_change_test.ts: what the server refuses leaves all as it was",
  ],
  "commands/register/change.ts interrupted": [
    "commands/exit_codes_test.ts: Ctrl-D where the passphrase of before is asked",
  ],
  "commands/register/change.ts ioError": [
    "commands/exit_codes_test.ts: exit codes: commands/register/change.ts ioError: a new key that cannot be kept",
  ],
  "commands/register/change.ts badConfig": [
    "commands/register_change_test.ts: without a folder for it no new key is made",
  ],
  "commands/register/change.ts ok": [
    "commands/register_change_test.ts: another key takes the place of the one of before",
    "commands/register_change_test.ts: a passphrase in place of a key, another one, and a key again",
  ],
  "commands/register/change.ts unreachable": [
    "commands/register_change_test.ts: what the server refuses leaves all as it was",
  ],
  "commands/register/change.ts tryAgain": [
    "commands/register_change_test.ts: what the server refuses leaves all as it was",
    "commands/register_change_test.ts: is told so, and the key of the first is kept",
    "commands/register_change_test.ts: an answer that never came",
  ],
  "commands/register/new_passphrase.ts badConfig": [
    "commands/register_change_test.ts: the name has to be one's own, and the secret of a form that will do",
  ],
  "commands/register/new_passphrase.ts interrupted": [
    "commands/exit_codes_test.ts: Ctrl-D where the passphrase is asked",
  ],
  "commands/support/backup_work.ts ok": [
    "commands/backup_test.ts: backup, restore: done, and what to do next",
  ],
  "commands/support/backup_work.ts cannotCreate": [
    "commands/backup_test.ts: backup, restore: exit codes tell what became of it",
  ],
  "commands/support/backup_work.ts ioError": [
    "commands/backup_test.ts: backup, restore: a full disk: 74, and nothing remains",
  ],
  "commands/support/backup_work.ts malformed": [
    "commands/backup_test.ts: backup, restore: exit codes tell what became of it",
  ],
  "commands/support/backup_work.ts tryAgain": [
    "commands/backup_test.ts: backup: history that changes with every look at it: 75",
  ],
  "lib/tui/terminal/inquirer.ts hungUp": [
    "tui/prompt_test.ts: ask: a terminal that is closed ends a question as SIGHUP does",
  ],
  "lib/tui/terminal/inquirer.ts interrupted": [
    "commands/exit_codes_test.ts: Ctrl-C where the name is asked",
  ],
  "lib/tui/terminal/terminal.ts hungUp": [
    "commands/join_test.ts: a signal at a question gives the terminal back",
  ],
};
