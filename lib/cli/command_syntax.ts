/**
 * The table of a command: its flags, its words, and what is said of them. Its help, its manual page and the completion
 * of shells are made of it.
 */

/**
 * How a flag's value is parsed: to milliseconds for `duration`, milliseconds since the epoch for `instant`,
 * bytes for `size`, a `Rate` for `rate`.
 */
export type FlagType = "boolean" | "string" | "integer" | "duration" | "instant" | "size" | "rate";

export interface Flag {
  readonly type: FlagType;
  /** One letter: `n` for `-n`. */
  readonly short?: string;
  /** Other long names for the same flag. */
  readonly aliases?: readonly string[];
  /** The flag may be given several times; its value is a list. */
  readonly repeatable?: true;
  /** Value if the flag is absent, as the user would write it. A repeatable flag has at most one. */
  readonly default?: string;
  /** Placeholder of the value in the help: `HOST:PORT`. */
  readonly value?: string;
  /** The only values allowed (for `string`). */
  readonly choices?: readonly string[];
  /** Smallest number allowed (for `integer`, `duration` and `size`); the default is 0. */
  readonly min?: number;
  /** Largest number allowed. */
  readonly max?: number;
  readonly help: string;
  /** Heading of its section in the help; default: "Flags". */
  readonly group?: string;
  /** What a shell offers for its value, where the type and the placeholder do not tell. */
  readonly completes?: Candidates;
}

export type FlagTable = Readonly<Record<string, Flag>>;

/**
 * What a shell looks up: people and rooms at the server, names with a key here, paths, the commands of the program.
 */
export type CandidateSource = "people" | "rooms" | "names" | "files" | "folders" | "commands";

/** What a shell offers for a word. */
export interface Candidates {
  /** Fixed words. */
  readonly words?: readonly string[];
  readonly sources?: readonly CandidateSource[];
}

/** A row of the help, in two columns. */
export type HelpRow = readonly [left: string, right: string];

/** What is said of a command. */
export interface CommandHelp {
  readonly name: string;
  readonly summary: string;
  /** The arguments after the name: `TARGET [TEXT…]`; a list if there are several forms. */
  readonly synopsis: string | readonly string[];
  /** What to type, and what it does; the most useful first. */
  readonly examples: readonly HelpRow[];
  readonly flags: FlagTable;
  /** What a shell offers for the words, one after the other; not in the help. */
  readonly operands?: readonly Candidates[];
  /** The last one of `operands` is that of all further words, too. */
  readonly lastOperandRepeats?: true;
  /** Sections of their own after the flags: heading and rows. */
  readonly sections?: readonly (readonly [heading: string, rows: readonly HelpRow[]])[];
  /** Paragraphs after the flags and sections; the help breaks their lines. */
  readonly notes?: readonly string[];
  /** The exit codes of the command and their meanings, at the end of the help. */
  readonly exitCodes?: readonly HelpRow[];
}
