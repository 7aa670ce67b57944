/** Output by a template: a line for each JSON object that a command would print, with its members at `{{name}}`. */
import { toPrintable } from "../base/printable_text.ts";

const PLACE = /\{\{\s*([^{}]*?)\s*\}\}/g;
const ESCAPES: Readonly<Record<string, string>> = { "\\n": "\n", "\\t": "\t", "\\\\": "\\" };

export class OutputTemplate {
  /** Texts, and between them names of members. */
  readonly #parts: readonly string[];

  private constructor(parts: readonly string[]) {
    this.#parts = parts;
  }

  /**
   * Reads a template, in which `\n`, `\t` and `\\` stand for a line end, a tab and a backslash. A text: what is wrong with
   * it; `names`: the members that there are.
   */
  static parse(template: string, names: readonly string[]): OutputTemplate | string {
    const parts = template.split(PLACE);
    const unknown = parts.find((name, nth) => nth % 2 === 1 && !names.includes(name));
    if (unknown !== undefined) return `there is no {{${unknown}}}; there are ${names.join(", ")}`;
    if (parts.length === 1) return `it has no {{…}}; there are ${names.join(", ")}`;
    const unescape = (text: string) => text.replace(/\\[nt\\]/g, (escape) => ESCAPES[escape]!);
    return new OutputTemplate(parts.map((part, nth) => nth % 2 === 1 ? part : unescape(part)));
  }

  /**
   * `record` as a line, with its line end. A member that is null or missing is empty. Of values, line ends are `\n` and tabs
   * `\t`, and other characters that could act on a terminal are made visible.
   */
  format(record: Readonly<Record<string, unknown>>): string {
    return this.#parts.map((part, nth) => nth % 2 === 1 ? formatValue(record[part]) : part).join("") + "\n";
  }
}

function formatValue(value: unknown): string {
  if (value === undefined || value === null) return "";
  const text = typeof value === "string"
    ? value
    : typeof value === "object"
    ? JSON.stringify(value)
    : String(value);
  return text.split("\n").map((line) => line.split("\t").map(toPrintable).join("\\t")).join("\\n");
}
