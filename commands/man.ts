/** `chatterbox man`: manual pages of the program and its commands, from the tables of which the help is made. */
import { toPrintable } from "../lib/base/printable_text.ts";
import { VERSION } from "../lib/base/version.ts";
import type { Command, Io } from "../lib/cli/command.ts";
import { EXIT } from "../lib/cli/exit_codes.ts";
import type { ExitCode } from "../lib/cli/exit_codes.ts";
import { defineCommand, UsageError } from "../lib/cli/flags/command_definition.ts";
import { listWithParts } from "../lib/cli/flags/flag_owners.ts";
import { suggestWord } from "../lib/cli/flags/word_suggestion.ts";
import { diskErrorText } from "../lib/store/disk/disk_file.ts";
import { reportFailure } from "../lib/cli/standard_streams.ts";
import { formatCommandPage, formatProgramPage, pageName } from "./man/page.ts";

export const command: Command = defineCommand({
  name: "man",
  summary: "Print a manual page, or write all of them.",
  synopsis: ["[COMMAND]", "--dir DIR"],
  permissions: ["read", "write"],
  examples: [
    ["chatterbox man send | man -l -", "read chatterbox-send(1)"],
    ["chatterbox man --dir ~/.local/share/man/man1", "then: man chatterbox, man chatterbox-send"],
  ],
  flags: {
    dir: { type: "string", value: "DIR", help: "write a file for each page into this folder" },
  },
  operands: [{ sources: ["commands"] }],
  notes: [
    "The pages say what --help says, in the form that man and mandoc read. Without COMMAND it is the page of the " +
    "program. --dir makes the folder if it is not there, and replaces pages that are.",
  ],
  exitCodes: [["0", "done"], ["64", "wrong usage"], ["73", "a page cannot be written"]],
}, async ({ dir }, words, io) => {
  if (dir === undefined) io.revoke(["write"]);
  else if (words.length > 0) throw new UsageError("give a COMMAND or --dir, not both");
  const pages = makePages(await io.commands(), editionDate(io));
  if (dir !== undefined) return await writePages(pages, dir, io);
  const wanted = pageName(words.join(" ").replace(/^chatterbox[- ]?/, ""));
  const page = pages.get(wanted);
  if (page === undefined) throw new UsageError(describeUnknownPage(wanted, [...pages.keys()]));
  io.stdout.write(page);
  if (io.stdout.isTerminal) {
    io.stderr.write("chatterbox: this is the source of the page; to read it, add: | man -l -\n");
  }
  return EXIT.ok;
});

/**
 * The date of the pages, `2026-11-30`: today, or that of the source where a package is built
 * (https://reproducible-builds.org/specs/source-date-epoch/).
 */
function editionDate(io: Io): string {
  const seconds = io.env("SOURCE_DATE_EPOCH") ?? "";
  const at = /^\d{1,11}$/.test(seconds) ? Number(seconds) * 1000 : io.clock.now();
  return new Date(at).toISOString().slice(0, 10);
}

/** The text of each page, by its name. */
function makePages(commands: readonly Command[], date: string): Map<string, string> {
  const edition = { version: VERSION, date };
  return new Map([
    [pageName(""), formatProgramPage(commands, edition)],
    ...commands.flatMap(listWithParts).map(({ help, parts = {} }): [string, string] => [
      pageName(help.name),
      formatCommandPage(help, Object.values(parts), edition),
    ]),
  ]);
}

function describeUnknownPage(name: string, known: readonly string[]): string {
  const near = suggestWord(
    name.replace("chatterbox-", ""),
    known.map((each) => each.replace("chatterbox-", "")),
  );
  const advice = near === undefined ? "" : `; did you mean ${near}?`;
  return `there is no page ${toPrintable(name)}(1)${advice}`;
}

async function writePages(pages: ReadonlyMap<string, string>, dir: string, io: Io): Promise<ExitCode> {
  let path = dir;
  try {
    await Deno.mkdir(dir, { recursive: true });
    for (const [name, text] of pages) {
      path = `${dir}/${name}.1`;
      await Deno.writeTextFile(path, text);
    }
  } catch (error) {
    const why = diskErrorText(error).replace(/ \(os error \d+\).*$/, "");
    return reportFailure(io, EXIT.cannotCreate, `${path}: ${why}`);
  }
  io.stdout.write(`${pages.size} pages are in ${toPrintable(dir)}\n`);
  return EXIT.ok;
}
