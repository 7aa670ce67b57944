/** Names from which no message is shown. Pure. */
import { casefold } from "../../../irc/names/casemap.ts";
import type { ChatEntry } from "./chat_entry.ts";

/** Names that can be ignored at one time. */
export const MAX_IGNORED = 1000;

export class IgnoreList {
  /** As spelled, by folded name. */
  readonly #names = new Map<string, string>();
  /** Later nicks of ignored users, folded, with the ignored name, folded; not kept between runs. */
  readonly #aliases = new Map<string, string>();

  constructor(names: Iterable<string>) {
    for (const name of names) this.add(name);
  }

  get names(): string[] {
    return [...this.#names.values()];
  }

  /** False: the list is full. */
  add(name: string): boolean {
    if (this.#names.size >= MAX_IGNORED) return false;
    this.#names.set(casefold(name), name);
    return true;
  }

  /** False: the name was not ignored. */
  remove(name: string): boolean {
    const folded = this.#aliases.get(casefold(name)) ?? casefold(name);
    for (const [alias, ignored] of this.#aliases) if (ignored === folded) this.#aliases.delete(alias);
    return this.#names.delete(folded);
  }

  has(name: string): boolean {
    if (this.#names.size === 0) return false;
    const folded = casefold(name);
    return this.#names.has(folded) || this.#aliases.has(folded);
  }

  /**
   * An ignored user stays ignored under a new nick; `to` left out: until they quit. Another user may take the nick that
   * they had.
   */
  rename(from: string, to?: string): void {
    const folded = casefold(from);
    const ignored = this.#aliases.get(folded) ?? folded;
    this.#aliases.delete(folded);
    if (to === undefined || !this.#names.has(ignored) || this.has(to)) return;
    if (this.#aliases.size < MAX_IGNORED) this.#aliases.set(casefold(to), ignored);
  }

  /** Whether `entry` is a message of an ignored user. Joins and parts are shown: they change the channel. */
  isHidden(entry: ChatEntry): boolean {
    switch (entry.kind) {
      case "message":
      case "reaction":
        return this.has(entry.from);
      case "found":
        return this.has(entry.message.from);
      case "invited":
        return this.has(entry.by);
      default:
        return false;
    }
  }
}
