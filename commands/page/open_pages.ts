/** `page --list` and `page --withdraw`. */
import { toPrintable } from "../../lib/base/printable_text.ts";
import { formatZonedTime, localTimeZone } from "../../lib/base/values/zoned_time.ts";
import type { Io } from "../../lib/cli/command.ts";
import { EXIT } from "../../lib/cli/exit_codes.ts";
import type { ExitCode } from "../../lib/cli/exit_codes.ts";
import { UsageError } from "../../lib/cli/flags/command_definition.ts";
import { formatJsonLine } from "../../lib/cli/json_line.ts";
import { loadPalette } from "../../lib/cli/standard_streams.ts";
import type { Palette } from "../../lib/cli/standard_streams.ts";
import { formatTable } from "../../lib/cli/table.ts";
import type { TableCell } from "../../lib/cli/table.ts";
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
  const request = (link: Link) => listPages(link, flags.all ? "all" : "open");
  return await requestOncall(io, asName(flags), request, async (pages, access) => {
    if (flags.json) io.stdout.write(pages.map(formatPageJson).join(""));
    else if (pages.length > 0) {
      io.stdout.write(await formatPages(pages, loadPalette(isColored(flags, io)), io));
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

function formatPageJson({ number, list, state, openedAt, pager, by, at, text }: PageItem): string {
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
  });
}

/** A screen with fewer columns has no space for the time and the pager. */
const NARROW_COLUMNS = 60;
/** Widths to which list, state, text and pager may be cut. */
const LEAST_WIDTHS = { 1: 6, 2: 8, 3: 10, 5: 6 };

async function formatPages(pages: readonly PageItem[], palette: Palette, io: Io): Promise<string> {
  const columns = io.stdout.size()?.columns;
  const shown = columns !== undefined && columns < NARROW_COLUMNS ? 4 : undefined;
  const zone = localTimeZone();
  const cells = pages.map((page): TableCell[] => [
    { text: String(page.number), paint: palette.bold },
    { text: toPrintable(page.list) },
    { text: toPrintable(describeState(page)), ...page.state === "ringing" && { paint: palette.alarm } },
    { text: toPrintable(page.text) },
    { text: page.openedAt === undefined ? "" : formatZonedTime(page.openedAt, zone).slice(5, 16) },
    { text: toPrintable(page.pager), paint: palette.name },
  ]);
  const heading = ["PAGE", "LIST", "STATE", "TEXT", "OPENED", "FROM"].slice(0, shown);
  const rows = cells.map((row) => row.slice(0, shown));
  return await formatTable(
    heading,
    rows,
    palette.dim,
    columns === undefined ? undefined : { columns, least: LEAST_WIDTHS },
  );
}

function describeState({ state, by }: PageItem): string {
  return state === "acknowledged" && by !== undefined ? `${by} has it` : state;
}
