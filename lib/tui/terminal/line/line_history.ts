/** The lines that were submitted, and the walk through them. Pure. */

/** Lines kept for the up-arrow and Ctrl-R, also on disk; the default of bash (HISTSIZE). */
export const MAX_HISTORY_LINES = 500;

/** A line of the history that was found. */
export interface FoundLine {
  readonly index: number;
  readonly text: string;
}

export class LineHistory {
  /** Oldest first. */
  readonly #lines: string[];
  /** Index of the line shown; the number of lines stands for the one that is being written. */
  #shown: number;
  /** What the person has made of the lines that they walked over, until a line is submitted. */
  readonly #edited = new Map<number, string>();

  /** `lines`: of earlier runs, the oldest first. */
  constructor(lines: readonly string[] = []) {
    this.#lines = lines.slice(-MAX_HISTORY_LINES);
    this.#shown = this.#lines.length;
  }

  /** A line is submitted: the walk ends. True: the line is new here. */
  add(line: string): boolean {
    const isNew = line.trim() !== "" && line !== this.#lines.at(-1);
    if (isNew) this.#lines.push(line);
    if (this.#lines.length > MAX_HISTORY_LINES) this.#lines.shift();
    this.endWalk();
    return isNew;
  }

  addAll(lines: readonly string[]): void {
    for (const line of lines) this.add(line);
  }

  /** Forgets what was made of lines on the way. */
  endWalk(): void {
    this.#edited.clear();
    this.#shown = this.#lines.length;
  }

  /** The line `steps` further; `text` is what the one shown has become. Undefined: there is none. */
  walk(text: string, steps: 1 | -1): string | undefined {
    return this.#show(this.#shown + steps, text);
  }

  /** Goes to the line `index`; `text` as in {@link walk}. */
  goTo(index: number, text: string): string | undefined {
    return this.#show(index, text);
  }

  /** The newest line before `before` that has `query`, in whatever case; undefined: none. `before` left out: of all. */
  find(query: string, before = this.#lines.length): FoundLine | undefined {
    const wanted = query.toLowerCase();
    for (let index = Math.min(before, this.#lines.length) - 1; index >= 0; index--) {
      const text = this.#lines[index]!;
      if (text.toLowerCase().includes(wanted)) return { index, text };
    }
    return undefined;
  }

  #show(index: number, text: string): string | undefined {
    if (index < 0 || index > this.#lines.length) return undefined;
    this.#edited.set(this.#shown, text);
    this.#shown = index;
    return this.#edited.get(index) ?? this.#lines[index] ?? "";
  }
}
