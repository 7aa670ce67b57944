/** A chat under way: carries out what {@link Chat} wants, between a face and a connection that it is given. */
import { unreachable } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import type { Message, MessageParts } from "../irc/message.ts";
import type { Chat } from "../client/conversation/chat.ts";
import type { RequestResult } from "../client/conversation/effects.ts";
import type { ChatUi } from "./ui.ts";
import { renderDay, renderEntry } from "./view/entry_view.ts";
import type { LocalTime } from "./view/local_time.ts";
import type { StyledSpan } from "./view/styled_line.ts";
import { formatPrompt, nextChangeMs } from "../client/conversation/connection_status.ts";
import { executeInput, sendLine } from "./commands/input_executor.ts";
import type { UnsentMessageStore } from "../client/conversation/unsent_message.ts";

/**
 * How it ended. "interrupt": Ctrl-C. "eof": no more input, and all of it was sent. "stuck": not all of it could be.
 * "unreadable": there may be more input, but it can't be read.
 */
export type ChatEnd =
  | { readonly kind: "quit"; readonly reason: string }
  | { readonly kind: "interrupt" | "end" | "eof" | "stuck" | "unreadable" };

export interface ChatRunnerOptions {
  readonly chat: Chat;
  readonly ui: ChatUi;
  readonly clock: Clock;
  readonly local: LocalTime;
  /** Sends a message and brings the answer. */
  readonly request: (message: MessageParts) => Promise<RequestResult>;
  /** At the end of input: wait until all has been sent. A person who leaves does not want to wait. */
  readonly drains: boolean;
  /** Lines that begin with a slash are commands, which is so when left out; `false`: they are text like all others. */
  readonly commands?: boolean;
  /** Where what was typed is kept until it is acknowledged; left out: nowhere. */
  readonly store?: UnsentMessageStore | undefined;
  /** Keeps whom the person ignores; it may throw what the disk says. Left out: that ends with the visit. */
  readonly keepIgnored?: ((names: readonly string[]) => void) | undefined;
  /** For tests: calls `then` after `ms`, unless what it returns is called before. */
  readonly later?: (ms: number, then: () => void) => () => void;
}

/** Messages waiting to be sent beyond which no further line of input is taken. */
const MAX_QUEUED_INPUT = 100;
/** How long to wait for a lost server when all input has been read. */
const MAX_DRAIN_MS = 60_000;

export class ChatRunner {
  readonly #options: ChatRunnerOptions;
  #leaving = false;
  #closed = false;
  readonly #over = Promise.withResolvers<ChatEnd>();
  /** Woken whenever something is sent or answered. */
  #moved = Promise.withResolvers<void>();
  #day: string;
  #storeFailed = false;
  #stopTicking = () => {};
  #stopMarking = () => {};

  constructor(options: ChatRunnerOptions) {
    this.#options = options;
    this.#day = options.local.day(options.clock.now());
  }

  /** From the first line of input to the end. Rejects for a bug only. */
  async run(): Promise<ChatEnd> {
    this.#read();
    return await this.#over.promise;
  }

  /** Nothing is shown any more; what is still answered is taken note of. */
  close(): void {
    const { chat, clock, request } = this.#options;
    this.#closed = true;
    this.#stopTicking();
    this.#stopMarking();
    chat.markRead(clock.now(), true);
    for (const effect of chat.takeEffects()) if (effect.kind === "ask") void request(effect.message);
  }

  /** A line from the server that nobody asked for. */
  receive(message: Message): void {
    this.update((chat, now) => chat.handleLine(message, now));
  }

  /** Does something to the chat, and carries out what follows from it. */
  update(change: (chat: Chat, now: number) => void): void {
    const { chat, clock } = this.#options;
    try {
      change(chat, clock.now());
      this.#carryOut();
    } catch (error) {
      this.#over.reject(error);
    }
  }

  async #read(): Promise<void> {
    const { chat, ui, drains, commands = true } = this.#options;
    const take = commands ? executeInput : sendLine;
    try {
      const ended = await ui.run(async (line) => {
        if (!this.#leaving) this.update((chat, now) => take(chat, line, now));
        // A person's keys are never held up by a server that is away.
        while (chat.outbox.size > MAX_QUEUED_INPUT && (drains || chat.isOnline)) await this.#moved.promise;
      }, () => chat.completionWords);
      if (ended !== "interrupt" && drains) await this.#drain({ kind: ended === "end" ? "eof" : ended });
      else this.#over.resolve({ kind: ended });
    } catch (error) {
      this.#over.reject(error);
    }
  }

  /** Ends once all has been sent. */
  async #drain(ending: ChatEnd): Promise<void> {
    const timer = setTimeout(() => this.#over.resolve({ kind: "stuck" }), MAX_DRAIN_MS);
    this.#over.promise.finally(() => clearTimeout(timer)).catch(() => {});
    while (!this.#options.chat.isIdle) await this.#moved.promise;
    this.#over.resolve(ending);
  }

  #carryOut(): void {
    const { chat, ui, request, drains } = this.#options;
    const lines: StyledSpan[][] = [];
    for (const effect of chat.takeEffects()) {
      switch (effect.kind) {
        case "show":
          lines.push(...this.#render(effect.entry));
          break;
        case "keep":
          lines.push(...this.#keep((store) => store.add(effect.message)));
          break;
        case "drop":
          lines.push(...this.#keep((store) => store.remove(effect.id)));
          break;
        case "ignored":
          lines.push(...this.#keepIgnored(effect.names));
          break;
        case "ask":
          request(effect.message).then((answer) =>
            this.update((chat, now) => chat.handleResult(effect.id, answer, now))
          );
          break;
        case "quit":
          this.#leaving = true;
          if (drains) this.#drain(effect);
          else this.#over.resolve(effect);
          break;
        default:
          unreachable(effect);
      }
    }
    ui.show(lines);
    this.#prompt();
    this.#mark();
    this.#moved.resolve();
    this.#moved = Promise.withResolvers();
  }

  /** The server is told of what has been read, now or when it may be. */
  #mark(): void {
    const { chat, clock, later = callLater } = this.#options;
    this.#stopMarking();
    const ms = chat.nextReadMarkerMs(clock.now());
    this.#stopMarking = ms === undefined || this.#closed
      ? () => {}
      : later(ms, () => this.update((chat, now) => chat.markRead(now)));
  }

  /** What stands before the line that is typed, and again whenever a second of it has gone by. */
  #prompt(): void {
    const { chat, ui, clock, later = callLater } = this.#options;
    const now = clock.now();
    this.#stopTicking();
    if (this.#closed) return;
    ui.prompt(formatPrompt(chat.channel, chat.leftChannel, chat.status, chat.outbox.unsentCount, now));
    const ms = nextChangeMs(chat.status, now);
    this.#stopTicking = ms === undefined ? () => {} : later(ms, () => this.#prompt());
  }

  /** Changes what is kept. That it failed is said once; the chat goes on without. */
  #keep(change: (store: UnsentMessageStore) => void): StyledSpan[][] {
    const { store, clock } = this.#options;
    if (store === undefined) return [];
    try {
      change(store);
      return [];
    } catch (error) {
      if (this.#storeFailed) return [];
      this.#storeFailed = true;
      const why = error instanceof Error ? error.message : String(error);
      const text =
        `what you type would not outlive a crash of this program: it cannot be kept on disk: ${why}`;
      return this.#render({ kind: "alarm", time: clock.now(), text });
    }
  }

  #keepIgnored(names: readonly string[]): StyledSpan[][] {
    const { keepIgnored, clock } = this.#options;
    try {
      keepIgnored?.(names);
      return [];
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const text = `this holds until you leave: it cannot be kept on disk: ${why}`;
      return this.#render({ kind: "alarm", time: clock.now(), text });
    }
  }

  /** The entry's line, after the day's where a new one has begun. */
  #render(entry: Parameters<typeof renderEntry>[0]): StyledSpan[][] {
    const { chat, local } = this.#options;
    const day = local.day(entry.time);
    const line = renderEntry(entry, { nick: chat.nick, channel: chat.channel }, local);
    if (day === this.#day) return [line];
    this.#day = day;
    return [renderDay(entry.time, local), line];
  }
}

function callLater(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}
