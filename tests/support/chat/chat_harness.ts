/** A chat connected to a pure hub: chat, session and hub in one process, without socket, terminal and clock. */
import type { Session } from "../../../lib/hub/model/state/entities.ts";
import { ClientSession } from "../../../lib/client/session/client_session.ts";
import type { SessionEvent } from "../../../lib/client/session/session_event.ts";
import { ChatSettings } from "../../../lib/client/conversation/model/chat_settings.ts";
import type { MessageParts } from "../../../lib/irc/message.ts";
import type { Chat, ChatOptions } from "../../../lib/client/conversation/chat.ts";
import type { TestHub } from "../hub.ts";
import { makeChat, TestChat } from "./test_chat.ts";

/** Ids of messages given so far: they differ over all harnesses. */
let ids = 0;

function newId(): string {
  return `id-${++ids}`;
}

/** What each of `harnesses` shows since the last call, after all lines have been received. */
export function takeAllShown(...harnesses: ChatHarness[]): string[][] {
  for (const harness of harnesses) harness.pump();
  return harnesses.map((harness) => harness.takeShown());
}

export class ChatHarness extends TestChat {
  /** Requests that are never answered. */
  ignores: (message: MessageParts) => boolean = () => false;
  /** Set by {@link reader} and {@link page}. */
  #options: Partial<ChatOptions> = { settings: new ChatSettings() };
  readonly #test: TestHub;
  readonly #without: readonly string[];
  /** Requests of the chat, by the session's number. */
  readonly #requests = new Map<number, number>();
  #session: ClientSession | undefined;
  /** Lines in transit. */
  readonly #outbound: string[] = [];
  readonly #inbound: string[] = [];
  #wire: Session | undefined;
  #isReconnect = false;

  /** `without`: capabilities that the server does not offer. */
  constructor(test: TestHub, nick: string, ...without: string[]) {
    super(makeChat({ nick, newId, settings: new ChatSettings() }));
    this.#test = test;
    this.#without = without;
  }

  /** Starts the program again with what is on the disk. */
  #restart(): void {
    const { nick } = this.chat;
    const unsent = [...this.disk.values()];
    this.chat = makeChat({ nick, newId, unsent, ignored: this.ignored, ...this.#options });
  }

  /** From now on, a person reads what is shown. */
  reader(): this {
    this.#options = { isInteractive: true, settings: new ChatSettings() };
    this.#restart();
    return this;
  }

  /** From now on, a person reads one conversation at a time. */
  page(): this {
    this.#options = { isInteractive: true, showsOneView: true, tracksReceipts: true };
    this.#restart();
    return this;
  }

  /** Changes the chat, and passes lines both ways. */
  do(change: (chat: Chat, now: number) => void): this {
    change(this.chat, this.#test.now);
    this.pump();
    return this;
  }

  /** Sends the read markers that are due. */
  mark(leaving = false): this {
    this.chat.markRead(this.#test.now, leaving);
    this.pump();
    return this;
  }

  /** The program is killed, and starts again. */
  crash(): this {
    this.#test.hub.close(this.#wire!, "cut", this.#test.now);
    this.#test.deliver();
    this.#forgetLines();
    this.shown.length = 0;
    this.#restart();
    return this;
  }

  /** Connects and joins. */
  connect(again = false): this {
    this.dial(again);
    this.pump();
    return this;
  }

  /** Connects without sending anything yet. */
  dial(again = false): void {
    this.#wire = this.#test.open();
    this.#session = new ClientSession({
      nick: this.chat.nick,
      claimKey: claimOf(this.chat.nick),
      wantsEvents: this.#options.showsOneView,
    });
    this.#session.start();
    this.#isReconnect = again;
  }

  get connected(): boolean {
    return this.#session !== undefined;
  }

  type(...lines: string[]): this {
    for (const line of lines) {
      this.execute(line, this.#test.now);
      this.pump();
    }
    return this;
  }

  /** Types a line without passing it to the server yet. */
  typeUnsent(line: string): void {
    this.execute(line, this.#test.now);
  }

  /** Loses the connection, after everything sent by the server has been received. */
  cut(): this {
    this.#test.hub.close(this.#wire!, "cut", this.#test.now);
    this.#test.deliver();
    this.lose();
    return this;
  }

  /** Loses the connection on our side only: nothing more is received. */
  lose(): void {
    this.#forgetLines();
    this.chat.handleDisconnected("cut", 1000, this.#test.now);
    this.carryOutEffects();
  }

  #forgetLines(): void {
    this.#session = undefined;
    this.#requests.clear();
    this.#outbound.length = 0;
    this.#inbound.length = 0;
  }

  /** Types a line that the server carries out, and loses the connection before the answer. */
  typeUnanswered(line: string): this {
    this.execute(line, this.#test.now);
    for (const sent of this.#session!.takeOutput()) this.#test.hub.line(this.#wire!, sent, this.#test.now);
    this.#test.deliver();
    this.#test.heard(this.#wire!);
    return this.cut();
  }

  /** Passes lines both ways until there are none. */
  pump(): void {
    while (this.send(Infinity) + this.hear(Infinity) > 0);
  }

  /** Passes at most `count` lines to the server; returns their number. */
  send(count: number): number {
    this.carryOutEffects();
    if (this.#session === undefined) return 0;
    this.#outbound.push(...this.#session.takeOutput());
    const lines = this.#outbound.splice(0, count);
    if (lines.length > 0) this.#test.say(this.#wire!, ...lines);
    return lines.length;
  }

  /** Receives at most `count` lines; returns their number. */
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
        this.chat.handleConnected(this.#session!, this.#isReconnect, now);
      } else if (event.kind === "line") this.chat.handleLine(event.message, now);
      else if (event.kind === "answer") {
        this.chat.handleResult(this.#requests.get(event.id)!, { kind: "answered", lines: event.lines }, now);
      } else throw new Error(`unexpected: ${JSON.stringify(event)}`);
      this.carryOutEffects();
    }
  }

  protected override ask(id: number, message: MessageParts, rest?: readonly MessageParts[]): void {
    if (this.ignores(message)) this.chat.handleResult(id, { kind: "timed_out" }, this.#test.now);
    else this.#requests.set(this.#session!.request(message, rest), id);
  }
}

/** The claim key of a name. */
function claimOf(nick: string): string {
  return nick.padEnd(43, "A");
}
