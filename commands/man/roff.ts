/** Text in the language of manual pages, man(7), as groff and mandoc read it. */
import { wrapText } from "../../lib/cli/flags/help_layout.ts";

/** Characters that roff takes for something else, or prints as another one. */
const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\e",
  "-": "\\-",
  "'": "\\(aq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
};

/** Longest line of prose in a page: roff sets it anew, but people and mandoc prefer short ones. */
const PROSE_COLUMNS = 80;

/** `text` as it is to be read, in one line. Characters beyond ASCII are named by their code points. */
export function escapeRoff(text: string): string {
  const escaped = text.replace(/[\\'`^~-]/g, (char) => ESCAPES[char]!)
    .replace(
      /[^\x20-\x7e]/gu,
      (char) => `\\[u${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`,
    );
  return protectDot(escaped);
}

/** A line that begins with a dot would be a request. */
function protectDot(line: string): string {
  return line.startsWith(".") ? `\\&${line}` : line;
}

/** `text` in lines. */
export function prose(text: string): string {
  return wrapText(escapeRoff(text), PROSE_COLUMNS).map((line) => `${protectDot(line)}\n`).join("");
}

export function bold(text: string): string {
  return `\\fB${escapeRoff(text)}\\fR`;
}

/** A macro's argument that may have blanks. */
export function quoteArgument(text: string): string {
  return `"${escapeRoff(text).replaceAll('"', "\\(dq")}"`;
}

export function heading(text: string): string {
  return `.SH ${quoteArgument(text.toUpperCase())}\n`;
}

export function subheading(text: string): string {
  return `.SS ${quoteArgument(text)}\n`;
}

/** Paragraphs below a heading. */
export function paragraphs(texts: readonly string[]): string {
  return texts.map(prose).join(".PP\n");
}

/** A term, already in roff, and what is said of it, further in. */
export function item(term: string, text: string): string {
  return `.TP\n${term}\n${prose(text)}`;
}

/** `NAME` and `[NAME]` of a synopsis or a flag are in italics, all else is bold. */
export function formatSynopsis(text: string): string {
  return text.split(/([A-Z][A-Z0-9]*)/).filter((part) => part !== "").map((part) =>
    /^[A-Z]/.test(part) ? `\\fI${escapeRoff(part)}\\fR` : bold(part)
  ).join("");
}
