/** `chatterbox join`: the chat for a person at a terminal; and line by line for everything else. */
import { toPrintable } from "../lib/base/printable_text.ts";
import type { Command, Io } from "../lib/cli/command.ts";
import { EXIT, exitCodeForSignal } from "../lib/cli/exit_codes.ts";
import type { ExitCode, StopReason } from "../lib/cli/exit_codes.ts";
import { loadPalette, reportFailure, wantsColor } from "../lib/cli/standard_streams.ts";
import { REPLACEMENT_WARNING } from "../lib/cli/piped_text_decoder.ts";
import {
  defineCommand,
  UsageError,
  WATCHING_CLIENT_PERMISSIONS,
  watchStdoutReader,
} from "../lib/cli/flags/command_definition.ts";
import { CLIENT_FLAGS, NO_NAME, readClientLogin } from "./support/client_options.ts";
import {
  describeConnectFailure,
  describeForeignName,
  reportConnectFailure,
} from "./support/connect_failure_text.ts";
import type { ClientFlags, ClientLogin, ClientLoginOutcome } from "./support/client_options.ts";
import type { AccountStatus } from "../lib/client/session/credentials.ts";
import { openIgnoreFile } from "./support/ignore_file.ts";
import type { IgnoreFile } from "./support/ignore_file.ts";
import { NO_SAVED_OUTBOX, openSavedOutbox } from "./support/saved_outbox.ts";
import type { SavedOutbox } from "./support/saved_outbox.ts";
import type { OutboxStore } from "../lib/client/sending/outbox_store.ts";
import type { ConnectFailure } from "../lib/client/connection/connect_failure.ts";
import type { RefusalReason } from "../lib/client/session/refusal.ts";
import type { SessionEvent } from "../lib/client/session/client_session.ts";
import { describeMissingAccount, describeNewAccount } from "./support/account_status_text.ts";
import { ReconnectingLink } from "../lib/client/connection/reconnecting_link.ts";
import type { LinkState } from "../lib/client/connection/reconnecting_link.ts";
import { formatAddress } from "../lib/net/address.ts";
import { NAME_FAULT_TEXT, nickFault } from "../lib/irc/names/name_rules.ts";
import { passphraseFault } from "../lib/irc/sasl/passphrase.ts";
import { ask, askSecret } from "../lib/tui/terminal/prompt.ts";
import type { PromptResult } from "../lib/tui/terminal/prompt.ts";
import { Chat } from "../lib/client/conversation/chat.ts";
import type { ChatOptions } from "../lib/client/conversation/chat.ts";
import { ChatRunner } from "../lib/tui/chat_runner.ts";
import type { ChatEnd } from "../lib/tui/chat_runner.ts";
import type { ChatUi } from "../lib/tui/ui.ts";
import { localTime } from "../lib/tui/view/local_time.ts";
import { PlainUi } from "../lib/tui/plain_ui.ts";
import { TerminalUi } from "../lib/tui/terminal_ui.ts";
import { createTerminal } from "../lib/tui/terminal/terminal.ts";
import type { Terminal } from "../lib/tui/terminal/terminal.ts";

/** Where everybody meets. */
const LOBBY_CHANNEL = "#lobby";

export const command: Command = defineCommand({
  name: "join",
  summary: "Enter the chat.",
  synopsis: "[NAME]",
  permissions: WATCHING_CLIENT_PERMISSIONS,
  examples: [
    ["chatterbox join alice", "enter as alice"],
    ["chatterbox join", "enter; asks for the name"],
    ["tail -f build.log | chatterbox join builder", "say every line that comes in"],
  ],
  flags: {
    ...CLIENT_FLAGS,
    commands: {
      type: "boolean",
      help: "lines from a pipe or file that begin with / are commands; at a terminal they always are",
    },
  },
  notes: [
    "What you type goes to everybody in the room. /help lists the commands; Tab completes; Ctrl-D leaves.\n" +
    "At a terminal it is kept on disk until the server has it: what a loss, a crash or /quit leaves unsent\n" +
    "is sent the next time you join under this name, once.\n" +
    "What was said to you while you were away is shown first, and once: what you have seen at a terminal the server\n" +
    "remembers as read, for all your devices, and may tell who waits for it (chatterbox send --wait read).\n" +
    "Without a terminal: one line in, one line out; at the end of input it leaves once all is acknowledged.\n" +
    "What comes from a pipe or a file is text, also where it begins with a slash, unless --commands is given.",
    "Exit code: 0 done; 68, 69 server not found or not reachable; 75 not all was sent; 76 not an IRC server;\n" +
    "77 refused (name taken, wrong password, or a line of the input was refused); 129, 130, 131, 143 interrupted.",
  ],
}, async (flags, words, io) => {
  if (words.length > 1) throw new UsageError("one name, without spaces");
  if (words[0]?.startsWith("#")) {
    throw new UsageError(`${words[0]} is a room: give your name here, and then type /join ${words[0]}`);
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
  const colors = await loadPalette(wantsColor(io.stdout, io.env, flags["no-color"]));
  let found = await initialAccess(flags, io, terminal);
  /** The server's, as the person has typed it. */
  let password: string | undefined;
  while (found.kind === "ok") {
    const access = withPassword(found.access, password);
    const kept = terminal === undefined ? NO_SAVED_OUTBOX : openSavedOutbox(access, io);
    const visit = new JoinRun(access, io, kept, {
      isInteractive: terminal !== undefined,
      server: flags.server,
    });
    const outcome = await visit.link.start();
    if (outcome.kind === "connected") {
      reportRegistrationState(outcome.link.session.accountStatus, access, terminal !== undefined, io);
      await io.stderr.flush(); // or it would come into what the face draws
      const face = terminal === undefined
        ? new PlainUi(
          io.stdin,
          io.stdout,
          colors,
          () => io.stderr.write(`chatterbox: ${REPLACEMENT_WARNING}\n`),
        )
        : new TerminalUi(terminal, colors);
      return await visit.stay(face, terminal === undefined, io.stdin.isTerminal || flags.commands);
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

/** Under the server's password that the person has typed, if any. */
function withPassword(access: ClientLogin, password: string | undefined): ClientLogin {
  return password === undefined ? access : { ...access, registration: { ...access.registration, password } };
}

/** The server's password; the person may give up by Ctrl-C or Ctrl-D. */
function askPassword(terminal: Terminal, { address }: ClientLogin): Promise<PromptResult> {
  const question = `Password of ${formatAddress(address)}`;
  return askSecret(terminal, question, passwordFault);
}

/** What is wrong with a password that was typed, or pasted with more than it; undefined: it can be said to a server. */
function passwordFault(text: string): string | undefined {
  if (text === "") return "An empty password is none.";
  return /[\r\n\0]/.test(text) ? "A password is one line." : undefined;
}

type AskableRefusal = "name_taken" | "in_use" | "not_ours" | "wrong_passphrase" | "password";

const ASKABLE: ReadonlySet<RefusalReason | undefined> = new Set<AskableRefusal>([
  "name_taken",
  "in_use",
  "not_ours",
  "wrong_passphrase",
  "password",
]);

/** Whether another answer of the person's may let us in. */
function isAskable(reason: RefusalReason | undefined): reason is AskableRefusal {
  return ASKABLE.has(reason);
}

/** Why there is a question now; what to do about it is what is asked. */
function describeAskable(reason: AskableRefusal, failure: ConnectFailure, access: ClientLogin): string {
  const { name, address } = access;
  switch (reason) {
    case "name_taken":
    case "in_use":
      return describeConnectFailure(failure, access).text;
    case "not_ours":
      return toPrintable(describeForeignName(access));
    case "wrong_passphrase":
      if (access.keySource !== undefined) return describeConnectFailure(failure, access).text;
      return toPrintable(`that is not the passphrase of ${name}`);
    case "password":
      return access.registration.password === undefined
        ? `${formatAddress(address)} asks for a password`
        : `that is not the password of ${formatAddress(address)}`;
  }
}

/** To a script that its name has just become its own is no news. */
function reportRegistrationState(
  standing: AccountStatus,
  access: ClientLogin,
  toPerson: boolean,
  io: Io,
): void {
  const words = describeMissingAccount(standing, access) ??
    (toPerson ? describeNewAccount(standing, access) : undefined);
  if (words !== undefined) io.stderr.write(`chatterbox: ${words}\n`);
}

/** Under the name given or configured; else the one that the person says, or the login name where nobody can be asked. */
async function initialAccess(
  flags: Flags,
  io: Io,
  terminal: Terminal | undefined,
): Promise<ClientLoginOutcome> {
  const found = await readClientLogin(io, flags, "observe");
  if (found.kind === "failed") return found;
  const { name, isNameExplicit } = found.access;
  if (!isNameExplicit && terminal !== undefined) {
    return await askName(flags, io, terminal, name === NO_NAME ? "" : name);
  }
  return await readClientLogin(io, flags, "make");
}

async function askName(
  flags: Flags,
  io: Io,
  terminal: Terminal,
  suggestion: string,
): Promise<ClientLoginOutcome> {
  const reply = await ask(terminal, "Your name", suggestion, (name) => {
    const fault = nickFault(name);
    return fault === undefined ? undefined : `${NAME_FAULT_TEXT[fault]}.`;
  });
  switch (reply.kind) {
    case "text":
      return await readClientLogin(io, { ...flags, name: reply.text }, "make");
    case "interrupt":
      return { kind: "failed", code: reply.code };
    case "end":
      return { kind: "failed", code: EXIT.ok };
  }
}

/** The name has a passphrase, or another key than ours: either the person knows the passphrase, or wants another name. */
async function askPassphrase(
  flags: Flags,
  io: Io,
  terminal: Terminal,
  name: string,
): Promise<ClientLoginOutcome> {
  const reply = await askSecret(
    terminal,
    toPrintable(`Passphrase of ${name} (empty: another name)`),
    (text) => text === "" ? undefined : passphraseFault(text),
  );
  switch (reply.kind) {
    case "text":
      if (reply.text === "") return await askName(flags, io, terminal, "");
      return await readClientLogin(io, { ...flags, name }, "use", reply.text);
    case "interrupt":
      return { kind: "failed", code: reply.code };
    case "end":
      return { kind: "failed", code: EXIT.ok };
  }
}

/** One stay on a server: the link, the chat, and what ties them. */
class JoinRun {
  readonly link: ReconnectingLink;
  readonly #access: ClientLogin;
  readonly #io: Io;
  readonly #chat: Chat;
  readonly #store: OutboxStore | undefined;
  readonly #ignoreFile: IgnoreFile | undefined;
  readonly #refused = Promise.withResolvers<LinkState & { kind: "over" }>();
  #conversation: ChatRunner | undefined;
  /** What came before there was a conversation. */
  #early: (() => void)[] = [];

  constructor(
    access: ClientLogin,
    io: Io,
    { store, unsent }: SavedOutbox,
    shown: Pick<ChatOptions, "isInteractive" | "server">,
  ) {
    this.#access = access;
    this.#io = io;
    this.#store = store;
    const ignoring = openIgnoreFile(access, io);
    this.#ignoreFile = ignoring.file;
    this.#chat = new Chat({
      nick: access.name,
      home: LOBBY_CHANNEL,
      clock: localTime.clock,
      newId: () => crypto.randomUUID(),
      unsent,
      ignored: ignoring.names,
      ...shown,
    });
    // Answers arrive by promise, a microtask later: events wait as long, so that all keeps its order.
    const inOrder = (handle: () => void) =>
      queueMicrotask(() => this.#conversation ? handle() : this.#early.push(handle));
    this.link = new ReconnectingLink({
      address: access.address,
      trust: access.trust,
      registration: () => ({ ...access.registration, nick: this.#chat.nick }),
      signal: io.signal,
      onEvent: (event) => inOrder(() => this.#hear(event)),
      onState: (state) => inOrder(() => this.#turn(state)),
    });
  }

  /** Talks until the end; the answer is the exit code. `commands`: lines that begin with a slash are commands. */
  async stay(face: ChatUi, drains: boolean, commands: boolean): Promise<number> {
    const { stdout, signal, clock, onSignal } = this.#io;
    const conversation = new ChatRunner({
      chat: this.#chat,
      ui: face,
      clock,
      local: localTime,
      request: (message) => this.link.request(message),
      drains,
      commands,
      store: this.#store,
      keepIgnored: (names) => this.#ignoreFile?.write(names),
    });
    this.#conversation = conversation;
    for (const handle of this.#early.splice(0)) handle();
    const hangUp = new AbortController();
    const offHangUp = onSignal("SIGHUP", () => hangUp.abort({ why: "SIGHUP" } satisfies StopReason));
    const stop = AbortSignal.any([signal, stdout.closedSignal, hangUp.signal]);
    const stopped = Promise.withResolvers<void>();
    stop.addEventListener("abort", () => stopped.resolve());
    if (stop.aborted) stopped.resolve();
    const end = await Promise.race([conversation.run(), this.#refused.promise, stopped.promise])
      .finally(() => {
        offHangUp();
        conversation.close();
        face.close();
      });
    await this.link.close(end?.kind === "quit" && end.reason !== "" ? end.reason : undefined);
    await stdout.flush(); // the terminal is given back before anything is said on standard error
    if (end === undefined) return this.#stopped(stop);
    if (end.kind !== "over") return this.#farewell(end, drains);
    const { size } = this.#chat.outbox;
    if (size > 0) this.#sayUnsent(size);
    return reportConnectFailure(this.#io, end.failure, this.#access);
  }

  /** What a reader of standard output that has gone leaves unsent is told; after a signal the exit code says enough. */
  #stopped(stop: AbortSignal): ExitCode {
    const { size } = this.#chat.outbox;
    const code = exitCodeForSignal(stop);
    return code === EXIT.ok && size > 0 ? this.#sayUnsent(size) : code;
  }

  #hear(event: SessionEvent): void {
    if (event.kind === "line") this.#conversation?.receive(event.message);
    else if (event.kind === "batch") { for (const line of event.lines) this.#conversation?.receive(line); }
  }

  #turn(state: LinkState): void {
    this.#conversation?.update((chat, now) => {
      switch (state.kind) {
        case "up":
          return chat.handleConnected(state.link.session, state.again, now);
        case "down":
          return chat.handleDisconnected(state.text, state.retryMs, now);
        case "trying":
          return chat.handleConnecting();
        case "failed":
          return chat.handleConnectFailure(state.failure.text, state.retryMs, now);
        case "over":
          return this.#refused.resolve(state);
      }
    });
  }

  #farewell(end: ChatEnd, drains: boolean): number {
    const { outbox: { size }, undelivered: { refused, unknown } } = this.#chat;
    const unsent = size === 0 ? EXIT.ok : this.#sayUnsent(size);
    switch (end.kind) {
      case "interrupt":
        return EXIT.interrupted;
      case "stuck":
        return EXIT.tryAgain;
      case "unreadable":
        return reportFailure(this.#io, EXIT.ioError, "cannot read standard input");
      case "eof":
      case "quit":
      case "end":
        if (!drains) return unsent; // a person has seen what was refused
        return unknown > 0 ? EXIT.tryAgain : refused > 0 ? EXIT.refused : unsent;
    }
  }

  #sayUnsent(count: number): ExitCode {
    const were = count === 1 ? "1 of your messages was" : `${count} of your messages were`;
    if (this.#store === undefined) {
      return reportFailure(this.#io, EXIT.tryAgain, `not sent: ${count} of your messages`);
    }
    const it = count === 1 ? "it is" : "they are";
    const text = `${were} not sent; ${it} kept, and sent the next time you join as ${this.#access.name}`;
    return reportFailure(this.#io, EXIT.tryAgain, toPrintable(text));
  }
}
