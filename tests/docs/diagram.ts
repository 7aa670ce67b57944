/**
 * A diagram of the documentation: text with box-drawing characters, made into SVG.
 *
 * The first line of the text is the title; the drawing follows after an empty line. Known are the light lines
 * `─│┌┐└┘├┤┬┴┼`, the dashed ones `╌╎` and the arrow heads `▶◀▲▼`. All other characters are text. The picture has a
 * background of its own and two sets of colours, so that it can be read on a light and on a dark page.
 */
import { assert } from "../../lib/base/assert.ts";

const CELL_WIDTH = 9, CELL_HEIGHT = 18, MARGIN = 12;
/** Glyphs of most monospaced fonts are 0.6 times as wide as the font is high. */
const FONT_PX = CELL_WIDTH / 0.6;

/** Sides of its cell that a line reaches from the middle. */
type Sides = Readonly<Partial<Record<"left" | "right" | "up" | "down", true>>>;

function sides(...names: (keyof Sides)[]): Sides {
  return Object.fromEntries(names.map((name) => [name, true]));
}

const SOLID: Readonly<Record<string, Sides>> = {
  "─": sides("left", "right"),
  "│": sides("up", "down"),
  "┌": sides("right", "down"),
  "┐": sides("left", "down"),
  "└": sides("right", "up"),
  "┘": sides("left", "up"),
  "├": sides("right", "up", "down"),
  "┤": sides("left", "up", "down"),
  "┬": sides("left", "right", "down"),
  "┴": sides("left", "right", "up"),
  "┼": sides("left", "right", "up", "down"),
  "▶": sides("left", "right"),
  "◀": sides("left", "right"),
  "▲": sides("up", "down"),
  "▼": sides("up", "down"),
};
const DASHED: Readonly<Record<string, Sides>> = {
  "╌": sides("left", "right"),
  "╎": sides("up", "down"),
};

/** Corners of the arrow heads, from the middle of the cell. They end before the middle of the next one. */
const ARROW_HEADS: Readonly<Record<string, string>> = {
  "▶": "m7 0l-8-4v8z",
  "◀": "m-7 0l8-4v8z",
  "▲": "m0-16l-4 8h8z",
  "▼": "m0 16l-4-8h8z",
};

/** The block "Box Drawing" of Unicode. */
const BOX_DRAWING = /[\u2500-\u257f]/;

const STYLE = [
  `text{font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:${FONT_PX}px;fill:#1f2328}`,
  ".page{fill:#ffffff}.line{fill:none;stroke:#57606a;stroke-width:1.5;stroke-linecap:square}",
  ".dashed{stroke-dasharray:4 4;stroke-linecap:butt}.head{fill:#57606a}",
  "@media (prefers-color-scheme:dark){text{fill:#e6edf3}.page{fill:#0d1117}.line{stroke:#9198a1}.head{fill:#9198a1}}",
].join("\n");

/** The picture of `source`. `path`: names it where it cannot be drawn. */
export function drawDiagram(path: string, source: string): string {
  const [title = "", empty, ...rows] = source.trimEnd().split("\n");
  assert(title !== "" && empty === "", `${path}: a title and an empty line come first`);
  const unknown = findUnknownLine(rows);
  assert(unknown === undefined, `${path}: the line ${unknown} is not known`);
  const width = Math.max(...rows.map((row) => row.length)) * CELL_WIDTH + 2 * MARGIN;
  const height = rows.length * CELL_HEIGHT + 2 * MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>\n${STYLE}\n</style>`,
    `<rect class="page" width="${width}" height="${height}" rx="6"/>`,
    `<path class="line" d="${linesOf(rows, SOLID)}"/>`,
    `<path class="line dashed" d="${linesOf(rows, DASHED)}"/>`,
    `<path class="head" d="${arrowHeadsOf(rows)}"/>`,
    ...rows.flatMap((row, y) => textsOf(row, y)),
    "</svg>\n",
  ].join("\n");
}

function findUnknownLine(rows: readonly string[]): string | undefined {
  return [...rows.join("")].find((char) => BOX_DRAWING.test(char) && !(char in SOLID) && !(char in DASHED));
}

/** Path of all lines of one kind: neighbouring cells have one line together, so that dashes are even. */
function linesOf(rows: readonly string[], kind: Readonly<Record<string, Sides>>): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const at = (x: number, y: number) => kind[rows[y]?.[x] ?? ""] ?? {};
  const across = rows.flatMap((_, y) =>
    stretches(columns, (x) => at(x, y).left, (x) => at(x, y).right)
      .map(([from, to]) => `M${xOf(from)} ${yOf(y + 0.5)}H${xOf(to)}`)
  );
  const down = Array.from(
    { length: columns },
    (_, x) =>
      stretches(rows.length, (y) => at(x, y).up, (y) => at(x, y).down)
        .map(([from, to]) => `M${xOf(x + 0.5)} ${yOf(from)}V${yOf(to)}`),
  ).flat();
  return [...across, ...down].join("");
}

/** Unbroken stretches of `count` cells in a row, in cells, where each may reach its start and its end. */
function stretches(
  count: number,
  reachesStart: (cell: number) => true | undefined,
  reachesEnd: (cell: number) => true | undefined,
): [from: number, to: number][] {
  const found: [from: number, to: number][] = [];
  const add = (from: number, to: number) => {
    const last = found.at(-1);
    if (last?.[1] === from) last[1] = to;
    else found.push([from, to]);
  };
  for (let cell = 0; cell < count; cell++) {
    if (reachesStart(cell)) add(cell, cell + 0.5);
    if (reachesEnd(cell)) add(cell + 0.5, cell + 1);
  }
  return found;
}

function arrowHeadsOf(rows: readonly string[]): string {
  return rows.flatMap((row, y) =>
    [...row].map((char, x) => {
      const corners = ARROW_HEADS[char];
      return corners === undefined ? "" : `M${xOf(x + 0.5)} ${yOf(y + 0.5)}${corners}`;
    })
  ).join("");
}

/** Words with single spaces between them are one text, as wide as its cells in any font. */
function textsOf(row: string, y: number): string[] {
  const words = row.replace(/[\u2500-\u257f▶◀▲▼]/g, " ");
  return Array.from(
    words.matchAll(/\S+(?: \S+)*/g),
    ({ 0: text, index }) =>
      `<text x="${xOf(index)}" y="${yOf(y + 0.72)}" textLength="${text.length * CELL_WIDTH}">${
        escapeXml(text)
      }</text>`,
  );
}

function xOf(cells: number): number {
  return MARGIN + cells * CELL_WIDTH;
}

function yOf(cells: number): number {
  return Math.round(MARGIN + cells * CELL_HEIGHT);
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
