/** Runs a chat: carries out its effects ({@link Chat.takeEffects}) on screen, connection and disk. */
import { unreachable } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { callAfter as callLater } from "../base/deadlines.ts";
import type { Message, MessageParts } from "../irc/message.ts";
import type { Chat } from "../client/conversation/chat.ts";
import type { ChatEntry } from "../client/conversation/model/chat_entry.ts";
import type { RequestResult } from "../client/conversation/effects.ts";
import type { Attention } from "./attention/attention.ts";
import { AwayStatus } from "./away_status.ts";
import { ChatSaver } from "./chat_saver.ts";
import type { ChatStorage } from "./chat_saver.ts";
import { makeChatInput } from "./input/input_handler.ts";
import { OwnTexts } from "./input/own_texts.ts";
import { ReconnectReport } from "./reconnect_report.ts";
import { TypingStatus } from "./typing_status.ts";
import type { ChatUi } from "./ui.ts";
import { UnsentLines } from "./unsent_lines.ts";
import { EntryPrinter, type PrintContext } from "./view/entry_printer.ts";
import { renderViewRule } from "./view/view_rule.ts";
import { formatPrompt } from "./view/view_prompt.ts";
import { findViewState } from "./view_state.ts";
import { ViewStream } from "./view_stream.ts";
import { describeUnread } from "../client/conversation/model/unread_text.ts";
import type { LocalTime } from "../client/conversation/model/local_time.ts";
import { nextChangeMs } from "../client/conversation/connection_status.ts";

/**
 * Why the chat ended. "interrupt": Ctrl-C. "end": the person left. "gone": the terminal was closed. "eof": end
 * of input, all of it sent. "stuck": end of input, not all of it sent. "unreadable": there may be more input, but it cannot be read.
 */
export type ChatEnd =
  | { readonly kind: "quit"; readonly reason: string }
  | { readonly kind: "interrupt" | "end" | "gone" | "eof" | "stuck" | "unreadable" };

export interface ChatRunnerOptions extends ChatStorage {
  readonly chat: Chat;
  readonly ui: ChatUi;
  readonly clock: Clock;
  readonly local: LocalTime;
  /** Sends a message, and `rest` behind it; resolves with the answer. */
  readonly request: (message: MessageParts, rest?: readonly MessageParts[]) => Promise<RequestResult>;
  /**
   * At the end of input, waits until all has been sent; "online": unless the connection is lost. Off at a terminal: a
   * person leaves at once.
   */
  readonly drains: boolean | "online";
  /** Whether lines that begin with a slash are commands (the default) or text, which no command may be. */
  readonly commands?: boolean;
  /** Draws attention to messages; left out: nothing does. */
  readonly attention?: Attention | undefined;
  /** For tests: calls `then` after `ms`; the function returned cancels it. */
  readonly later?: (ms: number, then: () => void) => () => void;
}

/** Columns of what has no width. */
const DEFAULT_COLUMNS = 80;
/** Queued messages beyond which no further line of input is read. */
const MAX_QUEUED_INPUT = 100;
/** Longest wait for the server after the end of input. */
const MAX_DRAIN_MS = 60_000;

export class ChatRunner {
  readonly #options: ChatRunnerOptions;
  #isLeaving = false;
  #isClosed = false;
  readonly #end = Promise.withResolvers<ChatEnd>();
  /** Lines that have not been handled yet. */
  readonly #received: Message[] = [];
  /** Resolved and replaced whenever effects have been carried out. */
  #progress = Promise.withResolvers<void>();
  readonly #unsent: UnsentLines;
  readonly #ownTexts = new OwnTexts();
  readonly #printer: EntryPrinter;
  readonly #reconnectReport: ReconnectReport;
  readonly #stream: ViewStream;
  readonly #saver: ChatSaver;
  readonly #typing: TypingStatus;
  readonly #away = new AwayStatus();
  #cancelPromptTimer = () => {};
  #cancelMarkTimer = () => {};
  #cancelFlushTimer = () => {};

  constructor(options: ChatRunnerOptions) {
    this.#options = options;
    this.#printer = new EntryPrinter(options.local, options.clock.now());
    this.#reconnectReport = new ReconnectReport(options.local.clock);
    this.#stream = new ViewStream(options.chat);
    this.#unsent = new UnsentLines(options.ui.columns !== undefined);
    this.#saver = new ChatSaver(options);
    this.#typing = new TypingStatus(options.chat);
  }

  /** Runs from the first line of input to the end. Rejects only for a bug. */
  async run(): Promise<ChatEnd> {
    this.#readInput();
    return await this.#end.promise;
  }

  /** Stops the timers, and tells the server what has been read. */
  close(): void {
    const { chat, clock, request } = this.#options;
    this.#isClosed = true;
    this.#printer.flush(this.#printContext);
    this.#show();
    this.#cancelPromptTimer();
    this.#cancelFlushTimer();
    this.#cancelMarkTimer();
    chat.markRead(clock.now(), true);
    for (const effect of chat.takeEffects()) if (effect.kind === "ask") void request(effect.message);
    this.#printFailure(this.#saver.saveRooms(chat, true));
    this.#show();
  }

  /** Handles a line from the server that is no answer. */
  receive(message: Message): void {
    this.#received.push(message);
    this.update();
  }

  /** The same, together with the lines that come at the same time: what they bring about is shown at once. */
  receiveSoon(message: Message): void {
    this.#received.push(message);
    if (this.#received.length === 1) queueMicrotask(() => this.update());
  }

  /** Handles the lines that have come, changes the chat, and carries out the effects. */
  update(change?: (chat: Chat, now: number) => void): void {
    const { chat, clock } = this.#options;
    try {
      const lines = this.#received.splice(0);
      this.#away.note(lines);
      for (const line of lines) {
        this.#options.attention?.receive(line);
        chat.handleLine(line, clock.now());
      }
      if (lines.length > 0) this.#carryOutEffects(); // they came before
      change?.(chat, clock.now());
      if (change !== undefined) this.#carryOutEffects();
    } catch (error) {
      this.#end.reject(error);
    }
  }

  async #readInput(): Promise<void> {
    const { chat, ui, drains, commands = true, attention } = this.#options;
    try {
      const ended = await ui.run(makeChatInput({
        chat,
        hasCommands: commands,
        start: () => this.#stream.start,
        textOf: (id) => this.#ownTexts.get(id),
        update: (change) => this.#isLeaving || this.update(change),
        noteTyped: (line) => this.#noteTyped(line),
        setFocused: (isFocused) => attention?.setFocused(isFocused),
        hasRoom: () => !this.#isFull(false),
        waitForRoom: async (isOffline) => {
          while (this.#isFull(isOffline)) await this.#progress.promise;
        },
      }));
      if (ended !== "interrupt" && drains) await this.#drain({ kind: ended === "end" ? "eof" : ended });
      else this.#end.resolve({ kind: ended });
    } catch (error) {
      this.#end.reject(error);
    }
  }

  /** Without a connection input from a person is read on, unless `isOffline`; what a pipe has always waits. */
  #isFull(isOffline: boolean): boolean {
    const { chat, drains } = this.#options;
    return chat.outbox.size > MAX_QUEUED_INPUT && (isOffline || drains === true || chat.isOnline);
  }

  /** The person types: the others in the conversation may be told. */
  #noteTyped(line: string): void {
    const { chat, clock } = this.#options;
    this.#typing.noteInput(line, clock.now());
    if (chat.effectCount > 0) this.update(() => {});
  }

  /** Ends the chat once all has been sent. */
  async #drain(ending: ChatEnd): Promise<void> {
    const timer = setTimeout(() => this.#end.resolve({ kind: "stuck" }), MAX_DRAIN_MS);
    this.#end.promise.finally(() => clearTimeout(timer)).catch(() => {});
    const { chat, drains } = this.#options;
    while (!chat.isIdle && (drains === true || chat.isOnline)) await this.#progress.promise;
    this.#end.resolve(ending);
  }

  #carryOutEffects(): void {
    const { chat, ui, request, drains, attention, clock } = this.#options;
    this.#showOpened();
    for (const effect of chat.takeEffects()) {
      switch (effect.kind) {
        case "show":
          this.#ownTexts.note(effect.entry, chat.nick);
          for (const entry of this.#stream.take(this.#unsent.shorten(effect.entry), effect.wasAsked)) {
            this.#print(entry);
          }
          attention?.consider(effect.entry, chat, clock.now(), () => this.#show());
          break;
        case "keep":
        case "drop":
        case "ignored":
        case "settings":
          for (const entry of this.#unsent.follow(effect, chat.nick, clock.now())) this.#print(entry);
          this.#printFailure(this.#saver.save(effect));
          if (effect.kind === "settings" && effect.name === "stream") this.#chooseStream();
          break;
        case "ask":
          request(effect.message, effect.rest).then((answer) => {
            if (answer.kind === "answered") this.#away.note(answer.lines);
            this.update((chat, now) => chat.handleResult(effect.id, answer, now));
          });
          break;
        case "receipt":
        case "entered":
        case "page":
          break; // for what shows each conversation by itself
        case "clear":
          this.#show();
          ui.clear?.();
          this.#printer.restart();
          break;
        case "quit":
          this.#isLeaving = true;
          if (drains) this.#drain(effect);
          else this.#end.resolve(effect);
          break;
        default:
          unreachable(effect);
      }
    }
    this.#printFailure(this.#saver.saveRooms(chat, false));
    this.#reportReturn();
    const context = this.#printContext;
    ui.showUnsent?.(this.#unsent.list(chat.nick, (entry) => this.#printer.preview(entry, context)));
    this.#show(); // when what it replaces is gone
    this.#updatePrompt();
    if (!this.#isClosed) attention?.update(chat);
    this.#markRead();
    this.#progress.resolve();
    this.#progress = Promise.withResolvers();
  }

  /** Prints the view that the person has come to, if that is another one than before. */
  #showOpened(): void {
    const { chat, clock, ui, local } = this.#options;
    const opened = this.#stream.takeOpened(clock.now());
    if (opened === undefined) return;
    const { view: { name }, unread, read, rest } = opened;
    const topic = chat.channels.get(name)?.topic ?? "";
    const isBehindRead = read.length > 0 && unread !== undefined;
    const news = unread === undefined || isBehindRead ? "" : describeUnread(unread, name, local);
    this.#printer.flush(this.#printContext);
    for (const row of renderViewRule({ name, topic, news }, ui.columns ?? DEFAULT_COLUMNS)) {
      this.#printer.addRow(row);
    }
    for (const entry of [...read, ...isBehindRead ? [unread] : [], ...rest]) this.#print(entry);
  }

  /** `/set stream`: where all is to be shown, that begins with what was held. */
  #chooseStream(): void {
    const { chat, ui } = this.#options;
    const showsOneView = ui.columns !== undefined && chat.settings?.get("stream") === "view";
    if (showsOneView === chat.showsOneView) return;
    chat.showsOneView = showsOneView;
    for (const entry of this.#stream.takeAllHeld()) this.#print(entry);
  }

  /** Sets the timer that tells the server what has been read. */
  #markRead(): void {
    const { chat, clock, later = callLater } = this.#options;
    this.#cancelMarkTimer();
    const ms = chat.nextReadMarkerMs(clock.now());
    this.#cancelMarkTimer = ms === undefined || this.#isClosed
      ? () => {}
      : later(ms, () => this.update((chat, now) => chat.markRead(now)));
  }

  /** Shows the prompt, and updates its countdown. */
  #updatePrompt(): void {
    const { chat, ui, clock, later = callLater } = this.#options;
    const now = clock.now();
    this.#cancelPromptTimer();
    if (this.#isClosed) return;
    const { views, status, outbox: { unsentCount } } = chat;
    const { current } = views;
    const isAway = this.#away.isAwayIn(chat);
    const unread = chat.showsOneView
      ? views.list().filter(({ unreadCount, isCurrent }) => unreadCount > 0 && !isCurrent)
      : [];
    const view = current === undefined ? undefined : { name: current, state: findViewState(chat, current) };
    const columns = ui.columns ?? DEFAULT_COLUMNS;
    const prompt = formatPrompt({ view, unread, status, unsentCount, isAway }, now, columns);
    ui.prompt(
      this.#typing.addTo(prompt, now),
      current === undefined ? undefined : views.find(current)?.key,
    );
    const ms = Math.min(
      nextChangeMs(status, now) ?? Infinity,
      this.#typing.nextChangeMs(now) ?? Infinity,
    );
    this.#cancelPromptTimer = ms === Infinity ? () => {} : later(ms, () => this.#updatePrompt());
  }

  /** The line that tells of a failure, if there is one. */
  #printFailure(text: string | undefined): void {
    if (text !== undefined) this.#print({ kind: "alarm", time: this.#options.clock.now(), text });
  }

  #print(entry: ChatEntry): void {
    if (this.#reconnectReport.noteEntry(entry, this.#options.chat.nick)) return;
    this.#printer.add(entry, this.#printContext, this.#options.clock.now());
  }

  /** Shows what has been printed, and sets the timer for what is held back. */
  #show(): void {
    const { ui, clock, later = callLater } = this.#options;
    const { rows, replaced } = this.#printer.take();
    ui.show(rows, replaced);
    this.#cancelFlushTimer();
    const ms = this.#isClosed ? undefined : this.#printer.nextFlushMs(clock.now());
    this.#cancelFlushTimer = ms === undefined ? () => {} : later(ms, () => {
      this.#printer.flush(this.#printContext);
      this.#show();
    });
  }

  /** At a terminal, one line says what a loss of the connection has come to. */
  #reportReturn(): void {
    const { chat, ui, clock } = this.#options;
    const text = ui.columns === undefined ? undefined : this.#reconnectReport.observe(chat, clock.now());
    if (text !== undefined) this.#print({ kind: "note", time: clock.now(), text });
  }

  get #printContext(): PrintContext {
    const { chat, ui } = this.#options;
    const view = chat.views.current;
    const channel = chat.showsOneView ? view : chat.channel;
    const reader = { nick: chat.nick, channel, highlights: chat.settings?.highlights, view };
    return {
      ...reader,
      columns: ui.columns,
      replaceable: ui.replaceableRows ?? 0,
      settings: chat.settings,
      renderOwn: ui.renderEntry && ((entry) => ui.renderEntry!(entry, reader, view)),
    };
  }
}
