/** What a person has chosen for the page in this browser. Pure. */

export interface Preferences {
  /** Notifications for messages that concern the person, where the browser permits them. */
  readonly notifies: boolean;
  /** A tone with each of them. */
  readonly plays: boolean;
  readonly theme: Theme;
  /** Enter sends; undefined: where there is a keyboard. */
  readonly enterSends: boolean | undefined;
}

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = typeof THEMES[number];

/** The preferences in `kept`, which comes from a disk; what is not valid there is as it is by default. */
export function readPreferences(kept: unknown): Preferences {
  const { notifies, plays, theme, enterSends } = Object(kept);
  return {
    notifies: notifies !== false,
    plays: plays === true,
    theme: THEMES.includes(theme) ? theme : "system",
    enterSends: typeof enterSends === "boolean" ? enterSends : undefined,
  };
}
