/** The senders of a channel under load. They are members of it, too, and count what they get. */
import { LineCounter } from "./line_counter.ts";
import { inParallel, LoadClient, type LoadTarget, readBytesFor } from "./load_client.ts";
import type { Stamper } from "./message_stamp.ts";

export interface SenderOptions extends LoadTarget {
  readonly channel: string;
  readonly senders: number;
  /** The nick of sender `index`. */
  readonly nick: (index: number) => string;
  readonly atOnce: number;
}

interface Sender {
  readonly client: LoadClient;
  sent: number;
  /** Sent, and not yet acknowledged. */
  inFlight: number;
}

export class ChannelSenders {
  readonly #options: SenderOptions;
  readonly #stamper: Stamper;
  readonly #senders: Sender[] = [];
  /** Messages that each sender keeps in flight; 0: none are sent by themselves. */
  #window = 0;
  #isRefilling = false;

  constructor(options: SenderOptions, stamper: Stamper) {
    this.#options = options;
    this.#stamper = stamper;
  }

  /** Opens all connections; those that are open when one fails are closed by {@link close}. */
  async open(): Promise<void> {
    const { address, password, channel, senders, nick, atOnce } = this.#options;
    const readBytes = readBytesFor(senders);
    await inParallel(senders, atOnce, async (index) => {
      const client = await LoadClient.enter({ address, password, channel, nick: nick(index), readBytes });
      this.#senders[index] = { client, sent: 0, inFlight: 0 };
    });
  }

  /** The first one sends `text`, and from now on all count the lines that they get. */
  begin(text: string, onEnd: (nick: string, why: string) => void): void {
    for (const { client } of this.#senders) {
      const counter = new LineCounter((line) => client.line(line));
      client.onBytes = (buffer, length) => counter.take(buffer, length);
      client.onEnd = (why) => onEnd(client.nick, why);
    }
    this.#senders[0]!.client.send(`PRIVMSG ${this.#options.channel} :${text}\r\n`);
  }

  get size(): number {
    return this.#options.senders;
  }

  /** Messages sent, by sender. */
  get sent(): number[] {
    return this.#senders.map(({ sent }) => sent);
  }

  send(index: number): void {
    const sender = this.#senders[index]!;
    const text = this.#stamper.format(index, sender.sent++, performance.now());
    sender.client.send(`PRIVMSG ${this.#options.channel} :${text}\r\n`);
  }

  /** From now on each sender keeps `window` messages in flight. */
  keepInFlight(window: number): void {
    for (const sender of this.#senders) sender.inFlight = 0;
    this.#window = window;
    this.#refill();
  }

  stop(): void {
    this.#window = 0;
  }

  /** A message of sender `index` has arrived, and makes room for the next one. */
  acknowledge(index: number): void {
    this.#senders[index]!.inFlight--;
    if (this.#window === 0 || this.#isRefilling) return;
    this.#isRefilling = true;
    queueMicrotask(() => this.#refill());
  }

  close(): void {
    for (const sender of this.#senders) sender?.client.close();
  }

  #refill(): void {
    this.#isRefilling = false;
    for (const [index, sender] of this.#senders.entries()) {
      for (; sender.inFlight < this.#window; sender.inFlight++) this.send(index);
    }
  }
}
