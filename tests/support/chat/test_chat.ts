/** A chat in a test, with its screen and its disk. A derived class decides where the requests of the chat go. */
import { unreachable } from "../../../lib/base/assert.ts";
import { loadPalette } from "../../../lib/cli/standard_streams.ts";
import { Chat } from "../../../lib/client/conversation/chat.ts";
import type { ChatOptions } from "../../../lib/client/conversation/chat.ts";
import type { Effect } from "../../../lib/client/conversation/effects.ts";
import type { ChatEntry } from "../../../lib/client/conversation/model/chat_entry.ts";
import type { UnsentMessage } from "../../../lib/client/conversation/unsent_message.ts";
import type { MessageParts } from "../../../lib/irc/message.ts";
import { executeInput } from "../../../lib/client/commands/input_executor.ts";
import { hasLine, renderEntry } from "../../../lib/tui/view/entry_view.ts";
import type { RenderContext } from "../../../lib/tui/view/spans.ts";
import { formatAnsi } from "../../../lib/tui/view/styled_line.ts";

const plain = loadPalette(false);

/** It is always 12:34. */
const TEST_TIME = { clock: () => "12:34", day: () => "today", date: () => "1 Jan" };

/** The chat of alice, at home in #lobby; its messages all have the same id. */
export function makeChat(options: Partial<ChatOptions> = {}): Chat {
  return new Chat({ nick: "alice", home: "#lobby", clock: TEST_TIME.clock, newId: () => "id", ...options });
}

/** `<bob> hi`: the line of `entry` without its time. */
function formatEntry(entry: ChatEntry, reader: RenderContext): string {
  return formatAnsi(renderEntry(entry, reader, TEST_TIME), plain).replace("12:34 ", "");
}

export abstract class TestChat {
  chat: Chat;
  /** Lines on the screen, without their time. */
  readonly shown: string[] = [];
  /** All effects, in order. */
  readonly effects: Effect[] = [];
  /** Why the chat wants to end. */
  quitReason: string | undefined;
  /** Unsent messages on the disk, by id. */
  readonly disk = new Map<string, UnsentMessage>();
  /** The ignore list on the disk. */
  ignored: readonly string[] = [];

  constructor(chat: Chat) {
    this.chat = chat;
  }

  /** Lines on the screen since the last call. */
  takeShown(): string[] {
    return this.shown.splice(0);
  }

  /** Carries out a line of input, and its effects. */
  protected execute(line: string, now: number): void {
    executeInput(this.chat, line, now);
    this.carryOutEffects();
  }

  /** Carries out effects until there are none: a request may be answered at once. */
  protected carryOutEffects(): void {
    for (let effects = this.chat.takeEffects(); effects.length > 0; effects = this.chat.takeEffects()) {
      for (const effect of effects) this.#carryOut(effect);
    }
  }

  get #reader(): RenderContext {
    const { nick, channel, settings } = this.chat;
    return { nick, channel, highlights: settings?.highlights };
  }

  #carryOut(effect: Effect): void {
    this.effects.push(effect);
    switch (effect.kind) {
      case "show":
        if (hasLine(effect.entry)) this.shown.push(formatEntry(effect.entry, this.#reader));
        return;
      case "quit":
        this.quitReason = effect.reason;
        return;
      case "keep":
        return void this.disk.set(effect.message.id, effect.message);
      case "drop":
        return void this.disk.delete(effect.id);
      case "ignored":
        this.ignored = effect.names;
        return;
      case "ask":
        return this.ask(effect.id, effect.message, effect.rest);
      case "receipt":
      case "entered":
      case "page":
      case "settings":
      case "clear":
        return;
      default:
        return unreachable(effect);
    }
  }

  /** Sends a request of the chat. */
  protected abstract ask(id: number, message: MessageParts, rest?: readonly MessageParts[]): void;
}
