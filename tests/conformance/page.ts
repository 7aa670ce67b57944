/** The page that says how far this server keeps to the specifications: made of the transcripts and of the code's own tables. */
import { VERBS } from "../../lib/hub/verbs/mod.ts";
import { CAPABILITIES } from "../../lib/irc/capabilities.ts";
import { TestHub } from "../support/hub.ts";
import { isHub, PLACES, placesOf } from "../transcripts/places.ts";
import type { PlaceName } from "../transcripts/places.ts";
import { parseTranscript } from "../transcripts/transcript.ts";
import type { Transcript } from "../transcripts/transcript.ts";
import { readQuote } from "./sources.ts";
import type { Source } from "./sources.ts";
import { UNSUPPORTED } from "./unsupported.ts";

/** A transcript under the name of its file, without `.txt`. */
export interface Named {
  readonly name: string;
  readonly transcript: Transcript;
}

const PROSE_COLUMNS = 80;

const FOLDER = new URL("../transcripts/", import.meta.url);

/** All transcripts, by their names. */
export function readTranscripts(): Named[] {
  const names = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).filter((name) => name.endsWith(".txt"));
  return names.sort().map((name) => ({
    name: name.slice(0, -".txt".length),
    transcript: parseTranscript(Deno.readTextFileSync(new URL(name, FOLDER))),
  }));
}

/** The whole page, in Markdown. */
export function conformancePage(transcripts: readonly Named[]): string {
  return [
    "# Conformance\n",
    "Made by `deno task conformance` from `tests/transcripts/` and the code's own\n" +
    "tables; not to be edited by hand.\n",
    inLines(
      "Each sentence is shown by a transcript: the lines that clients send, and every line that they get. " +
        `Transcripts run against ${
          list(PLACES)
        }. Those that move the clock or break connections run against the ` +
        "pure hub only.",
    ),
    ...sentences(transcripts),
    "## Capabilities\n",
    ...table(["Capability", "Value in CAP LS 302", "Specification"], capabilities()),
    "## ISUPPORT\n",
    ...table(["Token", "Value"], isupport()),
    "## Commands\n",
    ...table(["Command", "Parameters at least", "For", "Transcripts"], commands(transcripts)),
    "## Not supported, and why\n",
    ...table(["What", "Why"], UNSUPPORTED.map(({ what, why }) => [what, why])),
  ].join("\n");
}

/** `text` in lines of at most {@link PROSE_COLUMNS}. */
function inLines(text: string): string {
  let line = "";
  return text.split(" ").reduce((page, word) => {
    const fits = line !== "" && line.length + 1 + word.length <= PROSE_COLUMNS;
    line = fits ? `${line} ${word}` : word;
    return page + (page === "" ? "" : fits ? " " : "\n") + word;
  }, "") + "\n";
}

function sentences(transcripts: readonly Named[]): string[] {
  const groups = new Map<string, { source: Source; rows: string[][] }>();
  for (const { name, transcript } of transcripts) {
    const quote = readQuote(transcript.quote);
    if (quote === undefined) throw new Error(`${name}.txt: of which specification is its first line?`);
    const { source, text } = quote;
    const group = groups.get(source.title) ?? { source, rows: [] };
    groups.set(source.title, group);
    group.rows.push([text, `[${name}](../tests/transcripts/${name}.txt)`, where(placesOf(transcript))]);
  }
  const ordered = [...groups.values()].sort((a, b) =>
    rank(a.source) - rank(b.source) || (a.source.title < b.source.title ? -1 : 1)
  );
  return ordered.flatMap(({ source: { title, url }, rows }) => [
    `## ${title}\n`,
    ...url === undefined ? [] : [`<${url}>\n`],
    ...table(["Sentence", "Transcript", "Runs against"], rows),
  ]);
}

/** The base protocol first, our own extensions last. */
function rank({ title, url }: Source): number {
  return url === undefined ? 3 : title.startsWith("Modern") ? 0 : title.startsWith("RFC") ? 1 : 2;
}

function where(places: readonly PlaceName[]): string {
  const missing = PLACES.filter((name) => !places.includes(name));
  if (missing.length === 0) return "all";
  if (places.every(isHub)) return "the pure hub";
  return missing.length === 1 ? `all but ${missing[0]}` : list(places);
}

function capabilities(): string[][] {
  const hub = new TestHub({ storage: { sync: 1000 } as never });
  const session = hub.open();
  hub.say(session, "CAP LS 302");
  const values = new Map(
    hub.heard(session).flatMap((line) => line.replace(/^.*? :/, "").split(" ")).map((token) => {
      const [name = "", ...value] = token.split("=");
      return [name, value.join("=")];
    }),
  );
  return CAPABILITIES.map(({ name, spec }) => {
    const value = values.get(name);
    return [code(name), value ? code(value) : "", link(spec)];
  });
}

/** An address, or a page of docs/, which stands beside this one. */
function link(spec: string): string {
  if (!spec.startsWith("docs/")) return `<${spec}>`;
  const page = spec.slice("docs/".length);
  return `[${page}](${page})`;
}

function isupport(): string[][] {
  const hub = new TestHub();
  const session = hub.enter("reader");
  hub.say(session, "VERSION");
  const tokens = hub.heard(session).flatMap((line) =>
    /^\S+ 005 \S+ (.*) :/.exec(line)?.[1]?.split(" ") ?? []
  );
  return tokens.map((token) => {
    const [name = "", ...value] = token.split("=");
    return [code(name), value.length === 0 ? "" : code(value.join("="))];
  });
}

const WHO = {
  anyone: "all, before registration too",
  newcomer: "before registration only",
  session: "users and observers",
  user: "users",
} as const;

function commands(transcripts: readonly Named[]): string[][] {
  const used = new Map<string, string[]>();
  for (const { name, transcript } of transcripts) {
    const verbs = transcript.steps.flatMap((step) =>
      step.kind === "send"
        ? [step.line.replace(/^(?:@\S* +)?(?::\S* +)?/, "").split(" ")[0]!.toUpperCase()]
        : []
    );
    for (const verb of new Set(verbs)) used.set(verb, [...used.get(verb) ?? [], name]);
  }
  return [...VERBS].sort(([a], [b]) => a < b ? -1 : 1).map(([name, { min, who }]) => [
    code(name),
    String(min),
    WHO[who],
    examples(name, used.get(name) ?? []),
  ]);
}

/** At most so many are named. */
const MAX_EXAMPLES = 5;

/** Those that are about the command come first. */
function examples(verb: string, names: readonly string[]): string {
  const about = names.filter((name) => name.includes(verb.toLowerCase()));
  const shown = [...new Set([...about, ...names])].slice(0, MAX_EXAMPLES);
  const more = names.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function code(text: string): string {
  return text === "" ? "(empty)" : `\`${text}\``;
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line), ""];
}
