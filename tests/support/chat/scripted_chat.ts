/** A chat of alice, in #lobby with bob, and a server that answers from a script. */
import type { RequestResult } from "../../../lib/client/conversation/effects.ts";
import { ChatSettings } from "../../../lib/client/conversation/model/chat_settings.ts";
import { formatMessage, parseMessage } from "../../../lib/irc/message.ts";
import type { MessageParts } from "../../../lib/irc/message.ts";
import { showPageBefore } from "../../../lib/client/commands/history_commands.ts";
import { makeChat, TestChat } from "./test_chat.ts";

/** Accepts every line. */
export class ScriptedServer {
  /** Answers by the beginning of the line that is answered; other lines have an empty answer. */
  readonly answers: Record<string, string[]> = { JOIN: [":alice!a@h JOIN #lobby"] };
  /** The lines received. */
  received: string[] = [];

  answer(message: MessageParts): RequestResult {
    const line = formatMessage(message);
    this.received.push(line);
    const key = Object.keys(this.answers).find((start) => line.startsWith(start)) ?? "";
    return { kind: "answered", lines: (this.answers[key] ?? []).map((text) => parseMessage(text)!) };
  }
}

export class ScriptedChat extends TestChat {
  readonly #server = new ScriptedServer();

  constructor(caps: readonly string[] = []) {
    super(makeChat({ ignored: ["eve"], settings: new ChatSettings() }));
    this.answers["JOIN"] = [
      ":alice!a@h JOIN #lobby",
      ":s 353 alice = #lobby :@alice Bob",
      ":s 366 alice #lobby :End",
    ];
    this.chat.handleConnected({ nick: "alice", caps: new Set(caps), isClaimed: false }, false, 0);
    this.carryOutEffects();
    this.takeSent();
    this.takeShown();
  }

  get answers(): ScriptedServer["answers"] {
    return this.#server.answers;
  }

  /** Lines sent since the last {@link takeSent}. */
  get sent(): readonly string[] {
    return this.#server.received;
  }

  takeSent(): string[] {
    return this.#server.received.splice(0);
  }

  type(line: string): this {
    this.execute(line, 0);
    return this;
  }

  /** The key PgUp. */
  pageUp(): this {
    showPageBefore(this.chat, 0);
    this.carryOutEffects();
    return this;
  }

  receive(line: string): this {
    this.chat.handleLine(parseMessage(line)!, 0);
    this.carryOutEffects();
    return this;
  }

  disconnect(): this {
    this.chat.handleDisconnected("cut", 1000, 0);
    this.carryOutEffects();
    return this;
  }

  reconnect(account?: string): this {
    this.chat.handleConnected({ nick: "alice", caps: new Set(), isClaimed: false, account }, true, 0);
    this.carryOutEffects();
    return this;
  }

  protected override ask(id: number, message: MessageParts): void {
    this.chat.handleResult(id, this.#server.answer(message), 0);
  }
}
