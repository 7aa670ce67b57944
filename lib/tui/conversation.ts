/** A chat under way: carries out what {@link Chat} wants, between a face and a connection that it is given. */
import { unreachable } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import type { Message, MessageParts } from "../irc/message.ts";
import type { Chat } from "./chat.ts";
import type { Answer } from "./exchange.ts";
import type { Face } from "./face.ts";
import { render, renderDay } from "./render.ts";
import type { LocalTime, Span } from "./render.ts";
import { talk } from "./talk.ts";

/**
 * How it ended. "interrupt": Ctrl-C. "eof": no more input, and all of it was sent. "stuck": not all of it could be.
 * "unreadable": there may be more input, but it can't be read.
 */
export type Ending =
  | { readonly kind: "quit"; readonly reason: string }
  | { readonly kind: "interrupt" | "end" | "eof" | "stuck" | "unreadable" };

export interface ConversationOptions {
  readonly chat: Chat;
  readonly face: Face;
  readonly clock: Clock;
  readonly local: LocalTime;
  /** Sends a message and brings the answer. */
  readonly request: (message: MessageParts) => Promise<Answer>;
  /** At the end of input: wait until all has been sent. A person who leaves does not want to wait. */
  readonly drains: boolean;
}

/** Messages waiting to be sent beyond which no further line of input is taken. */
const MAX_AHEAD = 100;
/** How long to wait for a lost server when all input has been read. */
const MAX_DRAIN_MS = 60_000;

export class Conversation {
  readonly #options: ConversationOptions;
  #leaving = false;
  readonly #over = Promise.withResolvers<Ending>();
  /** Woken whenever something is sent or answered. */
  #moved = Promise.withResolvers<void>();
  #day: string;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#day = options.local.day(options.clock.now());
  }

  /** From the first line of input to the end. Rejects for a bug only. */
  async run(): Promise<Ending> {
    this.#read();
    return await this.#over.promise;
  }

  /** A line from the server that nobody asked for. */
  receive(message: Message): void {
    this.act((chat, now) => chat.line(message, now));
  }

  /** Does something to the chat, and carries out what follows from it. */
  act(change: (chat: Chat, now: number) => void): void {
    const { chat, clock } = this.#options;
    try {
      change(chat, clock.now());
      this.#carryOut();
    } catch (error) {
      this.#over.reject(error);
    }
  }

  async #read(): Promise<void> {
    const { chat, face, drains } = this.#options;
    try {
      const ended = await face.run(async (line) => {
        if (!this.#leaving) this.act((chat, now) => talk(chat, line, now));
        while (chat.outbox.size > MAX_AHEAD) await this.#moved.promise;
      }, () => chat.vocabulary);
      if (ended !== "interrupt" && drains) await this.#drain({ kind: ended === "end" ? "eof" : ended });
      else this.#over.resolve({ kind: ended });
    } catch (error) {
      this.#over.reject(error);
    }
  }

  /** Ends once all has been sent. */
  async #drain(ending: Ending): Promise<void> {
    const timer = setTimeout(() => this.#over.resolve({ kind: "stuck" }), MAX_DRAIN_MS);
    this.#over.promise.finally(() => clearTimeout(timer)).catch(() => {});
    while (!this.#options.chat.idle) await this.#moved.promise;
    this.#over.resolve(ending);
  }

  #carryOut(): void {
    const { chat, face, request, drains } = this.#options;
    const lines: Span[][] = [];
    for (const effect of chat.takeEffects()) {
      switch (effect.kind) {
        case "show":
          lines.push(...this.#render(effect.entry));
          break;
        case "ask":
          request(effect.message).then((answer) =>
            this.act((chat, now) => chat.answer(effect.id, answer, now))
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
    face.show(lines);
    face.prompt(promptOf(chat));
    this.#moved.resolve();
    this.#moved = Promise.withResolvers();
  }

  /** The entry's line, after the day's where a new one has begun. */
  #render(entry: Parameters<typeof render>[0]): Span[][] {
    const { chat, local } = this.#options;
    const day = local.day(entry.time);
    const line = render(entry, { nick: chat.nick, room: chat.room }, local);
    if (day === this.#day) return [line];
    this.#day = day;
    return [renderDay(entry.time, local), line];
  }
}

function promptOf(chat: Chat): string {
  const room = chat.room ?? "(no room)";
  return chat.online ? `${room}> ` : `${room} (not connected)> `;
}
