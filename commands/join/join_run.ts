/** One run of `join` on a server: the link, the chat, and the events between them. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT, exitCodeForSignal } from "../../lib/cli/exit_codes.ts";
import type { ExitCode, StopReason } from "../../lib/cli/exit_codes.ts";
import { flushLast, reportFailure } from "../../lib/cli/standard_streams.ts";
import { listCauses } from "../../lib/client/connection/connect_failure.ts";
import { reportConnectFailure } from "../support/connect_failure_text.ts";
import type { ClientLogin } from "../support/client_login.ts";
import { openIgnoreFile } from "./ignore_file.ts";
import type { OpenedIgnoreFile } from "./ignore_file.ts";
import type { FirstRooms } from "./rooms_file.ts";
import { PageWatch } from "./page_watch.ts";
import { QuestionWatch } from "./question_watch.ts";
import { openSettings } from "./settings_file.ts";
import type { KeptSettings } from "./settings_file.ts";
import type { ChatOutboxStore, SavedOutbox } from "./saved_outbox.ts";
import type { SessionEvent } from "../../lib/client/session/session_event.ts";
import { showRecentDirect } from "../../lib/client/commands/history_commands.ts";
import { ReconnectingLink } from "../../lib/client/connection/reconnecting_link.ts";
import type { LinkState } from "../../lib/client/connection/reconnecting_link.ts";
import { Chat } from "../../lib/client/conversation/chat.ts";
import type { ChatOptions } from "../../lib/client/conversation/chat.ts";
import { isChannelName } from "../../lib/irc/names/name_rules.ts";
import { DEFAULT_LOBBY } from "../../lib/irc/vendor_extensions.ts";
import type { Attention } from "../../lib/tui/attention/attention.ts";
import { ChatRunner } from "../../lib/tui/chat_runner.ts";
import type { ChatEnd, ChatRunnerOptions } from "../../lib/tui/chat_runner.ts";
import type { ChatUi } from "../../lib/tui/ui.ts";
import type { ChatSettings } from "../../lib/client/conversation/model/chat_settings.ts";
import { localTime } from "../../lib/client/conversation/model/local_time.ts";

const FIRST_WORDS = "type to talk, /help for commands, Ctrl-D leaves";

export interface StayOptions {
  /** As for a {@link ChatRunner}. */
  readonly drains: ChatRunnerOptions["drains"];
  /** Lines that begin with a slash are commands. */
  readonly commands: boolean;
  readonly attention: Attention;
}

export class JoinRun {
  readonly link: ReconnectingLink;
  readonly settings: ChatSettings;
  readonly #access: ClientLogin;
  readonly #io: Io;
  readonly #chat: Chat;
  readonly #store: ChatOutboxStore | undefined;
  readonly #keepIgnored: OpenedIgnoreFile["keep"];
  readonly #keepSettings: KeptSettings["keep"];
  readonly #keepRooms: FirstRooms["keep"];
  readonly #refused = Promise.withResolvers<LinkState & { kind: "over" }>();
  readonly #questions: QuestionWatch;
  readonly #pages: PageWatch;
  #runner: ChatRunner | undefined;
  #attention: Attention | undefined;
  /** Events that came before the chat was shown. */
  #early: (() => void)[] = [];

  constructor(
    access: ClientLogin,
    io: Io,
    { store, unsent }: SavedOutbox,
    rooms: FirstRooms,
    { showsAll, ...shown }: Pick<ChatOptions, "isInteractive" | "server"> & { readonly showsAll: boolean },
  ) {
    this.#access = access;
    this.#io = io;
    this.#store = store;
    const ignoring = openIgnoreFile(access, io);
    this.#keepIgnored = ignoring.keep;
    const { settings, keep } = openSettings(io);
    this.#keepSettings = keep;
    this.#keepRooms = rooms.keep;
    this.settings = settings;
    this.#chat = new Chat({
      nick: access.name,
      home: rooms.rooms.length === 0 ? DEFAULT_LOBBY : undefined,
      channels: rooms.rooms,
      clock: localTime.clock,
      newId: () => crypto.randomUUID(),
      unsent,
      ignored: ignoring.names,
      settings,
      showsOneView: shown.isInteractive === true && !showsAll && settings.get("stream") === "view",
      ...shown,
    });
    openFirstViews(this.#chat, rooms);
    const update: ChatRunner["update"] = (change) => this.#runner?.update(change);
    this.#questions = new QuestionWatch(this.#chat, update);
    this.#pages = new PageWatch({
      chat: this.#chat,
      update,
      onRing: (page) => this.#attention?.ring(page, this.#io.clock.now()),
    });
    // Responses arrive by promise, a microtask later; events wait as long, so that the order is kept.
    const inOrder = (handle: () => void) =>
      queueMicrotask(() => this.#runner ? handle() : this.#early.push(handle));
    this.link = new ReconnectingLink({
      address: access.address,
      trust: access.trust,
      registration: () => ({ ...access.registration, nick: this.#chat.nick }),
      signal: io.signal,
      onEvent: (event) => inOrder(() => this.#handleEvent(event)),
      onState: (state) => inOrder(() => this.#handleState(state)),
    });
  }

  /** Says, before anything else, how a chat is used: to a person that is here for the first time. */
  welcome(): void {
    this.#early.unshift(() => this.#runner?.update((chat, now) => chat.note(FIRST_WORDS, now)));
  }

  /** Runs the chat to its end. Returns the exit code. */
  async stay(ui: ChatUi, { drains, commands, attention }: StayOptions): Promise<number> {
    const { stdout, signal, clock, onSignal } = this.#io;
    const runner = new ChatRunner({
      chat: this.#chat,
      ui,
      clock,
      local: localTime,
      request: (message, rest) => {
        const outcome = this.link.request(message, undefined, rest);
        void outcome.then(() => {
          this.#questions.noteResponse();
          this.#pages.noteResponse();
        });
        return outcome.then((result) => this.#pages.explain(message, result));
      },
      drains,
      commands,
      store: this.#store,
      keepIgnored: this.#keepIgnored,
      keepSettings: this.#keepSettings,
      keepRooms: this.#keepRooms,
      attention,
    });
    this.#runner = runner;
    this.#attention = attention;
    for (const handle of this.#early.splice(0)) handle();
    const hangUp = new AbortController();
    const offHangUp = onSignal("SIGHUP", () => hangUp.abort({ why: "SIGHUP" } satisfies StopReason));
    const stop = AbortSignal.any([signal, stdout.closedSignal, hangUp.signal]);
    const stopped = Promise.withResolvers<void>();
    stop.addEventListener("abort", () => stopped.resolve());
    if (stop.aborted) stopped.resolve();
    const end = await Promise.race([runner.run(), this.#refused.promise, stopped.promise])
      .finally(() => {
        offHangUp();
        runner.close();
        attention.close();
        ui.close();
      });
    await this.link.close(end?.kind === "quit" && end.reason !== "" ? end.reason : undefined);
    await flushLast(stdout, end === undefined); // the terminal is restored before anything is written to standard error
    if (end === undefined) return this.#stopped(stop);
    if (end.kind !== "over") return this.#finish(end, drains);
    const { size } = this.#chat.outbox;
    if (size > 0) this.#reportUnsent(size);
    return reportConnectFailure(this.#io, end.failure, this.#access);
  }

  /** Tells the person of a failure, after what is being shown. */
  alarm(text: string): void {
    queueMicrotask(() => this.#runner?.update((chat, now) => chat.alarm(text, now)));
  }

  /**
   * Reports unsent messages if the reader of standard output has exited; after a signal the exit code is
   * enough.
   */
  #stopped(stop: AbortSignal): ExitCode {
    const { size } = this.#chat.outbox;
    const code = exitCodeForSignal(stop);
    return code === EXIT.ok && size > 0 ? this.#reportUnsent(size) : code;
  }

  #handleEvent(event: SessionEvent): void {
    if (event.kind === "line" && this.#questions.receive(event.message)) return;
    if (event.kind === "line" && this.#pages.receive(event.message)) return;
    if (event.kind === "line") this.#runner?.receiveSoon(event.message);
    else if (event.kind === "batch") { for (const line of event.lines) this.#runner?.receiveSoon(line); }
  }

  #handleState(state: LinkState): void {
    this.#runner?.update((chat, now) => {
      switch (state.kind) {
        case "up":
          this.#questions.start(state.link);
          this.#pages.start(state.link);
          chat.handleConnected(state.link.session, state.again, now);
          return state.again ? undefined : showRecentDirect(chat, now);
        case "down":
          return chat.handleDisconnected(state.text, state.retryMs, now);
        case "trying":
          return chat.handleConnecting();
        case "failed":
          return chat.handleConnectFailure(listCauses(state.failure), state.retryMs, now);
        case "over":
          return this.#refused.resolve(state);
      }
    });
  }

  #finish(end: ChatEnd, drains: StayOptions["drains"]): number {
    const { outbox: { size }, undelivered: { refused, unknown } } = this.#chat;
    const unsent = size === 0 ? EXIT.ok : this.#reportUnsent(size);
    switch (end.kind) {
      case "interrupt":
        return EXIT.interrupted;
      case "gone":
        return EXIT.hungUp;
      case "stuck":
        return EXIT.tryAgain;
      case "unreadable":
        return reportFailure(this.#io, EXIT.ioError, "cannot read standard input");
      case "eof":
      case "quit":
      case "end":
        if (drains === false) return unsent; // at a terminal the refusals were shown
        return unknown > 0 ? EXIT.tryAgain : refused > 0 ? EXIT.refused : unsent;
    }
  }

  /** Says what is kept of earlier runs, where there was no connection. */
  reportKept(): void {
    const { size } = this.#chat.outbox;
    if (size === 0) return;
    const text = size === 1
      ? "1 message is kept, and is sent when you join the next time"
      : `${size} messages are kept, and are sent when you join the next time`;
    this.#io.stderr.write(`chatterbox: ${text}\n`);
  }

  #reportUnsent(count: number): ExitCode {
    const were = count === 1 ? "1 of your messages was" : `${count} of your messages were`;
    if (this.#store === undefined) {
      return reportFailure(this.#io, EXIT.tryAgain, `not sent: ${count} of your messages`);
    }
    const text = `${were} not sent; ${describeUnsent(count, this.#store.notKeptCount, this.#access.name)}`;
    return reportFailure(this.#io, EXIT.tryAgain, toPrintable(text));
  }
}

/** What becomes of `count` messages, of which `lost` are to services. */
function describeUnsent(count: number, lost: number, name: string): string {
  const kept = count - lost;
  const it = count === 1 ? "it is" : lost === 0 ? "they are" : kept === 1 ? "1 is" : `${kept} are`;
  const then = `kept, and sent the next time you join as ${name}`;
  if (lost === 0) return `${it} ${then}`;
  const why = "not kept: what is told to a service may be a passphrase";
  if (kept <= 0) return `${count === 1 ? "it is" : "they are"} ${why}`;
  return `${it} ${then}; ${lost === 1 ? "1 is" : `${lost} are`} ${why}`;
}

/** The views in the order of the rooms, which is that of their numbers. */
function openFirstViews({ views }: Chat, { rooms, current }: FirstRooms): void {
  for (const room of rooms) views.choose(room);
  if (current === undefined) return;
  if (!isChannelName(current)) views.openDirect(current, 0);
  views.choose(current);
}
