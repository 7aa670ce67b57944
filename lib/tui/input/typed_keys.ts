/**
 * The keys of the chat. What was typed before it had the terminal has come with line feeds for Enter, and was meant for
 * whatever had the terminal then: it is taken for a paste, so that nothing of it is sent unasked.
 */
import type { Keyboard } from "../terminal/keyboard.ts";
import type { TerminalKey } from "../terminal/keys.ts";

/** What the person is told of it. */
export const TYPED_EARLY = "typed before the chat was here: Enter sends it";

export class TypedKeys {
  readonly #keyboard: Keyboard;
  /** The keys that came at once with the first one; undefined: none has come yet. */
  #first: TerminalKey[] | undefined;

  constructor(keyboard: Keyboard) {
    this.#keyboard = keyboard;
  }

  /** As {@link Keyboard.next}. */
  async next(): Promise<TerminalKey | undefined> {
    this.#first ??= gatherEarly(await this.#readFirst());
    return this.#first.shift() ?? await this.#keyboard.next();
  }

  /** As {@link Keyboard.hasMore}. */
  get hasMore(): boolean {
    return this.#keyboard.hasMore || this.#first !== undefined && this.#first.length > 0;
  }

  async #readFirst(): Promise<TerminalKey[]> {
    const first = await this.#keyboard.next();
    const keys = first === undefined ? [] : [first];
    while (this.#keyboard.hasMore) keys.push((await this.#keyboard.next())!);
    return keys;
  }
}

/** `keys` came at once. In raw mode, which is on by now, Enter is no line feed, and one types Ctrl-J by itself. */
function gatherEarly(keys: TerminalKey[]): TerminalKey[] {
  const isEarly = keys.some(({ kind }) => kind === "newLine") && keys.every(({ kind }) => kind !== "enter");
  if (!isEarly) return keys;
  const texts = keys.map((key) => "text" in key ? key.text : key.kind === "newLine" ? "\n" : "");
  const text = texts.join("").replace(/^\n+/, "");
  const others = keys.filter(({ kind }) => kind === "report");
  return text === "" ? others : [...others, { kind: "paste", text, isEarly: true }];
}
