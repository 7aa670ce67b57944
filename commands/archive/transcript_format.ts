/** A room of the archive for people: as plain text, or in Markdown. Times are in UTC. */
import { toPrintable, toPrintableText } from "../../lib/base/printable_text.ts";
import { formatTime, formatUtcDate } from "../../lib/base/values/timestamp.ts";
import { isCtcp, makeMessageEntry } from "../../lib/client/conversation/model/entry_parser.ts";
import { describeGap } from "../../lib/client/conversation/model/gap_text.ts";
import { decodeEvent } from "../../lib/hub/log/event_codec.ts";
import { nickOf } from "../../lib/hub/model/identifiers.ts";
import { joinConcatenated } from "../../lib/irc/multiline.ts";
import { escapeMarkdown } from "../support/markdown_text.ts";
import type { ArchivedRecord, ArchiveLoss } from "../../lib/log/archive.ts";

export interface TranscriptFormat {
  /** Before the first line of the room `name`. */
  heading(name: string): string;
  /** The lines of a record; "": it is not shown. `isNewDay`: it is the first one of its day in UTC. */
  line(record: ArchivedRecord, isNewDay: boolean): string;
  /** The line of records that are lost, after a record of the time `after` and before the one of `before`, if any. */
  gap(loss: ArchiveLoss, after: number, before: number | undefined): string;
}

interface TranscriptEntry {
  readonly from: string;
  readonly manner: "said" | "did" | "notice" | "topic" | "rename";
  readonly lines: readonly string[];
}

/** Before further lines of a message. */
const CONTINUED = "    ";

export const PLAIN_TEXT: TranscriptFormat = {
  heading: (name) => `${toPrintable(name)}\n\n`,
  line(record) {
    const entry = readEntry(record);
    if (entry === undefined) return "";
    const text = entry.lines.join(`\n${CONTINUED}`);
    return `${formatTime(record.time, true)} ${introduce(entry)}${text}\n`;
  },
  gap: (...gap) => `${describeLoss(...gap)}\n`,
};

export const MARKDOWN: TranscriptFormat = {
  heading: (name) => `# ${escapeMarkdown(toPrintable(name))}\n`,
  line(record, isNewDay) {
    const entry = readEntry(record);
    if (entry === undefined) return "";
    const day = isNewDay ? `\n## ${formatUtcDate(record.time)}\n\n` : "";
    const time = formatTime(record.time, true).slice("2026-01-31 ".length, -1);
    const text = entry.lines.map(escapeMarkdown).join(`  \n${CONTINUED}`);
    return `${day}- ${time} ${escapeMarkdown(introduce(entry))}${text}\n`;
  },
  gap: (...gap) => `- *${escapeMarkdown(describeLoss(...gap))}*\n`,
};

function readEntry({ seq, time, payload }: ArchivedRecord): TranscriptEntry | undefined {
  const event = decodeEvent(payload);
  switch (event?.kind) {
    case "topic":
      return { from: nickOf(event.source), manner: "topic", lines: [toPrintableText(event.topic)] };
    case "rename":
      return { from: nickOf(event.source), manner: "rename", lines: [toPrintableText(event.to)] };
    case "message": {
      if (event.verb === "TAGMSG") return undefined;
      const entry = makeMessageEntry({
        seq,
        id: undefined,
        time,
        from: nickOf(event.source),
        to: event.target.name,
        verb: event.verb,
        text: joinConcatenated(event.text),
      });
      if (isCtcp(entry)) return undefined;
      return { from: entry.from, manner: entry.manner, lines: entry.text.split("\n").map(toPrintableText) };
    }
    default:
      return undefined;
  }
}

function describeLoss({ from, until }: ArchiveLoss, after: number, before: number | undefined): string {
  const gap = describeGap(
    { count: undefined, why: "overwritten", after, before },
    (time) => formatTime(time, true),
  );
  return `${gap} (${until === from + 1 ? `record ${from}` : `records ${from} to ${until - 1}`} of all rooms)`;
}

function introduce({ from, manner }: TranscriptEntry): string {
  const name = toPrintable(from);
  switch (manner) {
    case "said":
      return `${name}: `;
    case "did":
      return `* ${name} `;
    case "notice":
      return `-${name}- `;
    case "topic":
      return `* ${name} changed the topic: `;
    case "rename":
      return `* ${name} renamed the room: `;
  }
}
