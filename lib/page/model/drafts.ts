/** What is typed in the composer of each conversation and not sent, in a form that a page can keep. Pure. */
import { casefold } from "../../irc/names/casemap.ts";

export interface Draft {
  readonly text: string;
  /** The id of the message that it replies to. */
  readonly replyTo?: string | undefined;
  /** The id of the message of ours that it is to stand in the place of. */
  readonly replaces?: string | undefined;
}

/** Drafts kept; beyond it the one that was changed first goes. */
export const MAX_DRAFTS = 200;
/** UTF-16 units kept of a draft. */
export const MAX_DRAFT_LENGTH = 100_000;

const NOTHING: Draft = { text: "" };

export class Drafts {
  /** By folded name, that which was changed last is last. */
  readonly #drafts = new Map<string, Draft>();

  /** `kept`: see {@link list}. What is no draft in it is left out: it comes from a disk. */
  constructor(kept: unknown = []) {
    for (const each of Array.isArray(kept) ? kept : []) {
      if (Array.isArray(each) && typeof each[0] === "string" && typeof each[1]?.text === "string") {
        this.set(each[0], each[1]);
      }
    }
  }

  /** All of them, to be kept. */
  list(): (readonly [name: string, draft: Draft])[] {
    return [...this.#drafts];
  }

  get(name: string): Draft {
    return this.#drafts.get(casefold(name)) ?? NOTHING;
  }

  /** Whether text is typed for the conversation `name`. */
  has(name: string): boolean {
    return this.get(name).text.trim() !== "";
  }

  set(name: string, { text, replyTo, replaces }: Draft): void {
    const folded = casefold(name);
    this.#drafts.delete(folded);
    if (text === "" && replyTo === undefined && replaces === undefined) return;
    this.#drafts.set(folded, { text: text.slice(0, MAX_DRAFT_LENGTH), replyTo, replaces });
    if (this.#drafts.size > MAX_DRAFTS) this.#drafts.delete(this.#drafts.keys().next().value!);
  }

  /** The conversation `from` is called `to` now. */
  rename(from: string, to: string): void {
    const draft = this.get(from);
    this.#drafts.delete(casefold(from));
    if (draft !== NOTHING) this.set(to, draft);
  }
}
