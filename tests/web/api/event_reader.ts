/** Reads a stream of server-sent events as a browser does. */
import { inTime } from "../../support/guard.ts";

export interface ReceivedEvent {
  readonly event: string;
  /** "": none. */
  readonly id: string;
  // deno-lint-ignore no-explicit-any
  readonly data: any;
}

export class EventReader {
  readonly #reader: ReadableStreamDefaultReader<string>;
  /** `id` of the last event that had one, as a browser sends it back. */
  lastId = "";
  /** Messages received so far. */
  readonly messages: ReceivedEvent[] = [];
  #text = "";

  readonly #gone: AbortController;

  /** `gone` ends the request. */
  constructor({ body }: Response, gone = new AbortController()) {
    this.#gone = gone;
    this.#reader = body!.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next event. Comments and the time to connect again are passed over. */
  async next(): Promise<ReceivedEvent> {
    return await inTime("an event", this.#next(), { heard: () => [this.#text] });
  }

  async #next(): Promise<ReceivedEvent> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end < 0) {
        const { value, done } = await this.#reader.read();
        if (done) throw new Error(`the stream ended; rest ${JSON.stringify(this.#text)}`);
        this.#text += value;
        continue;
      }
      const block = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
      const data = field("data");
      if (data === undefined) continue;
      const found = { event: field("event") ?? "message", id: field("id") ?? "", data: JSON.parse(data) };
      if (found.id !== "") this.lastId = found.id;
      if (found.event === "message") this.messages.push(found);
      return found;
    }
  }

  /** The texts of the next `count` messages. */
  async texts(count: number): Promise<string[]> {
    const texts: string[] = [];
    while (texts.length < count) {
      const { event, data } = await this.next();
      if (event === "message") texts.push(data.text);
      else if (event === "gap") texts.push("gap");
    }
    return texts;
  }

  /** The texts of all messages, and the word gap for each gap, before what is new. */
  async textsUntilLive(): Promise<string[]> {
    const texts: string[] = [];
    for (let found = await this.next(); found.event !== "live"; found = await this.next()) {
      texts.push(found.event === "message" ? found.data.text : found.event);
    }
    return texts;
  }

  /** The event `end`, behind which the stream ends. */
  async end(): Promise<ReceivedEvent> {
    let found = await this.next();
    while (found.event !== "end") found = await this.next();
    const { done } = await inTime("the end of the stream", this.#reader.read());
    if (!done) throw new Error("the stream goes on behind its end");
    return found;
  }

  /** Reads no further. */
  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }

  close(): void {
    this.#reader.closed.catch(() => {}); // that is what ends it
    this.#gone.abort();
  }
}
