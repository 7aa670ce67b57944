/** Pages that ring for us, and those that we have opened here (docs/protocol/oncall.md). Pure. */
import type { Message } from "../../../irc/message.ts";
import { casefold } from "../../../irc/names/casemap.ts";
import { parseWireCount } from "../../../irc/wire_number.ts";
import type { PageItem } from "./page_item.ts";

/** Pages that are known at a time; a person can acknowledge others by their number. */
export const MAX_KNOWN_PAGES = 200;

export interface RingingPage {
  readonly number: number;
  readonly list: string;
  readonly pager: string;
  readonly text: string;
}

/** What a line comes to. */
export interface PageNote {
  /** What the person is shown. */
  readonly text: string;
  /** Draws attention, with these words. */
  readonly ring?: RingingPage;
}

/** A page of ours that the server has not confirmed. */
export interface UnsentPage {
  readonly id: string;
  readonly list: string;
  readonly text: string;
}

export class RingingPages {
  readonly #ringing = new Map<number, RingingPage>();
  /** Numbers of the pages that we have acknowledged, without a response so far. */
  readonly #acknowledging = new Set<number>();
  readonly #opening = new Map<string, UnsentPage>();
  /** Numbers of pages that we have opened here, by id. */
  readonly #own = new Map<string, number>();
  #count = 0;

  /** The oldest first. */
  get ringing(): RingingPage[] {
    return [...this.#ringing.values()];
  }

  get acknowledging(): ReadonlySet<number> {
    return this.#acknowledging;
  }

  get opening(): UnsentPage[] {
    return [...this.#opening.values()];
  }

  /** An acknowledgement is to be sent; it is sent again until {@link noteAnswered}. */
  noteAcknowledged(number: number): void {
    this.#acknowledging.add(number);
  }

  /** The server has responded to it: that it `counts`, or why not. False: the person knows the end already. */
  noteAnswered(number: number, counts: boolean): boolean {
    if (counts) this.#ringing.delete(number);
    return this.#acknowledging.delete(number);
  }

  /** A page is to be opened; it is sent again, with the same id, until {@link noteOpened}. */
  addOpening(list: string, text: string, now: number): UnsentPage {
    const page = { id: `${now.toString(36)}-${++this.#count}`, list, text };
    this.#opening.set(page.id, page);
    return page;
  }

  /** The server has responded to it, whatever it said. */
  noteOpened(id: string): void {
    this.#opening.delete(id);
  }

  /** Handles a line `PAGE …`, live or of a response; `ownNick` is ours. Undefined: there is nothing to say. */
  receive({ params: [word, first = "", ...rest] }: Message, ownNick: string): PageNote | undefined {
    switch (word) {
      case "RINGING":
        return this.#ring(first, rest);
      case "STOPPED":
        return this.#stop(parseWireCount(first) ?? 0, rest, ownNick);
      case "OPEN":
        return this.#open(first, rest);
      case "RUNG": {
        const number = this.#own.get(first);
        return number === undefined ? undefined : { text: `page ${number}: ${rest.at(-1) ?? ""}` };
      }
      case "END":
        this.#own.delete(first);
        return undefined;
    }
    return undefined;
  }

  /** The server's list of what rings for us. Returns what is new. */
  receiveRinging(items: readonly PageItem[]): PageNote[] {
    const before = new Set(this.#ringing.keys());
    this.#ringing.clear();
    for (const { number, list, pager, text } of items.slice(0, MAX_KNOWN_PAGES)) {
      this.#ringing.set(number, { number, list, pager, text });
    }
    const news = this.ringing.filter(({ number }) => !before.has(number));
    return news.map((page) => ({ text: this.describe(page), ring: page }));
  }

  /** `page 12 rings: ops: db down (from ci; /ack 12)`, for the person. */
  describe({ number, list, pager, text }: RingingPage, nth = 1): string {
    const again = nth > 1 ? " again" : "";
    return `page ${number} rings${again}: ${list}: ${text} (from ${pager}; /ack ${number})`;
  }

  /** `RINGING <number> <list> <pager> <nth ring> :<text>` */
  #ring(first: string, [list = "", pager = "", nth, text = ""]: readonly string[]): PageNote | undefined {
    const number = parseWireCount(first);
    if (number === undefined) return undefined;
    const page = { number, list, pager, text };
    if (this.#ringing.has(number) || this.#ringing.size < MAX_KNOWN_PAGES) this.#ringing.set(number, page);
    return { text: this.describe(page, parseWireCount(nth)), ring: page };
  }

  /**
   * `STOPPED <number> <how> <by> :<words>`. The service sends a message about that to the people that were rung, but not
   * to the person who has ended the page: their sessions learn it here, if the response has not told it.
   */
  #stop(
    number: number,
    [, by = "", words = ""]: readonly string[],
    ownNick: string,
  ): PageNote | undefined {
    const wasRinging = this.#ringing.delete(number);
    if (!wasRinging || casefold(by) !== casefold(ownNick)) return undefined;
    this.#acknowledging.delete(number);
    return { text: words };
  }

  /** `OPEN <id> <number> <state> <time>|*`: our page is on the server's disk. */
  #open(id: string, [word, state = ""]: readonly string[]): PageNote | undefined {
    const page = this.#opening.get(id);
    const number = parseWireCount(word);
    if (page === undefined || number === undefined) return undefined;
    if (this.#own.size < MAX_KNOWN_PAGES) this.#own.set(id, number);
    const words = state === "silenced" ? `is kept: ${page.list} is silenced, and it rings later` : "rings";
    return { text: `page ${number} to ${page.list} ${words}` };
  }
}
