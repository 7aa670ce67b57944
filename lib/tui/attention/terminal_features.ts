/**
 * What a terminal can do to draw attention. No terminal can be asked, so the environment decides, in this order:
 *
 * | environment                                           | title | notification        |
 * | ----------------------------------------------------- | ----- | ------------------- |
 * | TERM unset, dumb, linux, cons25, wsvt25, vt52 … vt220 | no    | no                  |
 * | TMUX; TERM=tmux…, screen…                             | yes   | no                  |
 * | TERM=xterm-kitty                                      | yes   | OSC 99              |
 * | TERM=xterm-ghostty, foot…, rxvt-unicode…, wezterm     | yes   | OSC 777             |
 * | TERM_PROGRAM=ghostty, WezTerm                         | yes   | OSC 777             |
 * | TERM_PROGRAM=iTerm.app                                | yes   | OSC 9               |
 * | KITTY_WINDOW_ID, without TERM_PROGRAM                 | yes   | OSC 99              |
 * | anything else                                         | yes   | no                  |
 *
 * A program started in tmux has the variables of the terminal that once started tmux, which may not be the one that
 * shows it now: its passthrough could send a sequence to a terminal that does not know it. Pure.
 */

/**
 * "osc9": iTerm2's (https://iterm2.com/documentation-escape-codes.html), one text. "osc99": kitty's
 * (https://sw.kovidgoyal.net/kitty/desktop-notifications/). "osc777": rxvt-unicode's, a title and a text.
 */
export type NotificationSequence = "osc9" | "osc99" | "osc777";

export interface TerminalFeatures {
  /** It has a title that OSC 0 sets. */
  readonly hasTitle: boolean;
  /** The sequence that shows a notification of the desktop; undefined: none is known. */
  readonly notification: NotificationSequence | undefined;
}

export const NO_FEATURES: TerminalFeatures = { hasTitle: false, notification: undefined };

/** Consoles, which would show a sequence that they do not know, and terminals without a title. */
const WITHOUT_TITLE = /^(?:dumb|linux|cons25|wsvt25|vt52|vt1\d\d|vt2\d\d)(?:-|$)/;
const MULTIPLEXER = /^(?:tmux|screen)(?:-|\.|$)/;

const SEQUENCE_BY_TERM: readonly (readonly [term: RegExp, sequence: NotificationSequence])[] = [
  [/^xterm-kitty$/, "osc99"],
  [/^(?:xterm-ghostty|wezterm|(?:foot|rxvt-unicode)(?:-.*)?)$/, "osc777"],
];

const SEQUENCE_BY_PROGRAM: Readonly<Record<string, NotificationSequence>> = {
  "ghostty": "osc777",
  "WezTerm": "osc777",
  "iTerm.app": "osc9",
};

/** `env`: the value of an environment variable; undefined: it is unset or empty. */
export function detectFeatures(env: (name: string) => string | undefined): TerminalFeatures {
  const term = env("TERM");
  if (term === undefined || WITHOUT_TITLE.test(term)) return NO_FEATURES;
  return { hasTitle: true, notification: findSequence(term, env) };
}

function findSequence(
  term: string,
  env: (name: string) => string | undefined,
): NotificationSequence | undefined {
  if (env("TMUX") !== undefined || MULTIPLEXER.test(term)) return undefined;
  const known = SEQUENCE_BY_TERM.find(([pattern]) => pattern.test(term));
  if (known !== undefined) return known[1];
  const program = env("TERM_PROGRAM");
  if (program !== undefined) {
    return Object.hasOwn(SEQUENCE_BY_PROGRAM, program) ? SEQUENCE_BY_PROGRAM[program] : undefined;
  }
  return env("KITTY_WINDOW_ID") === undefined ? undefined : "osc99";
}
