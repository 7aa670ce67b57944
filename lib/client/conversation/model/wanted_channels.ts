/** The channels to be in, which are joined again after a reconnect, and their keys (mode +k). Pure. */
import { casefold } from "../../../irc/names/casemap.ts";

export class WantedChannels {
  /** By folded name, the latest last. */
  readonly #channels = new Map<string, string>();
  /** By folded name; also of channels that we have only asked to join. */
  readonly #keys = new Map<string, string>();

  [Symbol.iterator](): Iterator<string> {
    return this.#channels.values();
  }

  has(channel: string): boolean {
    return this.#channels.has(casefold(channel));
  }

  add(channel: string): void {
    this.#channels.set(casefold(channel), channel);
  }

  /** Sets the key of `channel`; "" leaves it as it is. */
  setKey(channel: string, key: string): void {
    if (key !== "") this.#keys.set(casefold(channel), key);
  }

  /** "": the channel needs none. */
  getKey(channel: string): string {
    return this.#keys.get(casefold(channel)) ?? "";
  }

  /** A wanted channel has a new name; false: it is not wanted. */
  rename(from: string, to: string): boolean {
    if (!this.has(from)) return false;
    const key = this.getKey(from);
    this.remove(from);
    this.add(to);
    this.setKey(to, key);
    return true;
  }

  /** Removes the channel and its key. */
  remove(channel: string): void {
    this.#channels.delete(casefold(channel));
    this.#keys.delete(casefold(channel));
  }
}
