/** The documentation as its tests read it: pages, their tables, links and prose. */

export const ROOT = new URL("../../", import.meta.url);

export function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

/** Files below `folder` (which ends in `/`) whose names end in `extension`. */
export function* filesBelow(folder: string, extension: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, ROOT))) {
    if (isDirectory) yield* filesBelow(`${folder}${name}/`, extension);
    else if (name.endsWith(extension)) yield `${folder}${name}`;
  }
}

/** All pages, README.md and its like first. */
export function pagePaths(): string[] {
  const atRoot = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md"];
  return [...atRoot, ...[...filesBelow("docs/", ".md")].sort()];
}

/** Lines of a page that are not within a code block (fenced or indented), by their number from 1. */
export function* proseLines(page: string): Generator<[line: string, number: number]> {
  let isFenced = false;
  for (const [index, line] of page.split("\n").entries()) {
    if (/^\s*```/.test(line)) isFenced = !isFenced;
    else if (!isFenced && !/^ {4}(?!\S* ?[-*] )/.test(line)) yield [line, index + 1];
  }
}

/** Cells of a row of a table; a `|` within a cell is written `\|`. */
function cellsOf(row: string): string[] {
  return row.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

/** First cells of the rows of all tables of a page whose first column is called `heading`. */
export function firstCells(page: string, heading: string): string[] {
  const cells: string[] = [];
  let isIn = false;
  for (const line of page.split("\n")) {
    const [first] = line.startsWith("|") ? cellsOf(line) : [];
    if (first === undefined) isIn = false;
    else if (first === heading) isIn = true;
    else if (isIn && !/^-+$/.test(first)) cells.push(first);
  }
  return cells;
}

/** Words between backquotes. */
export function codeWords(text: string): string[] {
  return Array.from(text.matchAll(/`([^`\n]+)`/g), ([, words = ""]) => words);
}

/** A page as one line, so that a sentence can be looked for in it. */
export function inOneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}
