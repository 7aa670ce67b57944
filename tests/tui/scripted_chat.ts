/** A chat of alice, in #lobby with bob, and a server that answers from a script. */
import { formatMessage, parseMessage } from "../../lib/irc/message.ts";
import type { Message } from "../../lib/irc/message.ts";
import { Chat } from "../../lib/client/conversation/chat.ts";
import { executeInput } from "../../lib/tui/commands/input_executor.ts";

export class ScriptedChat {
  readonly chat = new Chat({
    nick: "alice",
    home: "#lobby",
    clock: String,
    newId: () => "id",
    ignored: ["eve"],
  });
  /** Answers by the beginning of the line that is answered. */
  readonly answers: Record<string, string[]> = {
    JOIN: [":alice!a@h JOIN #lobby", ":s 353 alice = #lobby :@alice Bob", ":s 366 alice #lobby :End"],
  };
  sent: string[] = [];
  shown: string[] = [];
  quitReason: string | undefined;
  /** The ignore list as it was last saved. */
  ignored: readonly string[] | undefined;

  constructor(caps: readonly string[] = []) {
    this.chat.handleConnected({ nick: "alice", caps: new Set(caps), isClaimed: false }, false, 0);
    this.#carryOut();
    this.sent = [];
    this.shown = [];
  }

  type(line: string): this {
    executeInput(this.chat, line, 0);
    return this.#carryOut();
  }

  receive(line: string): this {
    this.chat.handleLine(parseMessage(line)!, 0);
    return this.#carryOut();
  }

  /** Loses the connection; {@link reconnect} brings it back. */
  disconnect(): this {
    this.chat.handleDisconnected("cut", 1000, 0);
    return this.#carryOut();
  }

  reconnect(account?: string): this {
    this.chat.handleConnected({ nick: "alice", caps: new Set(), isClaimed: false, account }, true, 0);
    return this.#carryOut();
  }

  #carryOut(): this {
    for (let effects = this.chat.takeEffects(); effects.length > 0; effects = this.chat.takeEffects()) {
      for (const effect of effects) {
        if (effect.kind === "show") {
          this.shown.push("text" in effect.entry ? effect.entry.text : effect.entry.kind);
        } else if (effect.kind === "ignored") this.ignored = effect.names;
        else if (effect.kind === "quit") this.quitReason = effect.reason;
        else if (effect.kind === "ask") this.#answer(effect.id, formatMessage(effect.message));
      }
    }
    return this;
  }

  #answer(id: number, line: string): void {
    this.sent.push(line);
    const key = Object.keys(this.answers).find((start) => line.startsWith(start));
    const lines: Message[] = (this.answers[key ?? ""] ?? []).map((text) => parseMessage(text)!);
    this.chat.handleResult(id, { kind: "answered", lines }, 0);
  }
}
