/** What people choose about their chat at a terminal (`/set`): the table of settings, and the values in force. Pure. */

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

/** In alphabetical order, which is that of the list. */
export const CHAT_SETTINGS = {
  align: number({ word: "off", least: 4, most: 30, initial: "off" }, "columns of names, so that texts align"),
  presence: choice(["folded", "all", "off"], "who comes and leaves"),
  times: choice(["minute", "all", "off"], "which lines have their time"),
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

export function findSetting(name: string): ChatSettingName | undefined {
  return CHAT_SETTING_NAMES.find((known) => known === name.toLowerCase());
}

export class ChatSettings {
  readonly #chosen = new Map<ChatSettingName, string>();

  get<Name extends ChatSettingName>(name: Name): ValueOf<Name> {
    const value = this.#chosen.get(name) ?? CHAT_SETTINGS[name].initial;
    return value as ValueOf<Name>; // what `parse` of this setting has returned
  }

  /** Puts the value that `text` stands for in force; false: it stands for none, and nothing changes. */
  choose(name: ChatSettingName, text: string): boolean {
    const value = CHAT_SETTINGS[name].parse(text);
    if (value !== undefined) this.#chosen.set(name, value);
    return value !== undefined;
  }

  /** What was chosen, to be kept. */
  get chosen(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#chosen);
  }
}
