/**
 * The tabs of this browser in which one person is logged in. Web Locks tell what they are: a tab that is closed or has
 * crashed holds none. Where the browser has no Web Locks each tab acts as if it were alone.
 */
import { casefold } from "../../irc/names/casemap.ts";

/** What a tab tells the others. */
export type TabMessage =
  /** It has been opened. */
  | { readonly kind: "hello"; readonly tab: string }
  /** What is in the composer of the conversation `name`. */
  | { readonly kind: "draft"; readonly name: string; readonly draft: { readonly text: string } }
  | { readonly kind: "logout" };

export interface TabHandlers {
  readonly onMessage: (message: TabMessage) => void;
  /** A tab has gone: what it has left is another one's now ({@link TabGroup.adopt}). */
  readonly onGone: () => void;
}

/** Locks: `tab ID`, `speaker`, `adoption` and `watched CONVERSATION`. */
export class TabGroup {
  readonly id = crypto.getRandomValues(new Uint8Array(9)).toBase64();
  /** Of all tabs this one notifies. */
  isSpeaker = false;
  handlers: TabHandlers = { onMessage: () => {}, onGone: () => {} };
  readonly #prefix: string;
  readonly #channel: BroadcastChannel;
  readonly #closing = new AbortController();
  readonly #releases = new Set<() => void>();
  #watched: string | undefined;
  #unwatch = () => {};

  /** `name`: of the person. */
  constructor(name: string) {
    this.#prefix = groupPrefix(name);
    this.#channel = new BroadcastChannel(this.#prefix);
    this.#channel.onmessage = ({ data }: MessageEvent<TabMessage>) => {
      if (data.kind === "hello") this.#await(data.tab);
      else this.handlers.onMessage(data);
    };
    this.#hold("speaker", () => this.isSpeaker = true);
  }

  post(message: TabMessage): void {
    if (!this.#closing.signal.aborted) this.#channel.postMessage(message);
  }

  /** Joins the group. From then on what this tab keeps is its own. */
  async join(): Promise<void> {
    // Under the lock of adoption, so that no other tab takes this one for gone.
    await this.#request("adoption", async () => {
      await new Promise<void>((resolve) => {
        this.#hold(`tab ${this.id}`, resolve);
        this.#closing.signal.onabort = () => resolve(); // the lock of adoption is let go in any case
      });
    });
    for (const name of await this.#listHeld()) if (name.startsWith("tab ")) this.#await(name.slice(4));
    this.post({ kind: "hello", tab: this.id });
  }

  /** Runs `take` while no other tab does; `isAlive` knows the tabs that are open. */
  async adopt<T>(take: (isAlive: (tab: unknown) => boolean) => Promise<T>): Promise<T> {
    return await this.#request("adoption", async () => {
      const held = await this.#listHeld();
      return await take((tab) => held.has(`tab ${tab}`));
    });
  }

  /** The person looks at the conversation `name`; undefined: at none, or at another page. */
  watch(name: string | undefined): void {
    const folded = name && casefold(name);
    if (folded === this.#watched) return;
    this.#watched = folded;
    this.#unwatch();
    this.#unwatch = folded === undefined ? () => {} : this.#hold(`watched ${folded}`, () => {}, "shared");
  }

  /** Whether the person looks at the conversation `name` in one of the tabs. */
  async isWatched(name: string): Promise<boolean> {
    return (await this.#listHeld()).has(`watched ${casefold(name)}`);
  }

  close(): void {
    this.#closing.abort();
    for (const release of this.#releases) release();
    this.#channel.close();
    this.isSpeaker = false;
  }

  /** Tells when the tab `tab` has gone. */
  #await(tab: string): void {
    if (tab === this.id || locks() === undefined) return;
    // The lock is free again before others are asked for what the tab has left.
    void this.#request(`tab ${tab}`, () => Promise.resolve(), "shared").then(
      () => this.handlers.onGone(),
      () => {},
    );
  }

  /** Holds the lock `name` until the group is closed, or until what is returned is called. */
  #hold(name: string, onHeld: () => void, mode?: LockMode): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const release = () => {
      this.#releases.delete(release);
      resolve();
    };
    this.#releases.add(release);
    const held = this.#request(name, () => {
      onHeld();
      return promise;
    }, mode);
    held.catch(() => {}); // closed before it was granted
    return release;
  }

  async #request<T>(name: string, run: () => Promise<T>, mode: LockMode = "exclusive"): Promise<T> {
    const manager = locks();
    return manager === undefined
      ? await run()
      : await manager.request(this.#prefix + name, { mode, signal: this.#closing.signal }, run) as T;
  }

  /** Locks of the group that tabs hold. */
  async #listHeld(): Promise<ReadonlySet<string>> {
    const { held = [] } = await locks()?.query() ?? {};
    const names = held.flatMap(({ name = "" }) =>
      name.startsWith(this.#prefix) ? [name.slice(this.#prefix.length)] : []
    );
    return new Set(names);
  }
}

/** What the locks and the channel of the tabs of `name` begin with. */
export function groupPrefix(name: string): string {
  return `chatterbox ${casefold(name)} `;
}

/** Undefined: a page without encryption has none. */
export function locks(): LockManager | undefined {
  return (navigator as Partial<Navigator>).locks;
}
