/** `chatterbox logs --follow`, which is to come back by itself after each end of a server, and to show all, once. */
import { command } from "../../commands/logs.ts";
import { FakeIo } from "../cli/fake_io.ts";
import type { Ledger } from "./ledger.ts";
import { short } from "./ledger.ts";
import type { StoredLog } from "./stored.ts";

/** So long it may take to come back and catch up: the longest pause between its attempts, and then some. */
const CATCH_UP_MS = 60_000;

interface Shown {
  readonly seq: number;
  readonly text: string;
}

export class Follower {
  readonly #io: FakeIo;
  readonly #ended: Promise<number>;
  readonly #shown: Shown[] = [];
  /** Times that it said something is lost. */
  gaps = 0;
  #rest = "";
  #awaited: { text: string; resolve: (seen: boolean) => void } | undefined;

  /** `home`: an empty folder of its own; `more` flags. */
  constructor(readonly channel: string, server: string, home: string, ...more: string[]) {
    this.#io = new FakeIo({
      env: { XDG_CONFIG_HOME: home, USER: "follower" },
      onStdout: (text) => this.#read(text),
    });
    const args = ["--follow", "--json", "-n", "1", "--room", channel, "--server", server, ...more];
    this.#ended = command.run(args, this.#io);
  }

  /** Resolves once it has shown `text`: with `false` where it does not. */
  async sees(text: string): Promise<boolean> {
    if (this.#shown.some((shown) => shown.text === text)) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#awaited = { text, resolve };
    const late = setTimeout(() => resolve(false), CATCH_UP_MS);
    void this.#ended.then(() => resolve(false));
    try {
      return await promise;
    } finally {
      clearTimeout(late);
    }
  }

  async close(): Promise<void> {
    this.#io.interrupt();
    await this.#ended;
  }

  get texts(): string[] {
    return this.#shown.map(({ text }) => text);
  }

  /** Holds what it has shown against the file at the end of all. */
  judge(ledger: Ledger, { messages }: StoredLog): void {
    const fault = (text: string) => ledger.tally.fault(`logs --follow: ${text}`);
    ledger.tally.followed += this.#shown.length;
    let last = 0;
    for (const { seq, text } of this.#shown) {
      ledger.shown("logs --follow", seq, text, this.channel);
      if (seq <= last) fault(`${short(text)}, number ${seq}, comes after number ${last}`);
      last = seq;
    }
    const seqs = new Set(this.#shown.map(({ seq }) => seq));
    const first = this.#shown[0]?.seq ?? Infinity;
    for (const { seq, text, target } of messages) {
      if (target !== this.channel || seq < first || seqs.has(seq)) continue;
      fault(`${short(text)}, number ${seq}, is not shown`);
    }
  }

  get errors(): string {
    return this.#io.err;
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop()!;
    for (const line of lines) {
      const entry = JSON.parse(line) as Partial<Shown>;
      if (entry.seq === undefined || entry.text === undefined) {
        this.gaps++;
        continue;
      }
      this.#shown.push({ seq: entry.seq, text: entry.text });
      if (entry.text === this.#awaited?.text) this.#awaited.resolve(true);
    }
  }
}
