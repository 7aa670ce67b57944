/**
 * The text of a message as segments to draw: links, names of rooms and people, code, emphasis of Markdown (`**bold**`,
 * `*italic*`, `~~strike~~`) and of mIRC. All of it is text: nothing in a message becomes HTML. The time grows with the
 * length of the text and no faster. Pure.
 */
import { toPrintableText } from "../../../base/printable_text.ts";
import { isSameName } from "../../../irc/names/casemap.ts";
import { readInlineTokens } from "./inline_tokens.ts";
import type { EmphasisMark, InlineToken, NameContext } from "./inline_tokens.ts";
import { splitFormatting } from "./irc_formatting.ts";
import type { Segment, SegmentedText, TextStyle } from "./segment.ts";

const FENCE = "```";
/** `rust` in the line that opens a block of code. */
const LANGUAGE_PATTERN = /^[\w+#.-]{0,20}$/;
/** Emoji of a message that has nothing else. */
const MAX_LARGE_EMOJI = 6;
/** Longer than as many emoji of several code points each, with spaces. */
const MAX_EMOJI_TEXT = 40 * MAX_LARGE_EMOJI;

let emojiPattern: RegExp | undefined;

/** The parts of `text`, which has a line feed between lines. */
export function segmentText(text: string, names: NameContext): SegmentedText {
  const segments: Segment[] = [];
  const lines = text.split("\n");
  const fences = findFences(lines);
  let isAfterText = false;
  for (let index = 0; index < lines.length; index++) {
    const block = readBlock(lines, index, fences);
    if (block !== undefined) {
      segments.push(block.segment);
      index = block.end;
      isAfterText = false;
      continue;
    }
    if (isAfterText) segments.push({ kind: "line_break" });
    for (const segment of segmentLine(lines[index]!, names)) addSegment(segments, segment);
    isAfterText = true;
  }
  return { segments, isEmojiOnly: isEmojiOnly(text) };
}

/** Whether `text` is a few emoji and nothing else. */
export function isEmojiOnly(text: string): boolean {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > MAX_EMOJI_TEXT) return false;
  emojiPattern ??= new RegExp(`^(?:\\p{RGI_Emoji}\\s*){1,${MAX_LARGE_EMOJI}}$`, "v");
  return emojiPattern.test(trimmed);
}

/** The lines that are a fence and nothing else. */
interface Fences {
  /** Indexes, in order. */
  readonly lines: readonly number[];
  /** The first of them that may be ahead. */
  next: number;
}

function findFences(lines: readonly string[]): Fences {
  return { lines: lines.flatMap((line, index) => line.trim() === FENCE ? [index] : []), next: 0 };
}

interface CodeBlock {
  readonly segment: Segment;
  /** Index of its last line. */
  readonly end: number;
}

/** The block of code that begins at the line `index`; undefined: none does. `fences`: those that can close it. */
function readBlock(lines: readonly string[], index: number, fences: Fences): CodeBlock | undefined {
  const line = lines[index]!.trim();
  if (!line.startsWith(FENCE)) return undefined;
  const rest = line.slice(FENCE.length);
  if (rest.length > FENCE.length && rest.endsWith(FENCE)) {
    const text = rest.slice(0, -FENCE.length);
    return text.includes(FENCE) ? undefined : makeBlock([text.trim()], "", index);
  }
  if (!LANGUAGE_PATTERN.test(rest)) return undefined;
  while (fences.lines[fences.next] !== undefined && fences.lines[fences.next]! <= index) fences.next++;
  const end = fences.lines[fences.next];
  return end === undefined ? undefined : makeBlock(lines.slice(index + 1, end), rest, end);
}

function makeBlock(lines: readonly string[], language: string, end: number): CodeBlock {
  return { segment: { kind: "code_block", text: lines.map(toPrintableText).join("\n"), language }, end };
}

function segmentLine(line: string, names: NameContext): Segment[] {
  return splitFormatting(line).flatMap(({ text, style }) =>
    style.monospace ? [makeText(text, style)] : emphasise(readInlineTokens(text, names), style, names)
  );
}

const MARK_STYLES: Readonly<Record<EmphasisMark, TextStyle>> = {
  "**": { bold: true },
  "__": { bold: true },
  "*": { italic: true },
  "_": { italic: true },
  "~~": { strike: true },
};

/** The segments of one run: marks that have a partner change the style between, others are text. */
function emphasise(tokens: readonly InlineToken[], base: TextStyle, names: NameContext): Segment[] {
  const partners = pairMarks(tokens);
  const open: TextStyle[] = [base];
  return tokens.flatMap((token, index): Segment[] => {
    const style = open.at(-1)!;
    if (token.kind !== "mark") return [makeSegment(token, style, names)];
    const partner = partners.get(index);
    if (partner === undefined) return [makeText(token.text, style)];
    if (partner > index) open.push({ ...style, ...MARK_STYLES[token.text] });
    else open.pop();
    return [];
  });
}

/** The index of the partner of each mark that has one. Pairs do not cross. */
function pairMarks(tokens: readonly InlineToken[]): Map<number, number> {
  const partners = new Map<number, number>();
  const open: { readonly index: number; readonly text: EmphasisMark }[] = [];
  const counts = new Map<EmphasisMark, number>();
  const count = (text: EmphasisMark, change: number) => counts.set(text, (counts.get(text) ?? 0) + change);
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "mark") continue;
    const { text, canOpen, canClose } = token;
    if (canClose && (counts.get(text) ?? 0) > 0) {
      for (let opening = open.pop(); opening !== undefined; opening = open.pop()) {
        count(opening.text, -1);
        if (opening.text !== text) continue;
        partners.set(opening.index, index).set(index, opening.index);
        break;
      }
    } else if (canOpen) {
      open.push({ index, text });
      count(text, 1);
    }
  }
  return partners;
}

function makeSegment(
  token: Exclude<InlineToken, { kind: "mark" }>,
  style: TextStyle,
  { nick }: NameContext,
): Segment {
  const text = toPrintableText(token.text);
  switch (token.kind) {
    case "text":
      return { kind: "text", text, style };
    case "code":
      return { kind: "code", text };
    case "link":
      return { kind: "link", text, href: token.href, style };
    case "room":
      return { kind: "room", text, style };
    case "mention":
      return { kind: "mention", text, isOwn: isSameName(token.text, nick), style };
  }
}

function makeText(text: string, style: TextStyle): Segment {
  return { kind: "text", text: toPrintableText(text), style };
}

/** Neighbours of one style are one segment; an empty one is none. */
function addSegment(segments: Segment[], segment: Segment): void {
  const last = segments.at(-1);
  if (segment.kind === "text" && segment.text === "") return;
  if (last?.kind === "text" && segment.kind === "text" && last.style === segment.style) {
    segments[segments.length - 1] = { ...last, text: last.text + segment.text };
  } else segments.push(segment);
}

/** Whether `href` looks like an image that the page may show: the content policy allows encrypted ones only. */
export function isImageLink(href: string): boolean {
  return /^https:[^?#]+\.(?:png|jpe?g|gif|webp|avif)(?:[?#]|$)/i.test(href);
}
