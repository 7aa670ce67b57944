/**
 * The receivers that only count, in a thread of their own ({@link file://./receiver_worker.ts}), as the main thread sees
 * them. Several channels share a pool: each has a part of its members.
 */
import { LoadError } from "./load_error.ts";
import type { FromReceivers, ToReceivers } from "./receiver_messages.ts";

export class ReceiverPool {
  /** Messages that each member has got. The worker writes them. */
  readonly counts: Uint32Array;
  /** By index of the member: why the server has closed its connection. */
  readonly dropped = new Map<number, string>();
  readonly #shared: SharedArrayBuffer;
  readonly #worker = new Worker(new URL("./receiver_worker.ts", import.meta.url), { type: "module" });
  #answer: PromiseWithResolvers<void> | undefined;

  constructor(readonly size: number) {
    this.#shared = new SharedArrayBuffer(4 * Math.max(1, size));
    this.counts = new Uint32Array(this.#shared, 0, size);
    this.#worker.onmessage = (event: MessageEvent<FromReceivers>) => this.#hear(event.data);
  }

  enter(part: Omit<ToReceivers & { kind: "enter" }, "kind" | "total">): Promise<void> {
    return this.#ask({ kind: "enter", total: this.size, ...part });
  }

  /** Resolves when these members wait for `mark`; then {@link ready} resolves when all of them have seen it. */
  awaitMark(mark: string, first: number, count: number): Promise<void> {
    return this.#ask({ kind: "await", mark, first, count, counts: this.#shared });
  }

  ready(): Promise<void> {
    return this.#next();
  }

  close(): void {
    this.#worker.terminate();
  }

  #ask(message: ToReceivers): Promise<void> {
    this.#worker.postMessage(message);
    return this.#next();
  }

  #next(): Promise<void> {
    this.#answer = Promise.withResolvers();
    return this.#answer.promise;
  }

  #hear(message: FromReceivers): void {
    switch (message.kind) {
      case "dropped":
        this.dropped.set(message.index, message.why);
        return;
      case "failed": {
        const { error, why } = message;
        return this.#answer?.reject(error === undefined ? new Error(why) : new LoadError(error, why));
      }
      default:
        this.#answer?.resolve();
    }
  }
}
