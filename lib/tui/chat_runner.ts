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
import { hasLine, isPresence, renderDay, renderEntry } from "./view/entry_view.ts";
import type { LocalTime } from "../client/conversation/model/local_time.ts";
import type { StyledSpan } from "./view/styled_line.ts";
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
  /** The day of the last entry shown. */
  #day: string;
  #storeFailed = false;
  readonly #typing: TypingStatus;
  #cancelPromptTimer = () => {};
  #cancelMarkTimer = () => {};

  constructor(options: ChatRunnerOptions) {
    this.#options = options;
    this.#typing = new TypingStatus(options.chat);
    this.#day = options.local.day(options.clock.now());
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
    this.#cancelPromptTimer();
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
    const lines: StyledSpan[][] = [];
    for (const effect of chat.takeEffects()) {
      switch (effect.kind) {
        case "show":
          attention?.consider(effect.entry, chat, clock.now());
          lines.push(...this.#render(effect.entry));
          break;
        case "keep":
          lines.push(...this.#changeStore((store) => store.add(effect.message)));
          break;
        case "drop":
          lines.push(...this.#changeStore((store) => store.remove(effect.id)));
          break;
        case "ignored":
          lines.push(...this.#save("ignore list", () => this.#options.keepIgnored?.(effect.names)));
          break;
        case "settings":
          lines.push(...this.#save("choice", () => this.#options.keepSettings?.(effect.chosen)));
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
          ui.show(lines.splice(0));
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
    ui.show(lines);
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
  #changeStore(change: (store: UnsentMessageStore) => void): StyledSpan[][] {
    const { store, clock } = this.#options;
    if (store === undefined) return [];
    try {
      change(store);
      return [];
    } catch (error) {
      if (this.#storeFailed) return [];
      this.#storeFailed = true;
      const why = error instanceof Error ? error.message : String(error);
      const text = `unsent messages cannot be saved, and are lost if this program crashes: ${why}`;
      return this.#render({ kind: "alarm", time: clock.now(), text });
    }
  }

  /** Calls `save`; the lines tell of a failure. */
  #save(what: string, save: () => void): StyledSpan[][] {
    try {
      save();
      return [];
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const text = `the ${what} cannot be saved, and ends with this program: ${why}`;
      return this.#render({ kind: "alarm", time: this.#options.clock.now(), text });
    }
  }

  /** The lines for an entry, if it has one: a day rule first, where a new day has begun. */
  #render(entry: ChatEntry): StyledSpan[][] {
    const { chat, ui, local } = this.#options;
    if (!hasLine(entry) || chat.settings?.get("presence") === "off" && isPresence(entry)) return [];
    const reader = { nick: chat.nick, channel: chat.channel, highlights: chat.settings?.highlights };
    const own = ui.renderEntry?.(entry, reader, chat.views.current);
    if (own !== undefined) return own;
    const day = local.day(entry.time);
    const line = renderEntry(entry, reader, local);
    if (day === this.#day) return [line];
    this.#day = day;
    return [renderDay(entry.time, local), line];
  }
}

function callLater(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}
