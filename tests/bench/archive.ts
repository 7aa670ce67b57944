/**
 * `deno task bench:archive`: writes a large archive and asks it, by the server's own code. tests/bench/README.md says how to
 * read it.
 */
import { type FlagTable, type FlagValues, parseFlags } from "../../lib/cli/flags/flags.ts";
import { formatTable } from "../../lib/cli/table.ts";
import { formatSize } from "../../lib/base/values/size.ts";
import { ArchiveWriter } from "../../lib/store/archive/archive_writer.ts";
import { searchableTextIn } from "../../lib/hub/history/archive_changes.ts";
import { LOG_ID } from "./archive/chat_generator.ts";
import { fillArchive, type FillFigures } from "./archive/fill.ts";
import { MeasuredArchive, type QueryFigures } from "./archive/measure.ts";
import { type PlainFigures, PlainTable } from "./archive/plain_table.ts";
import { PAGES, SEARCHES } from "./archive/queries.ts";
import { type ArchiveSizes, measureSizes } from "./archive/sizes.ts";
import { short } from "./compare/report.ts";
import { formatFlagHelp } from "./flag_help.ts";

const FLAGS = {
  messages: { type: "integer", value: "N", default: "10000000", min: 1000, help: "messages in the archive" },
  seed: { type: "integer", value: "N", default: "1", help: "another seed, another chat" },
  queries: { type: "integer", value: "N", default: "100", min: 1, help: "queries of each kind" },
  peer: {
    type: "integer",
    value: "N",
    default: "5",
    help: "searches of each kind in a plain table; 0: none",
  },
  dir: {
    type: "string",
    value: "DIR",
    help: "where the archive is written, and stays (default: a temporary folder)",
  },
  json: { type: "string", value: "FILE", help: "all figures, for other programs" },
} as const satisfies FlagTable;

const HELP = [
  "Writes an archive with a generated chat and measures it: writing, size, pages, searches.\n",
  "Usage:\n  deno task bench:archive [FLAGS]\n",
  formatFlagHelp(FLAGS),
].join("\n");

/** Messages between two lines of progress. */
const PROGRESS_MESSAGES = 500_000;

interface Figures {
  readonly fill: FillFigures;
  readonly sizes: ArchiveSizes;
  readonly openToWriteMs: number;
  readonly openToReadMs: number;
  readonly pages: readonly QueryFigures[];
  readonly searches: readonly QueryFigures[];
  readonly plain: readonly PlainFigures[];
}

function tell(line: string): void {
  console.error(`# ${line}`);
}

async function measure(
  dir: string,
  { messages, seed, queries, peer }: FlagValues<typeof FLAGS>,
): Promise<Figures> {
  const path = `${dir}/archive.sqlite`;
  let told = 0;
  const fill = fillArchive(path, seed, messages, (made) => {
    if (made < told + PROGRESS_MESSAGES) return;
    told = made;
    tell(`${made.toLocaleString("en")} messages`);
  });
  const openToWriteMs = timeOpening(path);
  const sizes = measureSizes(path);
  const archive = new MeasuredArchive(path);
  tell("pages and searches");
  const pages = await archive.measure(PAGES, queries, seed);
  const searches = await archive.measure(SEARCHES, queries, seed);
  let plain: PlainFigures[] = [];
  if (peer > 0) {
    tell("the same in a plain table");
    const table = PlainTable.create(`${dir}/plain.sqlite`, path);
    plain = table.measure(SEARCHES, peer, seed, archive.range);
    table.close();
  }
  archive.close();
  return { fill, sizes, openToWriteMs, openToReadMs: archive.openMs, pages, searches, plain };
}

function timeOpening(path: string): number {
  const began = performance.now();
  const writer = new ArchiveWriter(path, { logId: LOG_ID, readSearchable: searchableTextIn });
  const tookMs = performance.now() - began;
  writer.close();
  return tookMs;
}

async function report({ fill, sizes, openToWriteMs, openToReadMs, ...queries }: Figures): Promise<string> {
  const { messages, records, archivingS, archivingCpuS, payloadBytes } = fill;
  const perMessage = (bytes: number) => `${Math.round(bytes / messages)} bytes a message`;
  const rows = [
    ["records", `${records.toLocaleString("en")}, ${messages.toLocaleString("en")} of them messages`],
    [
      "written",
      `${short(records / archivingS)} records/s, ${short(archivingCpuS / records * 1e6)} µs of CPU each`,
    ],
    ["size", `${formatSize(sizes.totalBytes)}, ${perMessage(sizes.totalBytes)}`],
    ["  records", `${perMessage(sizes.recordBytes)}, payloads ${perMessage(payloadBytes)}`],
    ["  entries", perMessage(sizes.entryBytes)],
    ["  index", perMessage(sizes.indexBytes)],
    ["opened", `in ${short(openToWriteMs)} ms to write, in ${short(openToReadMs)} ms to read`],
  ];
  const heading = ["query", "p50 ms", "p99 ms", "max ms", "found", "incomplete", "LIKE p50 ms", "LIKE / p50"];
  return await table(["", ""], rows) + "\n" +
    await table(
      heading,
      [...queries.pages, ...queries.searches].map((each) => queryRow(each, queries.plain)),
    );
}

function queryRow(figures: QueryFigures, plain: readonly PlainFigures[]): string[] {
  const { title, queries, p50Ms, p99Ms, maxMs, found, incomplete } = figures;
  const peer = plain.find((each) => each.title === title)?.p50Ms;
  const ms = [p50Ms, p99Ms, maxMs].map((value) => short(value!));
  const share = incomplete === 0 ? "" : `${Math.round(incomplete / queries * 100)} %`;
  const compared = peer === undefined ? [] : [short(peer), short(peer / p50Ms!)];
  return [title, ...ms, short(found), share, ...compared];
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): Promise<string> {
  return formatTable(heading, rows.map((row) => row.map((text) => ({ text }))), (text) => text);
}

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(FLAGS, args);
  if (parsed.kind === "help") {
    console.log(HELP);
    return 0;
  }
  if (parsed.kind === "usage" || parsed.args.length > 0) {
    console.error(`bench:archive: ${parsed.kind === "usage" ? parsed.text : `unexpected ${parsed.args[0]}`}`);
    return 64;
  }
  const { flags } = parsed;
  const dir = flags.dir ?? await Deno.makeTempDir({ prefix: "chatterbox-archive-" });
  try {
    await Deno.mkdir(dir, { recursive: true });
    const figures = await measure(dir, flags);
    console.log(await report(figures));
    if (flags.json !== undefined) await Deno.writeTextFile(flags.json, JSON.stringify(figures) + "\n");
    return 0;
  } finally {
    if (flags.dir === undefined) await Deno.remove(dir, { recursive: true });
  }
}

Deno.exitCode = await main(Deno.args);
