/** `chatterbox join`: the chat at a terminal; without a terminal, line by line. */
import type { Command, Io } from "../lib/cli/command.ts";
import { EXIT } from "../lib/cli/exit_codes.ts";
import { followsLinks, loadPalette, readColorLevel } from "../lib/cli/standard_streams.ts";
import { REPLACEMENT_WARNING } from "../lib/cli/piped_text_decoder.ts";
import {
  defineCommand,
  QUESTION_PERMISSIONS,
  UsageError,
  WATCHING_CLIENT_PERMISSIONS,
  watchStdoutReader,
} from "../lib/cli/flags/command_definition.ts";
import { CLIENT_FLAGS } from "./support/client_options.ts";
import { reportConnectFailure } from "./support/connect_failure_text.ts";
import type { ClientFlags } from "./support/client_options.ts";
import type { ClientLogin } from "./support/client_login.ts";
import type { AccountStatus } from "../lib/client/session/credentials.ts";
import { NO_SAVED_OUTBOX, openSavedOutbox } from "./join/saved_outbox.ts";
import { describeMissingAccount, describeNewAccount } from "./support/account_status_text.ts";
import { PlainUi } from "../lib/tui/plain_ui.ts";
import { TerminalUi } from "../lib/tui/terminal_ui.ts";
import { createTerminal } from "../lib/tui/terminal/terminal.ts";
import type { Terminal } from "../lib/tui/terminal/terminal.ts";
import { JoinRun } from "./join/join_run.ts";
import {
  askName,
  askPassphrase,
  askPassword,
  describeAskable,
  initialAccess,
  isAskable,
} from "./join/login_prompt.ts";

export const command: Command = defineCommand({
  name: "join",
  summary: "Enter the chat, at a terminal or with a pipe.",
  synopsis: "[NAME]",
  permissions: [...WATCHING_CLIENT_PERMISSIONS, ...QUESTION_PERMISSIONS],
  examples: [
    ["chatterbox join alice", "as alice"],
    ["chatterbox join", "asks for the name"],
    ["tail -f build.log | chatterbox join builder", "send each line of its input"],
  ],
  flags: {
    ...CLIENT_FLAGS,
    commands: {
      type: "boolean",
      help: "lines of a pipe or file that begin with / are commands, as at a terminal",
    },
  },
  notes: [
    "What you type is sent to the current room. /help lists the commands, Tab completes names, PgUp shows older " +
    "messages, Ctrl-D leaves. Messages are kept on disk until the server has acknowledged them: what a lost connection, a crash or /quit leaves unsent " +
    "is sent the next time you join under this name, once.",
    "Direct messages that you have missed are shown once, after the history of the room, at a terminal only: a pipe or " +
    "file as input shows those that come while it runs, and the others wait (chatterbox logs --with NAME shows them " +
    "at any time). The server remembers for all your devices what you have seen at a terminal, and may tell senders " +
    "that wait for it (chatterbox send --wait read).",
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
  if (words.length > 1) throw new UsageError("give one name at most");
  if (words[0]?.startsWith("#")) {
    throw new UsageError(`${words[0]} is a room; give your name here, and then type /join ${words[0]}`);
  }
  const terminal = createTerminal(io);
  watchStdoutReader(io, true);
  try {
    return await join({ ...flags, name: words[0] }, io, terminal);
  } finally {
    terminal?.keyboard.close();
  }
});

type Flags = ClientFlags & { readonly "no-color": boolean; readonly commands: boolean };

async function join(flags: Flags, io: Io, terminal: Terminal | undefined): Promise<number> {
  const { signal } = io; // from here on, signals end this in order
  const colors = loadPalette(
    readColorLevel(io.stdout, io.env, flags["no-color"]),
    followsLinks(io.env),
  );
  let found = await initialAccess(flags, io, terminal);
  /** The server password, as typed. */
  let password: string | undefined;
  while (found.kind === "ok") {
    const access = withPassword(found.access, password);
    const outbox = terminal === undefined ? NO_SAVED_OUTBOX : openSavedOutbox(access, io);
    const run = new JoinRun(access, io, outbox, {
      isInteractive: terminal !== undefined,
      server: flags.server,
    });
    const outcome = await run.link.start();
    if (outcome.kind === "connected") {
      const { accountStatus } = outcome.link.session;
      reportRegistrationState(accountStatus, access, terminal !== undefined, io);
      const isFirst = accountStatus.kind === "logged_in" && accountStatus.isNew;
      if (terminal !== undefined && isFirst) run.welcome();
      await io.stderr.flush(); // or it would be written into the drawn screen
      const ui = terminal === undefined
        ? new PlainUi(
          io.stdin,
          io.stdout,
          colors,
          () => io.stderr.write(`chatterbox: ${REPLACEMENT_WARNING}\n`),
        )
        : new TerminalUi(terminal, colors);
      return await run.stay(ui, terminal === undefined, io.stdin.isTerminal || flags.commands);
    }
    const { keyring } = access;
    const reason = outcome.kind === "refused" ? outcome.reason : undefined;
    if (!isAskable(reason) || terminal === undefined || signal.aborted) {
      await keyring?.discard();
      return reportConnectFailure(io, outcome, access);
    }
    io.stdout.write(`${describeAskable(reason, outcome, access)}\n`);
    if (reason === "password") {
      const reply = await askPassword(terminal, access);
      if (reply.kind !== "text") {
        await keyring?.discard();
        return reply.kind === "interrupt" ? reply.code : EXIT.refused;
      }
      password = reply.text;
      continue; // with the same key
    }
    await keyring?.discard();
    found = reason === "name_taken" || reason === "in_use"
      ? await askName(flags, io, terminal, "")
      : await askPassphrase(flags, io, terminal, access.name);
  }
  return found.code;
}

/** The same login with the typed server password, if any. */
function withPassword(access: ClientLogin, password: string | undefined): ClientLogin {
  return password === undefined ? access : { ...access, registration: { ...access.registration, password } };
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
