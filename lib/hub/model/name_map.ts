/** A map by folded name that also finds look-alikes. */
import { casefold } from "../../irc/names/casemap.ts";
import { makeSkeletons } from "../../irc/names/skeleton.ts";

export interface ReadonlyNameMap<Value> extends ReadonlyMap<string, Value> {
  /** Values with names that look like `name` and are not the same. */
  lookalikes(name: string): Iterable<Value>;
}

/**
 * A map by folded name. A value of which the name has a skeleton other than its folded form, which hardly any ASCII
 * name has, is indexed by the skeleton when it is set: finding look-alikes takes a few lookups, however many names
 * there are.
 */
export class NameMap<Value> extends Map<string, Value> implements ReadonlyNameMap<Value> {
  readonly #nameOf: (value: Value) => string;
  /** Folded names by skeleton. */
  readonly #byLook = new Map<string, Set<string>>();
  /** Skeletons by folded name. */
  readonly #looks = new Map<string, readonly string[]>();

  /** `nameOf`: returns the name of a value as it is spelled when it is set. */
  constructor(nameOf: (value: Value) => string) {
    super();
    this.#nameOf = nameOf;
  }

  override set(folded: string, value: Value): this {
    if (this.#looks.size > 0) this.#forget(folded);
    const looks = makeSkeletons(this.#nameOf(value));
    if (looks.length > 0) this.#looks.set(folded, looks);
    for (const look of looks) {
      const names = this.#byLook.get(look);
      if (names === undefined) this.#byLook.set(look, new Set([folded]));
      else names.add(folded);
    }
    return super.set(folded, value);
  }

  override delete(folded: string): boolean {
    if (this.#looks.size > 0) this.#forget(folded);
    return super.delete(folded);
  }

  /** Values with names that look like `name` and are not the same. */
  *lookalikes(name: string): Iterable<Value> {
    const own = casefold(name);
    for (const look of new Set([own, ...makeSkeletons(name)])) {
      if (look !== own && this.has(look)) yield this.get(look)!;
      for (const folded of this.#byLook.get(look) ?? []) if (folded !== own) yield this.get(folded)!;
    }
  }

  #forget(folded: string): void {
    for (const look of this.#looks.get(folded) ?? []) {
      const names = this.#byLook.get(look)!;
      names.delete(folded);
      if (names.size === 0) this.#byLook.delete(look);
    }
    this.#looks.delete(folded);
  }
}
