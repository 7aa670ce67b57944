/** Runs a chat: carries out its effects ({@link Chat.takeEffects}) on screen, connection and disk. */
import { unreachable } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import type { Message, MessageParts } from "../irc/message.ts";
import type { Chat } from "../client/conversation/chat.ts";
import type { ChatEntry } from "../client/conversation/model/chat_entry.ts";
import type { RequestResult } from "../client/conversation/effects.ts";
import type { Attention } from "./attention/attention.ts";
import { addToPrompt, TypingStatus } from "./typing_status.ts";
import type { ChatUi } from "./ui.ts";
import { ReconnectReport } from "./reconnect_report.ts";
import { EntryPrinter } from "./view/entry_printer.ts";
import type { PrintContext } from "./view/entry_printer.ts";
import type { LocalTime } from "../client/conversation/model/local_time.ts";
import { formatPrompt, nextChangeMs } from "../client/conversation/connection_status.ts";
import { showPageBefore } from "../client/commands/history_commands.ts";
import { executeInput, sendPipedLine } from "../client/commands/input_executor.ts";
import type { UnsentMessageStore } from "../client/conversation/unsent_message.ts";

/**
 * Why the chat ended. "interrupt": Ctrl-C. "end": the person left. "gone": the terminal was closed. "eof": end
 * of input, all of it sent. "stuck": end of input, not all of it sent. "unreadable": there may be more input, but it cannot be read.
 */
export type ChatEnd =
  | { readonly kind: "quit"; readonly reason: string }
  | { readonly kind: "interrupt" | "end" | "gone" | "eof" | "stuck" | "unreadable" };

export interface ChatRunnerOptions {
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
  /** Keeps messages on disk until they are acknowledged; left out: they are not kept. */
  readonly store?: UnsentMessageStore | undefined;
  /** Saves the ignore list; may throw a disk error. Left out: the list ends with the program. */
  readonly keepIgnored?: ((names: readonly string[]) => void) | undefined;
  /** The same for the settings. */
  readonly keepSettings?: ((chosen: Readonly<Record<string, string>>) => void) | undefined;
  /** Draws attention to messages; left out: nothing does. */
  readonly attention?: Attention | undefined;
  /** For tests: calls `then` after `ms`; the function returned cancels it. */
  readonly later?: (ms: number, then: () => void) => () => void;
}

/** Queued messages beyond which no further line of input is read. */
const MAX_QUEUED_INPUT = 100;
/** Longest wait for the server after the end of input. */
const MAX_DRAIN_MS = 60_000;

export class ChatRunner {
  readonly #options: ChatRunnerOptions;
  #isLeaving = false;
  #isClosed = false;
  readonly #end = Promise.withResolvers<ChatEnd>();
  /** Resolved and replaced whenever effects have been carried out. */
  #progress = Promise.withResolvers<void>();
  readonly #printer: EntryPrinter;
  readonly #reconnectReport: ReconnectReport;
  #storeFailed = false;
  readonly #typing: TypingStatus;
  #cancelPromptTimer = () => {};
  #cancelMarkTimer = () => {};
  #cancelFlushTimer = () => {};

  constructor(options: ChatRunnerOptions) {
    this.#options = options;
    this.#printer = new EntryPrinter(options.local, options.clock.now());
    this.#reconnectReport = new ReconnectReport(options.local.clock);
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
  }

  /** Handles a line from the server that is no answer. */
  receive(message: Message): void {
    this.#options.attention?.receive(message);
    this.update((chat, now) => chat.handleLine(message, now));
  }

  /** Changes the chat, and carries out the effects. */
  update(change: (chat: Chat, now: number) => void): void {
    const { chat, clock } = this.#options;
    try {
      change(chat, clock.now());
      this.#carryOutEffects();
    } catch (error) {
      this.#end.reject(error);
    }
  }

  async #readInput(): Promise<void> {
    const { chat, ui, drains, commands = true } = this.#options;
    const take = commands ? executeInput : sendPipedLine;
    try {
      const ended = await ui.run({
        take: async (line) => {
          if (!this.#isLeaving) this.update((chat, now) => take(chat, line, now));
          // Without a connection, input from a person is read on; input from a pipe waits.
          while (chat.outbox.size > MAX_QUEUED_INPUT && (drains === true || chat.isOnline)) {
            await this.#progress.promise;
          }
        },
        typed: (line) => this.#noteTyped(line),
        completionWords: () => chat.completionWords,
        pageUp: () => this.update(showPageBefore),
      });
      if (ended !== "interrupt" && drains) await this.#drain({ kind: ended === "end" ? "eof" : ended });
      else this.#end.resolve({ kind: ended });
    } catch (error) {
      this.#end.reject(error);
    }
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
    for (const effect of chat.takeEffects()) {
      switch (effect.kind) {
        case "show":
          attention?.consider(effect.entry, chat, clock.now());
          this.#print(effect.entry);
          break;
        case "keep":
          this.#changeStore((store) => store.add(effect.message));
          break;
        case "drop":
          this.#changeStore((store) => store.remove(effect.id));
          break;
        case "ignored":
          this.#save("ignore list", () => this.#options.keepIgnored?.(effect.names));
          break;
        case "settings":
          this.#save("choice", () => this.#options.keepSettings?.(effect.chosen));
          break;
        case "ask":
          request(effect.message, effect.rest).then((answer) =>
            this.update((chat, now) => chat.handleResult(effect.id, answer, now))
          );
          break;
        case "receipt":
        case "entered":
        case "page":
          break; // for what shows each conversation by itself
        case "clear":
          this.#show();
          ui.clear?.();
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
    this.#reportReturn();
    this.#show();
    this.#updatePrompt();
    if (!this.#isClosed) attention?.update(chat);
    this.#markRead();
    this.#progress.resolve();
    this.#progress = Promise.withResolvers();
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
    const prompt = formatPrompt(chat.channel, chat.leftChannel, chat.status, chat.outbox.unsentCount, now);
    ui.prompt(addToPrompt(prompt, this.#typing.describe(now)), chat.views.current);
    const ms = Math.min(
      nextChangeMs(chat.status, now) ?? Infinity,
      this.#typing.nextChangeMs(now) ?? Infinity,
    );
    this.#cancelPromptTimer = ms === Infinity ? () => {} : later(ms, () => this.#updatePrompt());
  }

  /** Changes the stored messages. The first failure is shown; the chat goes on without a store. */
  #changeStore(change: (store: UnsentMessageStore) => void): void {
    const { store, clock } = this.#options;
    if (store === undefined) return;
    try {
      change(store);
    } catch (error) {
      if (this.#storeFailed) return;
      this.#storeFailed = true;
      const why = error instanceof Error ? error.message : String(error);
      const text = `unsent messages cannot be saved, and are lost if this program crashes: ${why}`;
      this.#print({ kind: "alarm", time: clock.now(), text });
    }
  }

  /** Calls `save`; a failure is shown. */
  #save(what: string, save: () => void): void {
    try {
      save();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const text = `the ${what} cannot be saved, and ends with this program: ${why}`;
      this.#print({ kind: "alarm", time: this.#options.clock.now(), text });
    }
  }

  #print(entry: ChatEntry): void {
    this.#reconnectReport.noteEntry(entry, this.#options.chat.nick);
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
    const reader = { nick: chat.nick, channel: chat.channel, highlights: chat.settings?.highlights, view };
    return {
      ...reader,
      columns: ui.columns,
      replaceable: ui.replaceableRows ?? 0,
      settings: chat.settings,
      renderOwn: ui.renderEntry && ((entry) => ui.renderEntry!(entry, reader, view)),
    };
  }
}

function callLater(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}
