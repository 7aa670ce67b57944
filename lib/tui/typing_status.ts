/** What a terminal tells of its person typing, and shows of other people: never what they type. Pure. */
import { countColumns } from "../base/text_width.ts";
import type { Chat } from "../client/conversation/chat.ts";
import { tellTyping } from "../client/conversation/view_actions.ts";
import { isChannelName } from "../irc/names/name_rules.ts";
import { cutToColumns } from "./view/rule.ts";

/** Shortest time between two changes of the prompt because of people who type: each of them moves the cursor. */
export const TYPING_PROMPT_INTERVAL_MS = 1_000;

/** Longest part of a name at the prompt, in characters. */
const MAX_NAME_CHARACTERS = 16;

/** What is typed for the people of the current conversation: text, or a command that sends it. */
const MESSAGE_PATTERN = /^(?:[^/]|\/\/|\/(?:me|reply)\s+\S)/i;

export class TypingStatus {
  readonly #chat: Chat;
  #line = "";
  /** While a line is typed: the view, and the columns of the note that stood in the prompt at its first key. */
  #frozen: { readonly view: string; readonly columns: number } | undefined;
  #shown = { view: undefined as string | undefined, text: "", at: -Infinity };

  constructor(chat: Chat) {
    this.#chat = chat;
  }

  /** The person has pressed a key; the line is `line` now. Tells the current conversation, unless that is off. */
  noteInput(line: string, now: number): void {
    const { views } = this.#chat;
    if (line === this.#line) return;
    this.#line = line;
    if (line === "") this.#frozen = undefined;
    else if (views.current !== undefined && this.#frozen?.view !== views.current) {
      this.#frozen = { view: views.current, columns: countColumns(formatNote(this.#shown.text)) };
    }
    if (!this.#isOn || views.current === undefined) return;
    if (isChannelName(views.current) && views.currentChannel === undefined) return; // we have left it
    const isMessage = line.trim() !== "" && MESSAGE_PATTERN.test(line);
    tellTyping(this.#chat, views.current, isMessage ? "active" : "done", now);
  }

  /** `alice is typing`, for the prompt; "": no other person is. It changes once a second at most. */
  describe(now: number): string {
    const { view, text, at } = this.#shown;
    const { current } = this.#chat.views;
    const next = this.#describeTyping(now);
    const isDue = view !== current || now - at >= TYPING_PROMPT_INTERVAL_MS || now < at;
    if (next !== text && isDue) this.#shown = { view: current, text: next, at: now };
    else if (view !== current) this.#shown = { ...this.#shown, view: current };
    return this.#shown.text;
  }

  /** `#dev (alice is typing)> `: `prompt` with the note, which keeps its width while a line is typed: that stays in its place. */
  addTo(prompt: string, now: number): string {
    const note = formatNote(this.describe(now));
    const frozen = this.#frozen?.view === this.#chat.views.current ? this.#frozen?.columns : undefined;
    return prompt.replace(/> $/, () => `${frozen === undefined ? note : fit(note, frozen)}> `);
  }

  /** Milliseconds until {@link describe} changes by itself; undefined: it does not. */
  nextChangeMs(now: number): number | undefined {
    const ends = this.#chat.typing.nextChangeMs(now);
    if (this.#describeTyping(now) === this.#shown.text) return ends;
    return Math.min(ends ?? Infinity, Math.max(0, this.#shown.at + TYPING_PROMPT_INTERVAL_MS - now));
  }

  get #isOn(): boolean {
    return this.#chat.settings?.get("typing") !== "off";
  }

  #describeTyping(now: number): string {
    const { views, typing, ignoreList } = this.#chat;
    if (!this.#isOn || views.current === undefined) return "";
    const [first, second, ...more] = typing.list(views.current, now).filter((nick) => !ignoreList.has(nick));
    if (first === undefined) return "";
    if (second === undefined) return `${shortenName(first)} is typing`;
    return more.length === 0
      ? `${shortenName(first)} and ${shortenName(second)} are typing`
      : `${more.length + 2} people are typing`;
  }
}

function formatNote(text: string): string {
  return text === "" ? "" : ` (${text})`;
}

/** `note` in exactly so many columns. */
function fit(note: string, columns: number): string {
  const shown = cutToColumns(note, columns);
  return shown + " ".repeat(columns - countColumns(shown));
}

function shortenName(nick: string): string {
  const characters = Array.from(nick);
  return characters.length <= MAX_NAME_CHARACTERS
    ? nick
    : characters.slice(0, MAX_NAME_CHARACTERS - 1).join("") + "…";
}
