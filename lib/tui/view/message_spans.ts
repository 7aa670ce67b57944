/**
 * The text of a message for a screen: mIRC formatting as styles, Markdown's marks in place and what they mean shown, tabs to
 * the next stop, addresses as links. Nothing of the text controls the terminal. Pure.
 */
import { countColumns } from "../../base/text_width.ts";
import { findInlineRanges } from "./inline_marks.ts";
import type { InlineRange } from "./inline_marks.ts";
import { expandTabs, parseFormatting } from "./message_text.ts";
import { NEXT_LINE } from "./styled_line.ts";
import type { StyledSpan } from "./styled_line.ts";

const FENCE = "```";
/** A line that opens a block of code, with the name of a language or without. */
const FENCE_PATTERN = /^\s*```[\w+#.-]{0,20}\s*$/;
/** A line without any of these is shown as it is. */
const IS_PLAIN = /^[ -)+-^a-}]*$/;
const FAINT = "2";

/** `text`, which has a line feed between lines, with {@link NEXT_LINE} between them; `style`: of all of it. */
export function renderMessageText(text: string, style?: StyledSpan["style"]): StyledSpan[] {
  const lines = text.split("\n");
  const lastFence = lines.findLastIndex((line) => line.trim() === FENCE);
  let isCode = false;
  return lines.flatMap((line, index) => {
    const isFence = isCode ? line.trim() === FENCE : index < lastFence && FENCE_PATTERN.test(line);
    const spans = isFence
      ? [{ text: line.trim(), sgr: FAINT }]
      : isCode
      ? renderLine(line, () => [])
      : renderLine(line, findInlineRanges);
    if (isFence) isCode = !isCode;
    return [...index === 0 ? [] : [NEXT_LINE], ...spans.map((span) => style ? { ...span, style } : span)];
  });
}

function renderLine(line: string, findRanges: (line: string) => readonly InlineRange[]): StyledSpan[] {
  if (IS_PLAIN.test(line) && !line.includes("://")) return [{ text: line }];
  const parts = parseFormatting(line);
  const ranges = findRanges(parts.map(({ text }) => text).join(""));
  const spans: StyledSpan[] = [];
  let [offset, column] = [0, 0];
  for (const { text, style } of parts) {
    for (const { start, end, covering } of cutAt(ranges, offset, offset + text.length)) {
      const shown = expandTabs(text.slice(start - offset, end - offset), column, countColumns);
      column += countColumns(shown);
      const sgr = [style, ...covering.map((range) => range.sgr ?? "")].filter((one) => one !== "").join(";");
      const link = covering.find((range) => range.link !== undefined)?.link;
      if (shown !== "") spans.push({ text: shown, ...sgr !== "" && { sgr }, ...link && { link } });
    }
    offset += text.length;
  }
  return spans;
}

/** The parts of `start` to `end` between the ends of `ranges`, each with the ranges that cover it. */
function* cutAt(ranges: readonly InlineRange[], start: number, end: number) {
  const cuts = new Set([start, end]);
  for (const range of ranges) {
    for (const cut of [range.start, range.end]) if (cut > start && cut < end) cuts.add(cut);
  }
  const ends = [...cuts].sort((a, b) => a - b);
  for (let i = 0; i + 1 < ends.length; i++) {
    const [from, to] = [ends[i]!, ends[i + 1]!];
    yield {
      start: from,
      end: to,
      covering: ranges.filter((range) => range.start <= from && range.end >= to),
    };
  }
}
