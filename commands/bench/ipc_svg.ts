/** The chart of `bench ipc` as a picture: throughput of each way over the size of the records, both logarithmic. */
import { formatSize } from "../../lib/base/values/size.ts";
import type { WayFigures } from "../../lib/bench/ipc/ipc_run.ts";
import { formatFigure } from "./figure_text.ts";

const WIDTH = 720, HEIGHT = 420;
const LEFT = 70, RIGHT = 150, TOP = 40, BOTTOM = 50;
const LEGEND_LINE = 18;
/** Colours that people with a colour deficiency tell apart (Okabe and Ito); then the same ones, dashed. */
const COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

interface Range {
  readonly low: number;
  readonly high: number;
}

export function formatIpcSvg(figures: readonly WayFigures[]): string {
  const points = figures.flatMap(({ sizes }) => sizes);
  const sizes = [...new Set(points.map(({ sizeBytes }) => sizeBytes))].sort((a, b) => a - b);
  const xs = rangeOf(sizes);
  const ys = decades(points.map(({ recordsPerS }) => recordsPerS));
  const x = (size: number) => place(size, xs, LEFT, WIDTH - RIGHT);
  const y = (rate: number) => place(rate, ys, HEIGHT - BOTTOM, TOP);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(LEFT, 20, "Records a second, by size of the record (both axes logarithmic)"),
    ...sizes.map((size) => gridLine(x(size), TOP, x(size), HEIGHT - BOTTOM)),
    ...sizes.map((size) => text(x(size), HEIGHT - BOTTOM + 18, formatSize(size), "middle")),
    ...decadesIn(ys).map((rate) => gridLine(LEFT, y(rate), WIDTH - RIGHT, y(rate))),
    ...decadesIn(ys).map((rate) => text(LEFT - 6, y(rate) + 4, formatFigure(rate), "end")),
    ...figures.map(({ sizes: own }, nth) =>
      line(own.map(({ sizeBytes, recordsPerS }) => `${round(x(sizeBytes))},${round(y(recordsPerS))}`), nth)
    ),
    ...figures.flatMap(({ way }, nth) => legend(way.name, nth)),
    "</svg>\n",
  ].join("\n");
}

function rangeOf(values: readonly number[]): Range {
  return { low: Math.min(...values), high: Math.max(...values) };
}

/** From the power of ten below all values to the one above them. */
function decades(values: readonly number[]): Range {
  const { low, high } = rangeOf(values);
  return { low: 10 ** Math.floor(Math.log10(low)), high: 10 ** Math.ceil(Math.log10(high)) };
}

function decadesIn({ low, high }: Range): number[] {
  const count = Math.round(Math.log10(high / low));
  return Array.from({ length: count + 1 }, (_, nth) => low * 10 ** nth);
}

/** Where `value` lies between `start` and `end` on a logarithmic scale. */
function place(value: number, { low, high }: Range, start: number, end: number): number {
  if (low === high) return (start + end) / 2;
  return start + (end - start) * Math.log(value / low) / Math.log(high / low);
}

function line(points: readonly string[], nth: number): string {
  const dots = points.map((point) => {
    const [cx, cy] = point.split(",");
    return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colorOf(nth)}"/>`;
  });
  return `<polyline fill="none" ${strokeOf(nth)} points="${points.join(" ")}"/>${dots.join("")}`;
}

function legend(name: string, nth: number): string[] {
  const left = WIDTH - RIGHT + 12;
  const top = TOP + 10 + nth * LEGEND_LINE;
  return [
    `<line x1="${left}" y1="${top}" x2="${left + 24}" y2="${top}" ${strokeOf(nth)}/>`,
    text(left + 30, top + 4, name),
  ];
}

function strokeOf(nth: number): string {
  const dash = nth < COLORS.length ? "" : ` stroke-dasharray="5 3"`;
  return `stroke="${colorOf(nth)}" stroke-width="2"${dash}`;
}

function colorOf(nth: number): string {
  return COLORS[nth % COLORS.length]!;
}

function gridLine(x1: number, y1: number, x2: number, y2: number): string {
  const at = [x1, y1, x2, y2].map(round);
  return `<line x1="${at[0]}" y1="${at[1]}" x2="${at[2]}" y2="${at[3]}" stroke="#dddddd"/>`;
}

/** The names and figures that are shown hold no character that XML would take for markup. */
function text(x: number, y: number, words: string, anchor: "start" | "middle" | "end" = "start"): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${words}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
