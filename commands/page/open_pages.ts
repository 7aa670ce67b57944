/** `page --list` and `page --withdraw`. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import { formatDuration } from "../../lib/base/values/duration.ts";
import { formatZonedTime, localTimeZone } from "../../lib/base/values/zoned_time.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { UsageError } from "../../lib/cli/flags/command_definition.ts";
import { wrapText } from "../../lib/cli/flags/help_layout.ts";
import { formatJsonLine } from "../../lib/cli/json_line.ts";
import { loadPalette } from "../../lib/cli/standard_streams.ts";
import type { Palette } from "../../lib/cli/standard_streams.ts";
import { formatTable } from "../../lib/cli/table.ts";
import type { TableCell } from "../../lib/cli/table.ts";
import { describeProgress, describeRung } from "../../lib/client/conversation/oncall/page_item.ts";
import type { PageItem } from "../../lib/client/conversation/oncall/page_item.ts";
import type { Link } from "../../lib/client/connection/link.ts";
import { listPages, withdrawPage } from "../../lib/client/oncall/oncall_requests.ts";
import { reportOncallFailure, reportUnsavedEnd } from "../oncall/failure_text.ts";
import { requestOncall, withNameLink } from "../oncall/name_link.ts";
import type { ClientFlags } from "../support/client_options.ts";
import { isColored } from "../support/color_option.ts";
import type { ColorFlags } from "../support/color_option.ts";

export interface OpenPagesFlags extends ClientFlags, ColorFlags {
  readonly from: string | undefined;
  readonly json: boolean;
  readonly all: boolean;
}

export async function listOpenPages(
  words: readonly string[],
  flags: OpenPagesFlags,
  io: Io,
): Promise<ExitCode> {
  if (words[0] !== undefined) throw new UsageError(`unexpected argument ${words[0]}`);
  const which = flags.all ? "all" : "open";
  const request = (link: Link) => listPages(link, which);
  return await requestOncall(io, asName(flags), request, async (pages, access) => {
    if (flags.json) io.stdout.write(pages.map(formatPageJson).join(""));
    else if (pages.length > 0) {
      await printPages(pages, flags, io);
    } else io.stderr.write(`chatterbox: there are no ${flags.all ? "" : "open "}pages of ${access.name}\n`);
  });
}

/** Withdraws all that it can; the exit code is that of the first that it cannot. */
export async function withdrawPages(
  ids: readonly string[],
  flags: OpenPagesFlags,
  io: Io,
): Promise<ExitCode> {
  if (ids.length === 0) throw new UsageError("give the id of the page; page shows it when it opens one");
  if (flags.json) throw new UsageError("--json is not for --withdraw");
  return await withNameLink(io, asName(flags), async (link, access) => {
    let code: ExitCode = EXIT.ok;
    for (const id of ids) {
      const outcome = await withdrawPage(link, id);
      if (outcome.kind === "done") io.stdout.write(`${toPrintable(outcome.value.text)}\n`);
      const failure = outcome.kind !== "done"
        ? reportOncallFailure(outcome, access, io)
        : outcome.value.isSaved
        ? undefined
        : reportUnsavedEnd(io);
      if (failure !== undefined && code === EXIT.ok) code = failure;
    }
    return code;
  });
}

function asName(flags: OpenPagesFlags): ClientFlags {
  return { ...flags, name: flags.from, nameFlag: "--from NAME" };
}

function formatPageJson(
  { number, list, state, openedAt, pager, by, at, text, rung, progress }: PageItem,
): string {
  const time = (ms: number | undefined) => ms === undefined ? null : new Date(ms).toISOString();
  const isSilenced = state === "silenced";
  return formatJsonLine({
    number,
    list,
    state,
    time: time(openedAt),
    from: pager,
    who: by ?? null,
    ended: isSilenced ? null : time(at),
    silenced_until: isSilenced ? time(at) : null,
    text,
    rung: rung.map(({ name, how }) => ({ who: name, how })),
    step: progress?.step ?? null,
    steps: progress?.steps ?? null,
    next: progress?.next ?? [],
    next_at: time(progress?.nextAt),
  });
}

/** On a screen with fewer columns each page is a few lines instead of a row, with its whole text. */
const NARROW_COLUMNS = { open: 110, all: 72, ringing: 150 } as const;
/** Widths to which list, state, text, pager, people and step may be cut. */
const LEAST_WIDTHS = { 1: 6, 2: 8, 3: 10, 5: 6, 6: 14, 7: 22 };
/** Lines of a page are wrapped to this width at least. */
const LEAST_LINE_COLUMNS = 20;

async function printPages(pages: readonly PageItem[], flags: OpenPagesFlags, io: Io): Promise<void> {
  const { stdout, stderr, clock } = io;
  const palette = loadPalette(isColored(flags, io));
  const columns = stdout.size()?.columns;
  const as = flags.from === undefined ? "" : ` --name ${flags.from}`;
  const hasProgress = pages.some(({ rung, progress }) => rung.length > 0 || progress !== undefined);
  const narrow = NARROW_COLUMNS[hasProgress ? "ringing" : flags.all ? "all" : "open"];
  if (columns !== undefined && columns < narrow) {
    stdout.write(pages.map((page) => formatBlock(page, as, palette, clock.now(), columns)).join(""));
    return;
  }
  const rows = pages.map((page): TableCell[] => [
    { text: String(page.number), paint: palette.bold },
    { text: toPrintable(page.list) },
    { text: toPrintable(describeState(page)), ...page.state === "ringing" && { paint: palette.alarm } },
    { text: toPrintable(page.text) },
    { text: describeOpened(page, clock.now()) },
    { text: toPrintable(page.pager), paint: palette.name },
    { text: toPrintable(describeRung(page) ?? "") },
    { text: toPrintable(describeProgress(page, clock.now()) ?? "") },
  ]);
  const heading = [
    "PAGE",
    "LIST",
    "STATE",
    "TEXT",
    "OPENED",
    "FROM",
    ...hasProgress ? ["PEOPLE", "STEP"] : [],
  ];
  const fit = columns === undefined ? undefined : { columns, least: LEAST_WIDTHS };
  stdout.write(await formatTable(heading, rows, palette.dim, fit));
  const [first] = pages.filter(isOpen);
  const example = `chatterbox ack ${first?.number}${as}`;
  if (first !== undefined) {
    stderr.write(toPrintable(`chatterbox: ${example} acknowledges page ${first.number}`) + "\n");
  }
}

/**
 *     12 ops: ringing
 *       db1 is down
 *       rings alice, bob (offline)
 *       step 2 of 3; next carol in 4m
 *       12-01 03:12 (8m 5s ago) from ci
 *       chatterbox ack 12
 */
function formatBlock(page: PageItem, as: string, palette: Palette, now: number, columns: number): string {
  const { number, list, state, text, pager, at } = page;
  const end = isOpen(page) || at === undefined ? "" : `, ${formatShortTime(at)}`;
  const words = toPrintable(describeState(page) + end);
  const lines = [
    toPrintable(text),
    ...[describeRung(page), describeProgress(page, now)].flatMap((words) =>
      wrapHanging(words ?? "", columns)
    ),
    `${describeOpened(page, now)} from ${palette.name(toPrintable(pager))}`,
    ...isOpen(page) ? [toPrintable(`chatterbox ack ${number}${as}`)] : [],
  ];
  const heading = `${palette.bold(String(number))} ${toPrintable(list)}: ${
    state === "ringing" ? palette.alarm(words) : words
  }`;
  return [heading, ...lines.map((line) => `  ${line}`)].join("\n") + "\n";
}

/** `text` in lines of a block on so many columns, of which all but the first are further in; none for "". */
function wrapHanging(text: string, columns: number): string[] {
  if (text === "") return [];
  const lines = wrapText(toPrintable(text), Math.max(LEAST_LINE_COLUMNS, columns - 4));
  return lines.map((line, nth) => nth === 0 ? line : `  ${line}`);
}

/** `12-01 03:12 (8m 5s ago)`, in the time zone of this machine. */
function describeOpened({ openedAt }: PageItem, now: number): string {
  if (openedAt === undefined) return "";
  return `${formatShortTime(openedAt)} (${formatDuration(now - openedAt)} ago)`;
}

function formatShortTime(time: number): string {
  return formatZonedTime(time, localTimeZone()).slice(5, 16);
}

function describeState({ state, by, at }: PageItem): string {
  if (state === "silenced") return at === undefined ? state : `silenced until ${formatShortTime(at)}`;
  return state === "acknowledged" && by !== undefined ? `${by} has it` : state;
}

function isOpen({ state }: PageItem): boolean {
  return state === "ringing" || state === "silenced";
}
