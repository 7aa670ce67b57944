/**
 * Measures the structure of the program (main.ts, commands, lib) and holds it against its bounds: `deno task house`, or
 * `deno task house FOLDER…` for some folders only. Exit code 1 where a bound does not hold: a circle of files, an import upwards, or a
 * folder, file or function that is too long.
 */
import { circlesOf } from "./circles.ts";
import type { Circle } from "./circles.ts";
import { importFault } from "./layers.ts";
import type { Subfolders } from "./layers.ts";
import { parseSource } from "./source.ts";
import type { SourceFile, SourceFunction } from "./source.ts";

/** Files directly in one folder. */
export const MAX_FOLDER_FILES = 20;
export const MAX_FILE_LINES = 350;
export const MAX_FUNCTION_LINES = 70;

/** Of a list that is within its bound, the report shows so many rows. */
const ROWS_SHOWN = 5;

const ROOTS = ["main.ts", "commands", "lib"];

export interface House {
  readonly files: number;
  readonly circles: readonly Circle[];
  /** An import upwards, and why it is one. */
  readonly upward: readonly { readonly from: string; readonly to: string; readonly why: string }[];
  /** The largest first, like the two lists below. */
  readonly folders: readonly { readonly path: string; readonly files: number }[];
  readonly longestFiles: readonly SourceFile[];
  readonly longestFunctions: readonly SourceFunction[];
}

/** Measures the sources, by project path. `subfolders` replaces the project's own table. */
export function measure(texts: ReadonlyMap<string, string>, subfolders?: Subfolders): House {
  const sources = Array.from(texts, ([path, text]) => parseSource(path, text));
  return {
    files: sources.length,
    circles: circlesOf(new Map(sources.map(({ path, imports }) => [path, imports]))),
    upward: sources.flatMap(({ path: from, imports }) =>
      imports.flatMap((to) => {
        const why = importFault(from, to, subfolders);
        return why === undefined ? [] : { from, to, why };
      })
    ),
    folders: foldersOf(sources),
    longestFiles: sources.sort((a, b) => b.lines - a.lines),
    longestFunctions: sources.flatMap(({ functions }) => functions).sort((a, b) => b.lines - a.lines),
  };
}

/** What `house` says of `folders` and of what is in them. */
export function within(house: House, folders: readonly string[]): House {
  const isIn = (path: string) => folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
  const longestFiles = house.longestFiles.filter(({ path }) => isIn(path));
  return {
    files: longestFiles.length,
    circles: house.circles.filter(({ files }) => files.some(isIn)),
    upward: house.upward.filter(({ from }) => isIn(from)),
    folders: house.folders.filter(({ path }) => isIn(path)),
    longestFiles,
    longestFunctions: house.longestFunctions.filter(({ path }) => isIn(path)),
  };
}

function foldersOf(sources: readonly SourceFile[]): { path: string; files: number }[] {
  const counts = new Map<string, number>();
  for (const { path } of sources) {
    const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ".";
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return Array.from(counts, ([path, files]) => ({ path, files })).sort((a, b) => b.files - a.files);
}

/** The report on `house`, line by line, and whether all bounds hold. */
export function report(house: House): { lines: string[]; holds: boolean } {
  const { files, circles, upward, folders, longestFiles, longestFunctions } = house;
  const sections = [
    none("circles of files", circles.map(circleText)),
    none("imports upwards", upward.map(({ from, to, why }) => `${from} -> ${to}: ${why}`)),
    bounded("files in a folder", MAX_FOLDER_FILES, folders.map(({ path, files }) => [files, path])),
    bounded("lines of a file", MAX_FILE_LINES, longestFiles.map(({ path, lines }) => [lines, path])),
    bounded(
      "lines of a function",
      MAX_FUNCTION_LINES,
      longestFunctions.map(({ path, name, line, lines }) => [lines, `${path}:${line} ${name}`]),
    ),
  ];
  return {
    lines: [`${files} files`, ...sections.flatMap(({ lines }) => lines)],
    holds: sections.every(({ holds }) => holds),
  };
}

interface Section {
  readonly lines: readonly string[];
  readonly holds: boolean;
}

function none(title: string, faults: readonly string[]): Section {
  const lines = [`${title}: ${faults.length} (none allowed)`, ...faults.map((fault) => `  FAULT ${fault}`)];
  return { lines, holds: faults.length === 0 };
}

/** `rows`: the largest first. */
function bounded(title: string, max: number, rows: readonly (readonly [number, string])[]): Section {
  const over = rows.filter(([count]) => count > max).length;
  const shown = rows.slice(0, Math.max(over, ROWS_SHOWN)).map(([count, name]) =>
    `  ${count > max ? "FAULT " : ""}${count} ${name}`
  );
  return { lines: [`${title}: at most ${rows[0]?.[0] ?? 0} (${max} allowed)`, ...shown], holds: over === 0 };
}

function circleText({ files, shortest }: Circle): string {
  return `${files.length} files of ${commonFolder(files)}, as in ${shortest.join(" -> ")}`;
}

/** The deepest folder that holds all of `files`. */
function commonFolder(files: readonly string[]): string {
  let folder = files[0]!.split("/").slice(0, -1);
  for (const file of files) {
    const segments = file.split("/");
    const differs = folder.findIndex((segment, at) => segment !== segments[at]);
    if (differs >= 0) folder = folder.slice(0, differs);
  }
  return folder.join("/") || ".";
}

/** Texts of the program's sources below the folder `root`, by project path. */
export function readSources(root: string): Map<string, string> {
  const texts = new Map<string, string>();
  const read = (path: string) => {
    if (/\.tsx?$/.test(path)) return void texts.set(path, Deno.readTextFileSync(`${root}/${path}`));
    if (!Deno.statSync(`${root}/${path}`).isDirectory) return;
    const names = Array.from(Deno.readDirSync(`${root}/${path}`), ({ name }) => name).sort();
    for (const name of names) read(`${path}/${name}`);
  };
  for (const path of ROOTS) read(path);
  return texts;
}

if (import.meta.main) {
  const house = measure(readSources(`${import.meta.dirname}/../..`));
  const folders = Deno.args.map((folder) => folder.replace(/\/+$/, ""));
  const { lines, holds } = report(folders.length === 0 ? house : within(house, folders));
  console.log(lines.join("\n"));
  if (!holds) Deno.exitCode = 1;
}
