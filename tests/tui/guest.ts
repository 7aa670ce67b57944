/**
 * A guest of a pure hub: chat, session and hub in one process, with no socket, no terminal and no clock but the test's. What
 * would be on the screen is in {@link Guest.shown}.
 */
import { palette } from "../../lib/cli/output.ts";
import type { Session } from "../../lib/hub/state.ts";
import { ClientSession } from "../../lib/client/session.ts";
import type { SessionEvent } from "../../lib/client/session.ts";
import { Chat } from "../../lib/tui/chat.ts";
import { paint, render } from "../../lib/tui/render.ts";
import { talk } from "../../lib/tui/talk.ts";
import type { TestHub } from "../support/hub.ts";

const plain = await palette(false);
const local = { clock: () => "12:34", day: () => "today" };

export class Guest {
  readonly chat: Chat;
  /** Lines on the screen. */
  readonly shown: string[] = [];
  /** Why the chat wants to end. */
  quitReason: string | undefined;
  readonly #test: TestHub;
  readonly #without: readonly string[];
  /** Requests of the chat by the session's number. */
  readonly #requests = new Map<number, number>();
  #session: ClientSession | undefined;
  #wire: Session | undefined;

  /** `without`: capabilities that the server is to hide. */
  constructor(test: TestHub, nick: string, ...without: string[]) {
    this.#test = test;
    this.#without = without;
    this.chat = new Chat(nick, "#lobby", local.clock);
  }

  /** Connects and comes in. */
  connect(again = false): this {
    this.#wire = this.#test.open();
    this.#session = new ClientSession({ nick: this.chat.nick, claim: claimOf(this.chat.nick) });
    this.#session.start();
    this.#again = again;
    this.pump();
    return this;
  }

  #again = false;

  type(...lines: string[]): this {
    for (const line of lines) {
      talk(this.chat, line, this.#test.now);
      this.pump();
    }
    return this;
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
    this.#session = undefined;
    this.#requests.clear();
    this.chat.down("cut", 1000, this.#test.now);
    this.#effects();
  }

  /** Typed, sent, and carried out by the server; but the answer never comes, because the connection goes. */
  typeUnanswered(line: string): this {
    talk(this.chat, line, this.#test.now);
    this.#effects();
    for (const sent of this.#session!.takeOutput()) this.#test.hub.line(this.#wire!, sent, this.#test.now);
    this.#test.deliver();
    this.#test.heard(this.#wire!);
    return this.cut();
  }

  /** Lines to the server and back, until all is quiet. */
  pump(): void {
    for (;;) {
      this.#effects();
      const output = this.#session?.takeOutput() ?? [];
      if (this.#wire !== undefined && output.length > 0) this.#test.say(this.#wire, ...output);
      const heard = this.#wire === undefined || this.#session === undefined
        ? []
        : this.#test.heard(this.#wire);
      if (heard.length === 0 && output.length === 0) return;
      for (const line of heard) this.#hear(line);
    }
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
        this.chat.up({ nick: event.nick, caps: this.#session!.caps }, this.#again, now);
      } else if (event.kind === "line") this.chat.line(event.message, now);
      else if (event.kind === "answer") {
        this.chat.answer(this.#requests.get(event.id)!, { kind: "answered", lines: event.lines }, now);
      } else throw new Error(`unexpected: ${JSON.stringify(event)}`);
      this.#effects();
    }
  }

  #effects(): void {
    for (const effect of this.chat.takeEffects()) {
      if (effect.kind === "show") {
        const line = render(effect.entry, { nick: this.chat.nick, room: this.chat.room }, local);
        this.shown.push(paint(line, plain).replace("12:34 ", ""));
      } else if (effect.kind === "quit") this.quitReason = effect.reason;
      else this.#requests.set(this.#session!.request(effect.message), effect.id);
    }
  }
}

/** A key that belongs to the name, as if it were kept in a file. */
function claimOf(nick: string): string {
  return nick.padEnd(43, "A");
}
