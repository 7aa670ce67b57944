/** `chatterbox join`: the chat at a terminal; without a terminal, line by line. */
import type { Command, Io } from "../lib/cli/command.ts";
import { EXIT } from "../lib/cli/exit_codes.ts";
import { followsLinks, loadPalette, readColorLevel } from "../lib/cli/standard_streams.ts";
import { REPLACEMENT_WARNING } from "../lib/cli/piped_text_decoder.ts";
import {
  defineCommand,
  UsageError,
  WATCHING_CLIENT_PERMISSIONS,
  watchStdoutReader,
} from "../lib/cli/flags/command_definition.ts";
import { CLIENT_FLAGS } from "./support/client_options.ts";
import { reportConnectFailure } from "./support/connect_failure_text.ts";
import type { ClientFlags } from "./support/client_options.ts";
import type { ClientLogin } from "./support/client_login.ts";
import type { AccountStatus } from "../lib/client/session/credentials.ts";
import { makeAttention } from "./join/attention_setup.ts";
import { NotifyProgram } from "./join/notify_program.ts";
import { NO_SAVED_OUTBOX, openSavedOutbox } from "./join/saved_outbox.ts";
import type { SavedOutbox } from "./join/saved_outbox.ts";
import { describeMissingAccount, describeNewAccount } from "./support/account_status_text.ts";
import { localTime } from "../lib/client/conversation/model/local_time.ts";
import { PlainUi } from "../lib/tui/plain_ui.ts";
import type { PlainForm } from "../lib/tui/plain_ui.ts";
import { TerminalUi } from "../lib/tui/terminal_ui.ts";
import { createTerminal } from "../lib/tui/terminal/terminal.ts";
import type { Terminal } from "../lib/tui/terminal/terminal.ts";
import { suspendProgram } from "./join/job_control.ts";
import { channelFault, isChannelName } from "../lib/irc/names/name_rules.ts";
import { describeChannelFault } from "../lib/irc/names/new_name_rules.ts";
import { chooseRooms, MAX_KEPT_ROOMS } from "./join/rooms_file.ts";
import { JoinRun } from "./join/join_run.ts";
import { openLineFiles } from "./join/line_files.ts";
import { askName, askPassphrase, describeAskable, initialAccess, isAskable } from "./join/login_prompt.ts";
import { editOutside } from "./join/outside_editor.ts";

export const command: Command = defineCommand({
  name: "join",
  summary: "Enter the chat, at a terminal or with a pipe.",
  synopsis: "[NAME] [ROOM ...]",
  permissions: [...WATCHING_CLIENT_PERMISSIONS, "run"],
  examples: [
    ["chatterbox join alice", "as alice"],
    ["chatterbox join", "asks for the name"],
    ["chatterbox join alice '#dev' '#ops'", "enter these rooms"],
    ["tail -f build.log | chatterbox join builder", "send each line of its input"],
  ],
  operands: [{ sources: ["names"] }],
  flags: {
    ...CLIENT_FLAGS,
    all: { type: "boolean", help: "show the messages of all rooms and people in one stream" },
    bell: { type: "boolean", help: "ring the bell for mentions and direct messages, as /set bell on" },
    notify: {
      type: "string",
      value: "CMD",
      help: "run CMD, without a shell, for each mention and direct message",
    },
    plain: {
      type: "boolean",
      help: "plain lines, for screen readers and expect; by itself where TERM=dumb",
    },
    "no-times": { type: "boolean", help: "plain lines without their times" },
    commands: {
      type: "boolean",
      help: "lines of a pipe or file that begin with / are commands, as at a terminal",
    },
  },
  notes: [
    "A terminal shows one room or conversation at a time, named in the prompt, and what you type goes there; the prompt " +
    "counts what is unread elsewhere. Alt-a goes to the next unread one, /go NAME to any. The rooms are entered again the " +
    "next time; the first time these are the rooms of config.json, or the lobby.",
    "/help lists the commands, Tab completes names, PgUp shows older messages, Ctrl-D leaves. Messages are kept on disk until the server has acknowledged them: what a lost connection, a crash or /quit leaves unsent " +
    "is sent the next time you join under this name, once.",
    "Direct messages that you have missed are shown once, after the history of the room, at a terminal only: a pipe or " +
    "file as input shows those that come while it runs, and the others wait (chatterbox logs --with NAME shows them " +
    "at any time). The server remembers for all your devices what you have seen at a terminal, and may tell senders " +
    "that wait for it (chatterbox send --wait read).",
    "--notify: CMD is split into words and gets the message as with logs --exec (CHATTERBOX_MESSAGE_TEXT, _FROM, _ROOM …, " +
    "the text on standard input). One runs at a time, at most 30 a minute; its output is not shown, what fails is told in " +
    "the chat. Messages of history, your own and those of ignored people notify of nothing.",
    "--plain writes lines, such as room #ops, and mention 14:11 carol: alice, tea?, and moves no cursor. What is typed at a " +
    "terminal is not shown again. No question is asked.",
    "Without a terminal each line of input is one message; at the end of input join leaves as soon as all messages are " +
    "acknowledged. A line that begins with / is a message, too; one that would be a command at a terminal, such as /quit, is " +
    "refused instead (77 in the end). With --commands it is carried out.",
  ],
  exitCodes: [
    ["0", "done"],
    ["64", "wrong usage"],
    ["68, 69", "server not found, or not reachable"],
    ["75", "not all messages were sent"],
    ["76", "not an IRC server, or TLS on one side only"],
    ["77", "refused: name taken, wrong password, or a line of the input was refused"],
    ["78", "bad configuration, or other users can read a secret file"],
    ["129 to 143", "interrupted by a signal"],
  ],
}, async (flags, words, io) => {
  const { name, rooms } = parseWords(words);
  const program = flags.notify === undefined ? undefined : await NotifyProgram.open(flags.notify, io.clock);
  const isPerson = io.stdin.isTerminal && io.stdout.isTerminal;
  const plain = flags.plain || isPerson && io.env("TERM") === "dumb";
  if (flags["no-times"] && !plain) throw new UsageError("--no-times goes with --plain");
  const terminal = plain ? undefined : createTerminal(io);
  if (terminal === undefined && flags.notify === undefined) io.revoke(["run"]);
  watchStdoutReader(io, true);
  try {
    return await join({ ...flags, name, plain }, rooms, { io, terminal, program, isPerson });
  } finally {
    program?.close();
    terminal?.keyboard.close();
  }
});

type Flags = ClientFlags & {
  readonly "no-color": boolean;
  readonly commands: boolean;
  readonly all: boolean;
  readonly bell: boolean;
  /** Given, or what the terminal needs. */
  readonly plain: boolean;
  readonly "no-times": boolean;
};

interface Surroundings {
  readonly io: Io;
  /** One on which a line is edited. */
  readonly terminal: Terminal | undefined;
  /** Of `--notify`. */
  readonly program: NotifyProgram | undefined;
  /** Input and output are a terminal. */
  readonly isPerson: boolean;
}

/** `[NAME] [ROOM ...]`; a name never begins with #, a room always. */
function parseWords(words: readonly string[]): { name: string | undefined; rooms: readonly string[] } {
  const [first = ""] = words;
  const isNamed = first !== "" && !isChannelName(first);
  const rooms = isNamed ? words.slice(1) : words;
  for (const room of rooms) {
    const fault = channelFault(room);
    if (fault === "no_prefix") {
      throw new UsageError(`give one name at most, and rooms with their #: ${room} (the room is '#${room}')`);
    }
    if (fault !== undefined) throw new UsageError(`${room}: ${describeChannelFault(room, fault)}`);
  }
  if (rooms.length > MAX_KEPT_ROOMS) throw new UsageError(`give ${MAX_KEPT_ROOMS} rooms at most`);
  return { name: isNamed ? first : undefined, rooms };
}

async function join(
  flags: Flags,
  given: readonly string[],
  { io, terminal, program, isPerson }: Surroundings,
): Promise<number> {
  const { signal } = io; // from here on, signals end this in order
  const colors = loadPalette(
    readColorLevel(io.stdout, io.env, flags["no-color"]),
    followsLinks(io.env),
  );
  let found = await initialAccess(flags, io, terminal);
  while (found.kind === "ok") {
    const access = terminal === undefined ? withoutQuestions(found.access) : found.access;
    const outbox = isPerson ? openSavedOutbox(access, io) : NO_SAVED_OUTBOX;
    // The rooms of a pipe are those that are given, and no others: what it sends must not depend on earlier runs.
    const rooms = isPerson
      ? await chooseRooms(access, given, flags, io)
      : { rooms: given, current: given[0], keep: undefined };
    const run = new JoinRun(access, io, outbox, rooms, {
      isInteractive: isPerson,
      server: flags.server,
      showsAll: flags.all || terminal === undefined,
    });
    const outcome = await run.link.start();
    if (outcome.kind === "connected") {
      const { accountStatus } = outcome.link.session;
      reportRegistrationState(accountStatus, access, isPerson, io);
      const isFirst = accountStatus.kind === "logged_in" && accountStatus.isNew;
      if (terminal !== undefined && isFirst) run.welcome();
      const store = terminal === undefined ? undefined : openLineFiles(access, io);
      await io.stderr.flush(); // or it would be written into the drawn screen
      const ui = terminal === undefined
        ? new PlainUi(
          io.stdin,
          io.stdout,
          colors,
          () => io.stderr.write(`chatterbox: ${REPLACEMENT_WARNING}\n`),
          makePlainForm(flags, outbox, { io, isPerson }),
        )
        : new TerminalUi(terminal, colors, {
          store,
          editOutside: (text, noteSaved) => editOutside(text, noteSaved, io),
          suspend: () => suspendProgram(io.env),
        });
      const code = await run.stay(ui, {
        drains: terminal === undefined && (isPerson ? "online" : true),
        commands: io.stdin.isTerminal || flags.commands,
        attention: makeAttention({ bell: flags.bell, program, isPlain: terminal === undefined }, run, io),
      });
      if (flags.plain && isPerson && code === EXIT.interrupted) io.stdout.write("\n"); // behind the ^C of the terminal
      return code;
    }
    const { keyring } = access;
    const reason = outcome.kind === "refused" ? outcome.reason : undefined;
    if (!isAskable(reason) || terminal === undefined || signal.aborted) {
      await keyring?.discard();
      const code = reportConnectFailure(io, outcome, access);
      if (outcome.kind !== "aborted") run.reportKept();
      return code;
    }
    io.stdout.write(`${describeAskable(reason, outcome, access)}\n`);
    await keyring?.discard();
    found = reason === "name_taken" || reason === "in_use"
      ? await askName(flags, io, terminal, "")
      : await askPassphrase(flags, io, terminal, access.name);
  }
  return found.code;
}

/** Undefined: lines are as they have always been, for scripts that read them. */
function makePlainForm(
  flags: Flags,
  { unsent }: SavedOutbox,
  { io, isPerson }: Pick<Surroundings, "io" | "isPerson">,
): PlainForm | undefined {
  if (!flags.plain) return undefined;
  return {
    local: localTime,
    now: io.clock.now(),
    hasTimes: !flags["no-times"],
    echoes: isPerson,
    keptIds: unsent.map(({ id }) => id),
  };
}

/** The same login for a run that asks nothing: a pipe, or lines for a screen reader. */
function withoutQuestions(access: ClientLogin): ClientLogin {
  return { ...access, registration: { ...access.registration, questions: undefined } };
}

/** A script is not told that its name has been registered. */
function reportRegistrationState(
  status: AccountStatus,
  access: ClientLogin,
  toPerson: boolean,
  io: Io,
): void {
  const text = describeMissingAccount(status, access) ??
    (toPerson ? describeNewAccount(status, access) : undefined);
  if (text !== undefined) io.stderr.write(`chatterbox: ${text}\n`);
}
