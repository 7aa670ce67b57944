/** The form of a row of docs/limits.md. */

export interface Limit {
  /** The bounded thing, its first column. `{NAME}` stands for the value of a constant, here as in the next two. */
  readonly what: string;
  /** The bound, its second column. */
  readonly bound: string;
  /** What happens beyond the bound, its third column. */
  readonly beyond: string;
  /** The flag of `serve` that changes the bound. */
  readonly flag?: string;
  /**
   * Files of the project, each with the constants in it that make the bound; the end of a constant's name is its
   * unit (constants.ts). `NAME.member` is a member of an object.
   */
  readonly constants?: Readonly<Record<string, readonly string[]>>;
  /** Where the bound is no constant: files of the project, each with the text that sets it. */
  readonly source?: Readonly<Record<string, string>>;
  /** Tests that fail if the bound does not hold: `<file below tests/>: <name, or a part of it>`. */
  readonly shownBy?: readonly string[];
  /** Why no test can show it. */
  readonly unseen?: string;
}

/** A part of the page. */
export interface Section {
  readonly title: string;
  /** What a reader needs to know before the table. */
  readonly note?: string;
  readonly limits: readonly Limit[];
}

/** The test called `name` in hub_test.ts. */
export function hub(name: string): string {
  return `limits/hub_test.ts: ${name}`;
}
