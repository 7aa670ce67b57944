/** The channels to be in: what we come back to, with the keys of those that want one (mode +k). */
import { casefold } from "../../../irc/names/casemap.ts";

export class WantedChannels {
  /** By folded name, the latest last. */
  readonly #channels = new Map<string, string>();
  /** By folded name; of channels that we only try to enter, too. */
  readonly #keys = new Map<string, string>();

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
    this.remove(from);
    this.add(to);
    this.setKey(to, key);
    return true;
  }

  /** With its key. */
  remove(channel: string): void {
    this.#channels.delete(casefold(channel));
    this.#keys.delete(casefold(channel));
  }
}
