/**
 * The channels to be in: what we come back to, with the keys of those that want one (mode +k). What is typed goes to the current one
 * of them. Only the person changes it: when we are out of that channel there is none until they choose another one, so that a line
 * typed for one channel is never said in another.
 */
import { casefold, isSameName } from "../../../irc/names/casemap.ts";

export class WantedChannels {
  /** By folded name, the latest last. */
  readonly #channels = new Map<string, string>();
  /** By folded name; of channels that we only try to enter, too. */
  readonly #keys = new Map<string, string>();
  #current: string | undefined;
  #left: string | undefined;

  get current(): string | undefined {
    return this.#current;
  }

  /** The channel that was current until we were out of it, as long as the person has not chosen another one. */
  get left(): string | undefined {
    return this.#left;
  }

  /** What is typed goes to `channel` from now on; undefined: nowhere. */
  choose(channel: string | undefined): void {
    this.#current = channel;
    this.#left = undefined;
  }

  [Symbol.iterator](): Iterator<string> {
    return this.#channels.values();
  }

  add(channel: string): void {
    this.#channels.set(casefold(channel), channel);
  }

  /** `channel` is entered with `key`. */
  setKey(channel: string, key: string): void {
    if (key !== "") this.#keys.set(casefold(channel), key);
  }

  /** "": it wants none. */
  getKey(channel: string): string {
    return this.#keys.get(casefold(channel)) ?? "";
  }

  /** A channel that we want is called otherwise now; false: it is none of them. */
  rename(from: string, to: string): boolean {
    if (!this.#channels.has(casefold(from))) return false;
    const key = this.getKey(from);
    this.#delete(from);
    this.add(to);
    this.setKey(to, key);
    if (this.#isCurrent(from)) this.#current = to;
    return true;
  }

  /** With its key. */
  remove(channel: string): void {
    this.#delete(channel);
    if (!this.#isCurrent(channel)) return;
    this.#current = undefined;
    this.#left = channel;
  }

  #isCurrent(channel: string): boolean {
    return this.#current !== undefined && isSameName(this.#current, channel);
  }

  #delete(channel: string): void {
    this.#channels.delete(casefold(channel));
    this.#keys.delete(casefold(channel));
  }
}
