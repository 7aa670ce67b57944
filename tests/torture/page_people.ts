/** Those who acknowledge the page of a round: at `join`, and by `chatterbox ack`. */
import { KillablePerson, KillableRun, pause } from "./killable.ts";

/** Between two calls of `ack`, ms. */
const AGAIN_MS = 150;

/** A person at `join`, who acknowledges what rings, or does not. */
export class OnCallPerson extends KillablePerson {
  /** The people that have acknowledged the page of this round, as was told. */
  readonly told = new Set<string>();
  #text = "";
  #acknowledges = false;

  /** A page with this text will ring. */
  expect(text: string, acknowledges: boolean): void {
    this.#text = text;
    this.#acknowledges = acknowledges;
    this.told.clear();
  }

  protected override handle(line: string, say: (line: string) => void): void {
    if (this.#text === "" || !line.includes(this.#text)) return;
    const [, number] = /page (\d+) rings/.exec(line) ?? [];
    if (number !== undefined && this.#acknowledges) say(`/ack ${number}`);
    const [, who] = / acknowledged by ([a-z]+)/.exec(line) ?? [];
    if (who !== undefined) this.told.add(who);
  }
}

/** A person without a session, who calls `chatterbox ack` until it succeeds. */
export class Acknowledger {
  readonly #args: readonly string[];
  readonly #home: string;
  readonly #lines: string[] = [];
  #run: KillableRun | undefined;
  #isOver = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(args: readonly string[], home: string) {
    this.#args = args;
    this.#home = home;
  }

  start(): void {
    this.#ended = this.#repeat();
  }

  async kill(): Promise<void> {
    await this.#run?.kill();
  }

  /** Ends the calls. Returns what those that succeeded have printed. */
  async stop(): Promise<string[]> {
    this.#isOver = true;
    await this.#ended;
    return this.#lines;
  }

  async #repeat(): Promise<void> {
    while (!this.#isOver) {
      this.#run = new KillableRun(this.#args, this.#home);
      const { code, lines } = await this.#run.ended;
      if (code === 0) return void this.#lines.push(...lines);
      await pause(AGAIN_MS);
    }
  }
}
