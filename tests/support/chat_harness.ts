/**
 * A guest of a pure hub: chat, session and hub in one process, with no socket, no terminal and no clock but the test's. What
 * would be on the screen is in {@link ChatHarness.shown}.
 */
import { loadPalette } from "../../lib/cli/standard_streams.ts";
import type { Session } from "../../lib/hub/model/state/entities.ts";
import { ClientSession } from "../../lib/client/session/client_session.ts";
import type { SessionEvent } from "../../lib/client/session/client_session.ts";
import type { MessageParts } from "../../lib/irc/message.ts";
import { Chat } from "../../lib/client/conversation/chat.ts";
import { formatAnsi } from "../../lib/tui/view/styled_line.ts";
import { renderEntry } from "../../lib/tui/view/entry_view.ts";
import { executeInput } from "../../lib/tui/commands/input_executor.ts";
import type { UnsentMessage } from "../../lib/client/conversation/unsent_message.ts";
import type { TestHub } from "./hub.ts";

/** Ids given so far: they differ over all guests. */
let ids = 0;

const plain = await loadPalette(false);
const local = { clock: () => "12:34", day: () => "today", date: () => "1 Jan" };

export class ChatHarness {
  chat: Chat;
  /** Lines on the screen. */
  readonly shown: string[] = [];
  /** Why the chat wants to end. */
  quitReason: string | undefined;
  /** What a crash would leave behind, by id. */
  readonly disk: Map<string, UnsentMessage>;
  /** Whom it ignores, as it is kept on the disk. */
  ignored: readonly string[] = [];
  /** Requests that are never answered. */
  ignores: (message: MessageParts) => boolean = () => false;
  /** A person is there. Told by {@link reader}. */
  reads = false;
  readonly #test: TestHub;
  readonly #without: readonly string[];
  /** Requests of the chat by the session's number. */
  readonly #requests = new Map<number, number>();
  #session: ClientSession | undefined;
  /** Lines under way. */
  readonly #outbound: string[] = [];
  readonly #inbound: string[] = [];
  #wire: Session | undefined;

  /** `without`: capabilities that the server is to hide. */
  constructor(test: TestHub, nick: string, ...without: string[]) {
    this.#test = test;
    this.#without = without;
    this.disk = new Map();
    this.chat = this.#newChat(nick);
  }

  #newChat(nick: string): Chat {
    const unsent = [...this.disk.values()];
    return new Chat({
      nick,
      home: "#lobby",
      clock: local.clock,
      newId: () => `id-${++ids}`,
      unsent,
      ignored: this.ignored,
      isInteractive: this.reads,
    });
  }

  /** A person sits there and reads. */
  reader(): this {
    this.reads = true;
    this.chat = this.#newChat(this.chat.nick);
    return this;
  }

  /** The server is told of what has been read, as far as that is due. */
  mark(leaving = false): this {
    this.chat.markRead(this.#test.now, leaving);
    this.pump();
    return this;
  }

  /** The program is killed, and begins anew with what is on the disk. */
  crash(): this {
    this.#test.hub.close(this.#wire!, "cut", this.#test.now);
    this.#test.deliver();
    this.#forgetLines();
    this.shown.length = 0;
    this.chat = this.#newChat(this.chat.nick);
    return this;
  }

  /** Connects and comes in. */
  connect(again = false): this {
    this.dial(again);
    this.pump();
    return this;
  }

  /** Connects, and has not sent anything yet. */
  dial(again = false): void {
    this.#wire = this.#test.open();
    this.#session = new ClientSession({ nick: this.chat.nick, claimKey: claimOf(this.chat.nick) });
    this.#session.start();
    this.#again = again;
  }

  get connected(): boolean {
    return this.#session !== undefined;
  }

  #again = false;

  type(...lines: string[]): this {
    for (const line of lines) {
      executeInput(this.chat, line, this.#test.now);
      this.pump();
    }
    return this;
  }

  /** Typed, and not yet given to the server. */
  typeUnsent(line: string): void {
    executeInput(this.chat, line, this.#test.now);
    this.#effects();
  }

  /** The connection goes. What the server had already sent (`unheard`: not) has been received. */
  cut(): this {
    this.#test.hub.close(this.#wire!, "cut", this.#test.now);
    this.#test.deliver();
    this.lose();
    return this;
  }

  /** The connection goes on our side alone: nothing more is received. */
  lose(): void {
    this.#forgetLines();
    this.chat.handleDisconnected("cut", 1000, this.#test.now);
    this.#effects();
  }

  #forgetLines(): void {
    this.#session = undefined;
    this.#requests.clear();
    this.#outbound.length = 0;
    this.#inbound.length = 0;
  }

  /** Typed, sent, and carried out by the server; but the answer never comes, because the connection goes. */
  typeUnanswered(line: string): this {
    executeInput(this.chat, line, this.#test.now);
    this.#effects();
    for (const sent of this.#session!.takeOutput()) this.#test.hub.line(this.#wire!, sent, this.#test.now);
    this.#test.deliver();
    this.#test.heard(this.#wire!);
    return this.cut();
  }

  /** Lines to the server and back, until all is quiet. */
  pump(): void {
    while (this.send(Infinity) + this.hear(Infinity) > 0);
  }

  /** The server is given the next lines, `count` at the most. How many it was given. */
  send(count: number): number {
    this.#effects();
    if (this.#session === undefined) return 0;
    this.#outbound.push(...this.#session.takeOutput());
    const lines = this.#outbound.splice(0, count);
    if (lines.length > 0) this.#test.say(this.#wire!, ...lines);
    return lines.length;
  }

  /** We take in the next lines, `count` at the most. How many there were. */
  hear(count: number): number {
    if (this.#session === undefined || this.#wire === undefined) return 0;
    this.#inbound.push(...this.#test.heard(this.#wire));
    const lines = this.#inbound.splice(0, count);
    for (const line of lines) this.#hear(line);
    return lines.length;
  }

  #hear(line: string): void {
    const offered = /^(:\S+ CAP \S+ LS (?:\* )?:)(.*)$/.exec(line);
    const caps = (offered?.[2] ?? "").split(" ").filter((cap) =>
      !this.#without.some((hidden) => cap.split("=")[0] === hidden)
    );
    const events: SessionEvent[] = [];
    this.#session?.receive(offered === null ? line : offered[1] + caps.join(" "), events);
    const now = this.#test.now;
    for (const event of events) {
      if (event.kind === "registered") {
        this.chat.handleConnected(this.#session!, this.#again, now);
      } else if (event.kind === "line") this.chat.handleLine(event.message, now);
      else if (event.kind === "answer") {
        this.chat.handleResult(this.#requests.get(event.id)!, { kind: "answered", lines: event.lines }, now);
      } else throw new Error(`unexpected: ${JSON.stringify(event)}`);
      this.#effects();
    }
  }

  #effects(): void {
    for (const effect of this.chat.takeEffects()) {
      if (effect.kind === "show") {
        const line = renderEntry(effect.entry, { nick: this.chat.nick, channel: this.chat.channel }, local);
        this.shown.push(formatAnsi(line, plain).replace("12:34 ", ""));
      } else if (effect.kind === "quit") this.quitReason = effect.reason;
      else if (effect.kind === "keep") this.disk.set(effect.message.id, effect.message);
      else if (effect.kind === "drop") this.disk.delete(effect.id);
      else if (effect.kind === "ignored") this.ignored = effect.names;
      else if (effect.kind === "ask" && this.ignores(effect.message)) {
        this.chat.handleResult(effect.id, { kind: "timed_out" }, this.#test.now);
      } else this.#requests.set(this.#session!.request(effect.message), effect.id);
    }
  }
}

/** A key that belongs to the name, as if it were kept in a file. */
function claimOf(nick: string): string {
  return nick.padEnd(43, "A");
}
