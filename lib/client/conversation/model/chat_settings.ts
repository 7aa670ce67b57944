/** What people choose about their chat at a terminal (`/set`): the table of settings, and the values in force. Pure. */
import { toPrintable } from "../../../base/printable_text.ts";

/** One setting. Its values are texts, as they are typed and kept. */
export interface ChatSetting<Value extends string = string> {
  /** The values as the help shows them. */
  readonly usage: string;
  readonly initial: Value;
  /** So short that its line in the list of `/set` fits 80 columns. */
  readonly summary: string;
  /** The value that `text` stands for; undefined: none. */
  parse(text: string): Value | undefined;
}

/** Most words of the setting `highlight`. */
const MAX_HIGHLIGHT_WORDS = 20;
/** Longest of them, in UTF-16 code units: that of a nick on most servers, and more. */
const MAX_HIGHLIGHT_UNITS = 50;
/** Stands for no words. */
const NO_WORDS = "off";

/** In alphabetical order, which is that of the list. */
export const CHAT_SETTINGS = {
  align: number({ word: "off", least: 4, most: 30, initial: "off" }, "columns of names, so that texts align"),
  bell: choice(["off", "on"], "rings for mentions and direct messages"),
  highlight: {
    usage: "off|WORD,WORD…",
    initial: NO_WORDS,
    summary: `up to ${MAX_HIGHLIGHT_WORDS} words that mention you`,
    parse: parseWords,
  } satisfies ChatSetting as ChatSetting,
  notify: choice(["auto", "off"], "notifications of the desktop"),
  presence: choice(["folded", "all", "off"], "who comes and leaves"),
  stream: choice(["view", "all"], "messages of the current view, or of all"),
  times: choice(["minute", "all", "off"], "which lines have their time"),
  title: choice(["on", "off"], "the room in the title of the terminal"),
  typing: choice(["on", "off"], "who is typing, and telling that you are"),
  width: number({ word: "full", least: 60, most: 400, initial: "100" }, "columns of text"),
} as const satisfies Record<string, ChatSetting>;

export type ChatSettingName = keyof typeof CHAT_SETTINGS;

type ValueOf<Name extends ChatSettingName> = (typeof CHAT_SETTINGS)[Name]["initial"];

/** In the order of the table. */
export const CHAT_SETTING_NAMES = Object.keys(CHAT_SETTINGS) as readonly ChatSettingName[];

/** A setting with these values; the first one is in force until another one is chosen. */
function choice<const Values extends readonly [string, ...string[]]>(
  values: Values,
  summary: string,
): ChatSetting<Values[number]> {
  return {
    usage: values.join("|"),
    initial: values[0],
    summary,
    parse: (text) => values.find((value) => value === text.toLowerCase()),
  };
}

/** A setting with a whole number from `least` to `most`, or `word`. */
function number(
  { word, least, most, initial }: { word: string; least: number; most: number; initial: string },
  summary: string,
): ChatSetting {
  return {
    usage: `${word}|${least}…${most}`,
    initial,
    summary,
    parse(text) {
      if (text.toLowerCase() === word) return word;
      const value = /^\d{1,4}$/.test(text) ? Number(text) : NaN;
      return value >= least && value <= most ? String(value) : undefined;
    },
  };
}

/** Words with commas between them; undefined: too many, too long, or not to be seen. */
function parseWords(text: string): string | undefined {
  const words = text.split(",").map((word) => word.trim()).filter((word) => word !== "");
  if (words.length === 0 || words.length > MAX_HIGHLIGHT_WORDS) return undefined;
  if (words.some((word) => word.length > MAX_HIGHLIGHT_UNITS || toPrintable(word) !== word)) return undefined;
  return words.length === 1 && words[0]!.toLowerCase() === NO_WORDS ? NO_WORDS : words.join(",");
}

export function findSetting(name: string): ChatSettingName | undefined {
  return CHAT_SETTING_NAMES.find((known) => known === name.toLowerCase());
}

export class ChatSettings {
  readonly #chosen = new Map<ChatSettingName, string>();
  /** What flags of the program have put in force: not kept. */
  readonly #flagged = new Map<ChatSettingName, string>();

  get<Name extends ChatSettingName>(name: Name): ValueOf<Name> {
    const value = this.#flagged.get(name) ?? this.#chosen.get(name) ?? CHAT_SETTINGS[name].initial;
    return value as ValueOf<Name>; // what `parse` of this setting has returned
  }

  /** Whether `value` was chosen, or is in force by a flag; not where it is only the initial one. */
  isChosen<Name extends ChatSettingName>(name: Name, value: ValueOf<Name>): boolean {
    return (this.#flagged.get(name) ?? this.#chosen.get(name)) === value;
  }

  /** The words that are mentions, besides our nick. */
  get highlights(): readonly string[] {
    const words = this.get("highlight");
    return words === NO_WORDS ? [] : words.split(",");
  }

  /** Puts `value` in force until another one is chosen. It is not among {@link chosen}. */
  setForRun<Name extends ChatSettingName>(name: Name, value: ValueOf<Name>): void {
    this.#flagged.set(name, value);
  }

  /** Puts the value that `text` stands for in force; false: it stands for none, and nothing changes. */
  choose(name: ChatSettingName, text: string): boolean {
    const value = CHAT_SETTINGS[name].parse(text);
    if (value === undefined) return false;
    this.#flagged.delete(name);
    this.#chosen.set(name, value);
    return true;
  }

  /** What was chosen, to be kept. */
  get chosen(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#chosen);
  }
}
