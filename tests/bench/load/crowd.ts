/** The receivers that only count, in a thread of their own ({@link file://./crowd_worker.ts}), as the main thread sees them. */
import { type Door, Unsupported } from "./client.ts";

export type ToCrowd =
  /** Members `first` to `first + count - 1` of `total` enter the channel. */
  | {
    readonly kind: "enter";
    readonly door: Door;
    readonly channel: string;
    readonly caps: string;
    readonly total: number;
    readonly first: number;
    readonly count: number;
    readonly atOnce: number;
  }
  /** A line with `mark` will come; from then on messages are counted in `counts`, a 32-bit number for each member. */
  | { readonly kind: "await"; readonly mark: string; readonly counts: SharedArrayBuffer };

export type FromCrowd =
  | { readonly kind: "entered" | "waiting" | "ready" }
  | { readonly kind: "failed"; readonly why: string; readonly unsupported: boolean }
  | { readonly kind: "dropped"; readonly nick: string; readonly why: string };

export class Crowd {
  /** Messages that each member has got. The worker writes it. */
  readonly counts: Uint32Array;
  readonly #shared: SharedArrayBuffer;
  readonly #worker = new Worker(new URL("./crowd_worker.ts", import.meta.url), { type: "module" });
  #answer: PromiseWithResolvers<void> | undefined;

  constructor(readonly size: number, readonly onDropped: (nick: string, why: string) => void) {
    this.#shared = new SharedArrayBuffer(4 * Math.max(1, size));
    this.counts = new Uint32Array(this.#shared, 0, size);
    this.#worker.onmessage = (event: MessageEvent<FromCrowd>) => this.#hear(event.data);
  }

  enter(part: Omit<ToCrowd & { kind: "enter" }, "kind" | "total">): Promise<void> {
    return this.#ask({ kind: "enter", total: this.size, ...part });
  }

  /** Resolves when all members wait for `mark`; then {@link ready} resolves when all have seen it. */
  awaitMark(mark: string): Promise<void> {
    return this.#ask({ kind: "await", mark, counts: this.#shared });
  }

  ready(): Promise<void> {
    return this.#next();
  }

  close(): void {
    this.#worker.terminate();
  }

  #ask(message: ToCrowd): Promise<void> {
    this.#worker.postMessage(message);
    return this.#next();
  }

  #next(): Promise<void> {
    this.#answer = Promise.withResolvers();
    return this.#answer.promise;
  }

  #hear(message: FromCrowd): void {
    switch (message.kind) {
      case "dropped":
        return this.onDropped(message.nick, message.why);
      case "failed":
        return this.#answer?.reject(
          message.unsupported ? new Unsupported(message.why) : new Error(message.why),
        );
      default:
        this.#answer?.resolve();
    }
  }
}
