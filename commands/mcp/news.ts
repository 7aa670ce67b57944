/** Tells calls that wait that there may be something new in a conversation; history then says what it is. */
import { callAfter } from "../../lib/base/deadlines.ts";
import { casefold } from "../../lib/irc/names/casemap.ts";

/** Stands for all conversations. */
export const EVERYWHERE = "*";

export class News {
  readonly #watches = new Set<NewsWatch>();
  readonly #followers = new Set<(conversation: string) => void>();

  /** `conversation`: a room, a user or {@link EVERYWHERE}. */
  announce(conversation: string): void {
    for (const follow of this.#followers) follow(conversation);
    for (const watch of this.#watches) {
      if (conversation === EVERYWHERE || watch.conversation === casefold(conversation)) watch.wake();
    }
  }

  /** Calls `follow` with each conversation that there is news of, for the life of the process. */
  follow(follow: (conversation: string) => void): void {
    this.#followers.add(follow);
  }

  /** News of `conversation` from now on; to be disposed of. */
  watch(conversation: string): NewsWatch {
    const watch = new NewsWatch(casefold(conversation), () => this.#watches.delete(watch));
    this.#watches.add(watch);
    return watch;
  }
}

export class NewsWatch implements Disposable {
  #isNew = false;
  #woken = Promise.withResolvers<void>();

  constructor(readonly conversation: string, readonly close: () => void) {}

  wake(): void {
    this.#isNew = true;
    this.#woken.resolve();
  }

  /** Resolves with the next news, or with what has come since the last call; also after `ms`, and at `signal`. */
  async next(ms: number, signal: AbortSignal): Promise<void> {
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const callOff = callAfter(ms, resolve);
    const end = () => resolve();
    signal.addEventListener("abort", end);
    if (!this.#isNew && !signal.aborted) await Promise.race([this.#woken.promise, over]);
    signal.removeEventListener("abort", end); // a busy room would leave thousands
    callOff();
    this.#isNew = false;
    this.#woken = Promise.withResolvers<void>();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
