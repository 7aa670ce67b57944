/** A command behind a slash: how it is used, and how what follows it is read. */

/** What is not everybody's every day has a help of its own. */
export const HELP_TOPICS = ["room", "server"] as const;

export type HelpTopic = (typeof HELP_TOPICS)[number];

export interface SlashCommand<Parsed> {
  /** As in the help, behind the name. */
  readonly usage: string;
  readonly summary: string;
  /** Left out: it is in the help that comes first. */
  readonly topic?: HelpTopic;
  /** Undefined: wrongly used. */
  parse(rest: string): Parsed | undefined;
}
