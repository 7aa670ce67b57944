/** Puts messages and gaps on standard output, as the flags of `logs` say. */
import type { Io } from "../../../lib/cli/command.ts";
import { loadPalette } from "../../../lib/cli/standard_streams.ts";
import type { Palette } from "../../../lib/cli/standard_streams.ts";
import type { HistoryItem, MessageEntry } from "../../../lib/client/conversation/model/chat_entry.ts";
import { MONOCHROME_MATCH, renderTextLines, stripFormatting } from "../../../lib/tui/view/message_text.ts";
import {
  formatDayHeading,
  formatEntry,
  formatEntryJson,
  formatGap,
  formatGapJson,
} from "../history_entry_text.ts";
import type { Layout } from "../history_entry_text.ts";
import { makeEntryRecord } from "../../../lib/client/history/entry_record.ts";
import type { OutputTemplate } from "../../../lib/cli/output_template.ts";
import type { MessageCommand } from "./message_command.ts";
import { newestShown } from "./selection.ts";
import type { ShownItem } from "./selection.ts";
import type { TextPattern } from "./text_pattern.ts";

/** Most items that are held until all are read (`--reverse`, and the newest of a file with those around them). */
const MAX_HELD_ITEMS = 100_000;
/** Items written between two waits for standard output. */
const CHUNK_ITEMS = 1000;

export interface ItemWriterOptions {
  readonly io: Io;
  readonly layout: Layout | "json";
  /** Shows each message instead of `layout`. */
  readonly template?: OutputTemplate | undefined;
  readonly utc: boolean;
  readonly palette: Palette;
  readonly isColored: boolean;
  /** Show the target of each message. */
  readonly places: boolean;
  /** What is looked for in the texts. */
  readonly pattern: TextPattern | undefined;
  /** Its matches are marked; "monochrome": without colours. */
  readonly marksMatches: boolean | "monochrome";
  /** Runs for each message that is wanted. */
  readonly command: MessageCommand | undefined;
  /** The newest first. */
  readonly isReversed: boolean;
  /** Only the newest so many wanted messages of all that come, with so many before the first; undefined: all. */
  readonly newest: { readonly count: number; readonly before: number } | undefined;
}

export class ItemWriter {
  readonly #options: ItemWriterOptions;
  /** Those that wait for {@link finish}. */
  #held: { item: ShownItem; me: string }[] = [];
  #hasDropped = false;
  #day = "";
  /** Loaded for the first text that needs it. */
  #countColumns = (text: string): number => text.length;
  #hasColumns = false;

  constructor(options: ItemWriterOptions) {
    this.#options = options;
  }

  /** Resolves when commands have run; what is written may still be queued. `me`: our nick. */
  async write(items: readonly ShownItem[], me: string): Promise<void> {
    const { isReversed, newest } = this.#options;
    if (!isReversed && newest === undefined) return await this.#put(items, me);
    for (const item of items) this.#held.push({ item, me });
    if (this.#held.length > 2 * MAX_HELD_ITEMS) this.#shorten();
  }

  /** Writes what was held. */
  async finish(): Promise<void> {
    const { io, isReversed, newest } = this.#options;
    this.#shorten();
    let held = this.#held;
    this.#held = [];
    if (newest !== undefined) {
      held = held.slice(held.length - newestShown(held.map(itemOf), newest.count, newest.before).length);
    }
    if (isReversed) held.reverse();
    for (let start = 0; start < held.length; start += CHUNK_ITEMS) {
      const chunk = held.slice(start, start + CHUNK_ITEMS);
      await this.#put(chunk.map(itemOf), chunk[0]!.me);
      await io.stdout.flush();
    }
    if (!this.#hasDropped) return;
    io.stderr.write(
      `chatterbox: only the newest ${MAX_HELD_ITEMS} messages are shown; older ones: --until, or without --reverse\n`,
    );
  }

  #shorten(): void {
    if (this.#held.length <= MAX_HELD_ITEMS) return;
    this.#held = this.#held.slice(-MAX_HELD_ITEMS);
    this.#hasDropped = true;
  }

  async #put(items: readonly ShownItem[], me: string): Promise<void> {
    const { io: { stdout }, command } = this.#options;
    for (const item of items) {
      if (!this.#hasColumns && needsColumns(item)) {
        ({ countColumns: this.#countColumns } = await import("../../../lib/base/text_width.ts"));
        this.#hasColumns = true;
      }
      stdout.write(this.#format(item, me));
      if (command === undefined || item.kind !== "message") continue;
      await stdout.flush(); // the command may write to the same place
      await command.run(item, me);
    }
  }

  #format(item: ShownItem, me: string): string {
    switch (item.kind) {
      case "break":
        return this.#options.layout === "json" || this.#options.template !== undefined
          ? ""
          : `${this.#options.palette.dim("--")}\n`;
      case "context":
        return this.#formatMessage(item.message, me, true);
      case "message":
        return this.#formatMessage(item, me, false);
      case "gap":
        return this.#formatGap(item);
    }
  }

  #formatMessage(entry: MessageEntry, me: string, isContext: boolean): string {
    const { layout, template, pattern, isColored, marksMatches } = this.#options;
    if (template !== undefined) return template.format(makeEntryRecord(entry, me));
    if (layout === "json") return formatEntryJson(entry, me, isContext ? { context: true } : {});
    const matches = marksMatches !== false && !isContext
      ? pattern?.findAll(stripFormatting(entry.text))
      : undefined;
    const matchStyle = marksMatches === "monochrome" ? MONOCHROME_MATCH : undefined;
    const countColumns = this.#countColumns;
    const lines = renderTextLines(entry.text, { isColored, matches, matchStyle, countColumns });
    return this.#headingOf(entry) + formatEntry(entry, { ...this.#options, layout }, lines);
  }

  #headingOf({ time }: HistoryItem): string {
    const { layout, utc } = this.#options;
    if (layout !== "md") return "";
    const heading = formatDayHeading(time, utc);
    if (heading === this.#day) return "";
    const shown = this.#day === "" ? heading.trimStart() : heading;
    this.#day = heading;
    return shown;
  }

  #formatGap(gap: HistoryItem & { kind: "gap" }): string {
    const { io, layout, template } = this.#options;
    if (layout === "json") return formatGapJson(gap);
    if (template !== undefined) {
      const plain = { ...this.#options, palette: loadPalette(false) };
      io.stderr.write(`chatterbox: ${formatGap(gap, plain, io.clock.now())}`);
      return "";
    }
    const text = formatGap(gap, this.#options, io.clock.now());
    return layout === "md" ? `${this.#headingOf(gap)}- *${text.trimEnd()}*\n` : text;
  }
}

function itemOf({ item }: { item: ShownItem }): ShownItem {
  return item;
}

/** Whether the width of wide characters decides where a tab stops. */
function needsColumns(item: ShownItem): boolean {
  const message = item.kind === "context" ? item.message : item;
  return message.kind === "message" && message.text.includes("\t") && /[^\t\n\x20-\x7e]/.test(message.text);
}
