/** A server of ours for one measurement, and a person in its lobby that talks. */
import { delay } from "../../../lib/base/delay.ts";
import { Serve } from "../../server/serve_process.ts";
import type { SocketClient } from "../../support/socket_client.ts";

const ROOM = "#lobby";
const SPEAKER = "bob";
/** Between two writes of a flood. */
const TICK_MS = 10;
/** Lower case and digits only: keys that are typed are capital letters. */
const WORDS = "what people say to each other in a room that is full and does not wait for those that read"
  .split(" ");

export class Room implements AsyncDisposable {
  readonly #serve: Serve;
  readonly #speaker: SocketClient;
  #spoken = 0;

  private constructor(serve: Serve, speaker: SocketClient) {
    this.#serve = serve;
    this.#speaker = speaker;
  }

  /** With `history` messages in the room. `home`: a folder for its data. */
  static async open(home: string, history: number): Promise<Room> {
    const serve = await Serve.start(home, ["--flood-rate", "1000000/1s", "--buffer", "64MiB"]);
    const room = new Room(serve, await serve.enter(SPEAKER));
    await room.#speak(history);
    await room.#speaker.barrier();
    return room;
  }

  get port(): number {
    return this.#serve.port;
  }

  /** Says `text`. */
  async say(text: string): Promise<void> {
    await this.#speaker.send(`PRIVMSG ${ROOM} :${text}`);
  }

  /** Says `count` lines, `perSecond` of them. */
  async talk(count: number, perSecond: number): Promise<void> {
    await this.#talkUntil((said) => said >= count, count, perSecond);
  }

  /** Says `perSecond` lines a second while `during` goes on. Answers also how many a second it became. */
  async whileTalking<T>(
    perSecond: number,
    during: () => Promise<T>,
  ): Promise<{ result: T; perSecond: number }> {
    let isOver = false;
    const talking = this.#talkUntil(() => isOver, Infinity, perSecond);
    try {
      const result = await during();
      isOver = true;
      return { result, perSecond: await talking };
    } finally {
      isOver = true;
      await talking;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#speaker.close();
    await this.#serve.end();
    await this.#serve.stderr;
  }

  async #talkUntil(isOver: (said: number) => boolean, most: number, perSecond: number): Promise<number> {
    const startMs = performance.now();
    const elapsedS = () => (performance.now() - startMs) / 1000;
    let said = 0;
    while (!isOver(said)) {
      const due = Math.min(most, Math.ceil(elapsedS() * perSecond));
      await this.#speak(due - said);
      said = due;
      await delay(TICK_MS);
    }
    return said / elapsedS();
  }

  async #speak(lines: number): Promise<void> {
    if (lines === 0) return;
    const texts = Array.from({ length: lines }, () => `PRIVMSG ${ROOM} :${lineOf(this.#spoken++)}`);
    await this.#speaker.send(texts.join("\r\n"));
  }
}

/** Of 3 to 12 words. */
function lineOf(nth: number): string {
  const words = Array.from({ length: 3 + nth % 10 }, (_, at) => WORDS[(nth * 7 + at) % WORDS.length]);
  return `${nth} ${words.join(" ")}`;
}
