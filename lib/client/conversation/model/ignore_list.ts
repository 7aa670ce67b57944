/** Whom one does not want to hear. Pure. */
import { casefold } from "../../../irc/names/casemap.ts";
import type { ChatEntry } from "./chat_entry.ts";

/** People that can be ignored at one time. */
export const MAX_IGNORED = 1000;

export class IgnoreList {
  /** As spelled, by folded name. */
  readonly #names = new Map<string, string>();
  /** Other names that they have taken since, folded, and whose they are; not kept. */
  readonly #aliases = new Map<string, string>();

  constructor(names: Iterable<string>) {
    for (const name of names) this.add(name);
  }

  get names(): string[] {
    return [...this.#names.values()];
  }

  /** False: there are too many. */
  add(name: string): boolean {
    if (this.#names.size >= MAX_IGNORED) return false;
    this.#names.set(casefold(name), name);
    return true;
  }

  /** False: nobody of that name was ignored. */
  remove(name: string): boolean {
    const folded = this.#aliases.get(casefold(name)) ?? casefold(name);
    for (const [alias, whose] of this.#aliases) if (whose === folded) this.#aliases.delete(alias);
    return this.#names.delete(folded);
  }

  has(name: string): boolean {
    if (this.#names.size === 0) return false;
    const folded = casefold(name);
    return this.#names.has(folded) || this.#aliases.has(folded);
  }

  /** Who is ignored is so under another name too. */
  rename(from: string, to: string): void {
    if (!this.has(from) || this.has(to) || this.#aliases.size >= MAX_IGNORED) return;
    const folded = casefold(from);
    this.#aliases.set(casefold(to), this.#aliases.get(folded) ?? folded);
  }

  /** What somebody says who is ignored: not where they are, which matters to the channel. */
  isHidden(entry: ChatEntry): boolean {
    switch (entry.kind) {
      case "message":
      case "reaction":
        return this.has(entry.from);
      case "invited":
        return this.has(entry.by);
      default:
        return false;
    }
  }
}
